import type { types } from 'mediasoup-client';
import type { Kind, Metadata, Source, VideoCodec } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { planEncodings, spatialLayers } from './encodings.ts';
import { makeId } from './ids.ts';
import { Serial } from './Serial.ts';
import type { Session } from './Session.ts';
import { hasSize, sameSize, sizeOf, type TrackSize } from './trackSize.ts';
import { fromRtpParameters } from './wire.ts';

/** @internal What a publication needs of those around it. */
export interface PublicationHost {
  /** The visit that is joined now; undefined while there is none. */
  session(): Session | undefined;
  /** The codec that a video is to be sent in now. */
  codec(wanted: VideoCodec): VideoCodec;
  changed(publication: LocalPublication): void;
  /** The track ended by itself: the device is gone, or its permission. */
  ended(publication: LocalPublication, track: MediaStreamTrack): void;
}

/** @internal */
export interface LocalPublicationOptions {
  source: Source;
  track: MediaStreamTrack;
  muted: boolean;
  metadata: Metadata;
  codec: VideoCodec;
  svc: boolean;
  /** Stop tracks that are no longer needed. */
  ownsTrack: boolean;
  /** Starts the device again; without it a muted video keeps its track. */
  capture: (() => Promise<MediaStreamTrack>) | undefined;
}

/** A publication as the server knows it, within one visit. */
interface Live {
  readonly session: Session;
  readonly producer: types.Producer;
  readonly publicationId: string;
  readonly codec: VideoCodec | undefined;
  readonly layers: number;
  /** What the room has been told last. */
  told: { muted: boolean; size: TrackSize };
}

/**
 * One track that this participant sends. The object stays the same when its track, its id or its codec changes: what is
 * wanted is kept here, and after each change the server's side is brought in line with it.
 */
export class LocalPublication {
  readonly source: Source;
  readonly kind: Kind;
  readonly #host: PublicationHost;
  readonly #serial = new Serial();
  #options: LocalPublicationOptions;
  #track: MediaStreamTrack | undefined;
  #muted: boolean;
  /** What was asked for last; `#muted` follows when the device is there. */
  #wantsMuted: boolean;
  #live: Live | undefined;
  #closed = false;

  /** @internal */
  constructor(host: PublicationHost, options: LocalPublicationOptions) {
    this.#host = host;
    this.#options = options;
    this.source = options.source;
    this.kind = options.source === 'camera' || options.source === 'screen' ? 'video' : 'audio';
    this.#muted = options.muted;
    this.#wantsMuted = options.muted;
    this.#setTrack(options.track);
  }

  /** Undefined while the camera is off. */
  get track(): MediaStreamTrack | undefined {
    return this.#track;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** The id by which the room knows it; another one after a reconnect or a change of codec. Undefined while unsent. */
  get publicationId(): string | undefined {
    return this.#live?.publicationId;
  }

  /** Captured width in pixels. */
  get width(): number | undefined {
    return this.#track && sizeOf(this.#track).width;
  }

  /** Captured height in pixels. */
  get height(): number | undefined {
    return this.#track && sizeOf(this.#track).height;
  }

  get metadata(): Metadata {
    return this.#options.metadata;
  }

  /** Lower-case name of the video codec in use; undefined for audio and while unsent. */
  get codec(): VideoCodec | undefined {
    return this.#live?.codec;
  }

  /** Stops sending, at once. A camera is released: its light goes off. */
  async mute(): Promise<void> {
    this.#wantsMuted = true;
    if (!this.#muted) {
      this.#muted = true;
      if (this.kind === 'video' && this.#options.capture) this.#dropTrack();
      else if (this.#track) this.#track.enabled = false;
      this.#host.changed(this);
    }
    await this.#serial.run(() => this.#sync());
  }

  /**
   * Sends again; a camera is started first.
   * @throws PlenumError `permission-denied`, `device-not-found`, `device-in-use`; it is muted then as before.
   */
  async unmute(): Promise<void> {
    this.#wantsMuted = false;
    await this.#serial.run(async () => {
      if (this.#wantsMuted || this.#closed || !this.#muted) return;
      if (!this.#track) {
        const fresh = await this.#capture();
        // While the device was starting it may have been muted again.
        if (this.#wantsMuted || this.#closed) {
          fresh.stop();
          return;
        }
        this.#setTrack(fresh);
      }
      this.#muted = false;
      if (this.#track) this.#track.enabled = true;
      this.#host.changed(this);
      await this.#sync();
    });
  }

  async #capture(): Promise<MediaStreamTrack> {
    if (this.#options.capture) return this.#options.capture();
    throw new PlenumError('device-not-found', 'The track has ended; give another one with replaceTrack().');
  }

  /** Sends another track from now on, under the same object. Muted stays muted. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    if (track.kind !== this.kind) {
      throw new PlenumError('bad-request', `A ${this.kind} publication cannot send a track of kind ${track.kind}.`);
    }
    await this.#serial.run(async () => {
      if (this.#closed) throw new PlenumError('closed', 'The publication has ended.');
      if (track === this.#track) return;
      this.#dropTrack();
      this.#setTrack(track);
      this.#host.changed(this);
      await this.#sync();
    });
  }

  /** @internal How the device is started again from now on. */
  setCapture(capture: () => Promise<MediaStreamTrack>): void {
    this.#options = { ...this.#options, capture };
  }

  #setTrack(track: MediaStreamTrack): void {
    this.#track = track;
    track.enabled = !this.#muted;
    track.addEventListener('ended', this.#onEnded);
  }

  #dropTrack(): void {
    const track = this.#track;
    if (!track) return;
    this.#track = undefined;
    track.removeEventListener('ended', this.#onEnded);
    if (this.#options.ownsTrack) track.stop();
  }

  readonly #onEnded = (event: Event): void => {
    const track = this.#track;
    if (!track || event.target !== track || this.#closed) return;
    this.#dropTrack();
    this.#host.ended(this, track);
  };

  /** @internal Brings the server's side in line with what is wanted here, after whatever is under way. */
  refresh(): Promise<void> {
    return this.#serial.run(() => this.#sync());
  }

  async #sync(): Promise<void> {
    const session = this.#host.session();
    if (this.#closed || !session?.link || !session.alive) return;
    try {
      await this.#bringUp(session);
      await this.#tell(session);
    } catch (error) {
      // With the session lost, the next one starts from what is wanted.
      if (session.alive && !this.#closed) throw error;
    }
  }

  async #bringUp(session: Session): Promise<void> {
    const track = this.#track;
    const live = this.#live?.session === session ? this.#live : undefined;
    if (!track) {
      await live?.producer.replaceTrack({ track: null });
      return;
    }
    if (!live || this.#needsRenewal(live, track)) {
      await this.#publish(session, track);
      if (live) await this.#retire(live);
    }
    const producer = this.#live?.producer;
    // A muted video sends nothing at all, not even black pictures.
    const sent = this.#muted && this.kind === 'video' ? null : track;
    if (producer && !producer.closed && producer.track !== sent) await producer.replaceTrack({ track: sent });
  }

  #needsRenewal(live: Live, track: MediaStreamTrack): boolean {
    if (this.kind === 'audio') return false;
    const size = sizeOf(track);
    if (live.codec && this.#host.codec(live.codec) !== live.codec) return true;
    if (!hasSize(size)) return false;
    return spatialLayers(planEncodings(this.source, size, live.codec ?? 'vp8', this.#options.svc)) !== live.layers;
  }

  async #publish(session: Session, track: MediaStreamTrack): Promise<void> {
    const { link } = session;
    if (!link) return;
    const { source, kind } = this;
    const { metadata, svc } = this.#options;
    const codec = kind === 'video' ? this.#host.codec(this.#options.codec) : undefined;
    const size = sizeOf(track);
    const plan = planEncodings(source, size, codec ?? 'vp8', svc);
    const producer = await link.produce(track, plan, codec);
    const muted = this.#muted;
    try {
      const rtpParameters = fromRtpParameters(producer.rtpParameters);
      const { publicationId } = await session.request('publish', {
        requestId: makeId(),
        source,
        kind,
        rtpParameters,
        muted,
        metadata,
        ...(kind === 'video' && hasSize(size) ? { width: size.width, height: size.height } : {}),
      });
      const layers = spatialLayers(plan);
      this.#live = { session, producer, publicationId, codec, layers, told: { muted, size } };
      this.#host.changed(this);
    } catch (error) {
      producer.close();
      throw error;
    }
    // Closed while the server was answering: close() has found nothing to take down.
    if (this.#closed) await this.#takeDown();
  }

  async #retire(live: Live): Promise<void> {
    live.producer.close();
    if (live.session.alive) {
      await live.session.request('unpublish', { requestId: makeId(), publicationId: live.publicationId });
    }
  }

  async #tell(session: Session): Promise<void> {
    const live = this.#live;
    if (live?.session !== session) return;
    const muted = this.#muted || !this.#track;
    const size = this.#track && this.kind === 'video' ? sizeOf(this.#track) : live.told.size;
    if (live.told.muted === muted && sameSize(live.told.size, size)) return;
    const { publicationId } = live;
    live.told = { muted, size };
    await session.request('updatePublication', {
      requestId: makeId(),
      publicationId,
      muted,
      ...(this.kind === 'video' && hasSize(size) ? { width: size.width, height: size.height } : {}),
    });
  }

  /** @internal Encodings above this spatial layer are watched by nobody. */
  async limitLayers(maxSpatialLayer: number): Promise<void> {
    const sender = this.#live?.producer.rtpSender;
    if (!sender || this.kind === 'audio') return;
    const parameters = sender.getParameters();
    if (parameters.encodings.length < 2) return;
    for (const [layer, encoding] of parameters.encodings.entries()) {
      // The lowest stays on, so that the next viewer has a picture at once.
      encoding.active = layer <= Math.max(0, maxSpatialLayer);
    }
    await sender.setParameters(parameters);
  }

  /** @internal */
  stats(): Promise<RTCStatsReport> | undefined {
    const producer = this.#live?.producer;
    return producer && !producer.closed ? producer.getStats() : undefined;
  }

  /** @internal Ends it for good; the device is released where it is the room's. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wantsMuted = true;
    this.#dropTrack();
    await this.#serial.run(() => this.#takeDown());
  }

  async #takeDown(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    if (live) await this.#retire(live);
  }
}
