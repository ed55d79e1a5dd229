import type { Kind, Metadata, PublicationInfo, Source, SubscriptionStatus } from '../protocol/index.ts';
import { setTrack, swapTrack } from './attach.ts';
import { JitterTarget } from './JitterTarget.ts';
import type { Playback } from './Playback.ts';
import type { RemoteParticipant } from './RemoteParticipant.ts';
import { Stillness } from './Stillness.ts';
import type { VideoCounters } from './videoCounters.ts';

/** Layers that are received right now, 0 the lowest. */
export interface ReceivedLayers {
  spatial: number;
  temporal: number;
}

/** How a publication is received: a consumer, as far as this object needs to know it. */
export interface Reception {
  readonly track: MediaStreamTrack;
  /** Nothing comes any more: the track shows its last picture. */
  readonly closed: boolean;
  readonly rtpReceiver?: RTCRtpReceiver | undefined;
  getStats(): Promise<RTCStatsReport>;
}

/** Told which elements show videos. */
export interface ElementListener {
  attached(element: HTMLVideoElement): void;
  detached(element: HTMLVideoElement): void;
}

/** One track that somebody else sends. The object stays the same when its track or its id changes. */
export class RemotePublication {
  readonly participant: RemoteParticipant;
  readonly #playback: Playback;
  readonly #listener: ElementListener;
  readonly #elements = new Set<HTMLMediaElement>();
  readonly #videoElements = new Set<HTMLVideoElement>();
  /** Those made here, in which tracks may be exchanged. */
  readonly #streams = new WeakSet<MediaStream>();
  #info: PublicationInfo;
  #reception: Reception | undefined;
  #status: SubscriptionStatus | 'unsubscribed' = 'unsubscribed';
  #layers: ReceivedLayers | undefined;
  readonly #stillness = new Stillness();
  readonly #jitterTarget = new JitterTarget();

  /** @internal */
  constructor(participant: RemoteParticipant, info: PublicationInfo, playback: Playback, listener: ElementListener) {
    this.participant = participant;
    this.#info = info;
    this.#playback = playback;
    this.#listener = listener;
  }

  get publicationId(): string {
    return this.#info.publicationId;
  }

  get source(): Source {
    return this.#info.source;
  }

  get kind(): Kind {
    return this.#info.kind;
  }

  /** Whether the publisher has muted it; a muted camera is one that is off. */
  get muted(): boolean {
    return this.#info.muted;
  }

  /** Captured width in pixels; undefined for audio. */
  get width(): number | undefined {
    return this.#info.width;
  }

  /** Captured height in pixels; undefined for audio. */
  get height(): number | undefined {
    return this.#info.height;
  }

  /** Lower-case codec name, for example `opus` or `vp8`. */
  get codec(): string {
    return this.#info.codec;
  }

  /** How many spatial layers the publisher offers. */
  get spatialLayers(): number {
    return this.#info.spatialLayers;
  }

  get metadata(): Metadata {
    return this.#info.metadata;
  }

  /** What is received; undefined while it is not subscribed. */
  get track(): MediaStreamTrack | undefined {
    return this.#reception?.track;
  }

  /** Whether packets flow, and why not. */
  get status(): SubscriptionStatus | 'unsubscribed' {
    if (!this.#reception) return this.#status === 'cannot-decode' ? 'cannot-decode' : 'unsubscribed';
    return this.#status === 'active' && this.#info.muted ? 'muted' : this.#status;
  }

  /** The layers that arrive now; undefined for audio and while nothing flows. */
  get layers(): ReceivedLayers | undefined {
    return this.#layers;
  }

  /**
   * A camera whose picture has stood still for two seconds though it should flow: somewhere on the way a connection is
   * poor or gone. Never true for a shared screen, on which nothing may happen for long.
   */
  get stalled(): boolean {
    return this.#stillness.stalled;
  }

  /**
   * Shows or plays this publication in an element, now and whenever its track comes or changes: it may be attached
   * before there is one. A video is received as large as its elements are drawn, and only while one of them can be seen,
   * unless the application has called `Room.setView()`. Where the browser blocks sound, the room fires `audioBlocked`.
   * Returns a function that ends it.
   */
  attach(element: HTMLMediaElement): () => void {
    this.#elements.add(element);
    this.#show(element);
    if (this.kind === 'video' && element instanceof HTMLVideoElement) {
      this.#videoElements.add(element);
      this.#listener.attached(element);
    }
    return () => {
      if (!this.#elements.delete(element)) return;
      element.srcObject = null;
      this.#playback.forget(element);
      if (!(element instanceof HTMLVideoElement) || !this.#videoElements.delete(element)) return;
      this.#listener.detached(element);
    };
  }

  /** @internal Those that show it. */
  get videoElements(): ReadonlySet<HTMLVideoElement> {
    return this.#videoElements;
  }

  #show(element: HTMLMediaElement): void {
    if (!this.#reception) {
      element.srcObject = null;
      this.#playback.forget(element);
      return;
    }
    const { track } = this.#reception;
    const { srcObject } = element;
    if (srcObject instanceof MediaStream && this.#streams.has(srcObject)) swapTrack(track, srcObject);
    else {
      const stream = setTrack(track, element);
      // Sound has nothing to keep.
      if (this.kind === 'video') this.#streams.add(stream);
    }
    this.#playback.play(element);
  }

  /** @internal Its track is about to end, and another one to come: Chromium would paint black in between. */
  holdPicture(): void {
    for (const element of this.#videoElements) element.pause();
  }

  /** @internal */
  update(info: PublicationInfo): void {
    this.#info = info;
  }

  /**
   * @internal
   * @param counters undefined where the browser counts nothing of its track
   * @param now milliseconds of a clock that does not jump
   * @returns whether `stalled` is another one now
   */
  look(counters: VideoCounters | undefined, now: number): boolean {
    this.#holdBack(this.#jitterTarget.look(counters, now));
    const flows = this.source === 'camera' && (this.status === 'active' || this.status === 'inactive');
    return this.#stillness.look(flows, counters?.frames, now);
  }

  #holdBack(target: number | null): void {
    const receiver = this.#reception?.rtpReceiver;
    // Older browsers have no such attribute.
    if (!receiver || !('jitterBufferTarget' in receiver) || receiver.jitterBufferTarget === target) return;
    receiver.jitterBufferTarget = target;
  }

  /** @internal The consumer's statistics, or undefined while there is none. */
  stats(): Promise<RTCStatsReport> | undefined {
    return this.#reception?.closed ? undefined : this.#reception?.getStats();
  }

  /** @internal */
  get reception(): Reception | undefined {
    return this.#reception;
  }

  /** @internal */
  setReception(reception: Reception | undefined): void {
    this.#reception = reception;
    this.#layers = undefined;
    if (!reception) this.#status = 'unsubscribed';
    else if (this.#status === 'unsubscribed') this.#status = 'active';
    for (const element of this.#elements) this.#show(element);
  }

  /** @internal */
  setState(status: SubscriptionStatus, layers: ReceivedLayers | undefined): void {
    this.#status = status;
    this.#layers = layers;
  }
}
