import type { ParamsInput, Result, SubscriptionInfo } from '../../../src/protocol/index.ts';
import { Histogram } from '../Histogram.ts';
import { Receiver, type Reception } from '../receiving/Receiver.ts';
import type { Recordings } from '../recordings/read.ts';
import type { AudioFrameMs } from '../recordings/spec.ts';
import { AudioSender } from '../sending/AudioSender.ts';
import { Sender } from '../sending/Sender.ts';
import type { Ticker } from '../sending/Ticker.ts';
import { VideoSender } from '../sending/VideoSender.ts';
import type { Certificate } from '../transport/certificate.ts';
import { MediaConnection } from '../transport/MediaConnection.ts';
import { recvCapabilities } from './capabilities.ts';
import { Roster } from './Roster.ts';
import { Signaling } from './Signaling.ts';

/** What all participants of a process share. */
export interface LoadContext {
  certificate: Certificate;
  ticker: Ticker;
  recordings: Recordings;
}

/** `auto`, or videos by publication with the size in which each is drawn. */
export type WantedView = ParamsInput<'setView'>['view'];

export interface JoinOptions {
  /** Of the server's page: http(s)://host:port. */
  url: string;
  token: string;
  /** What to receive from the start; default: no videos. */
  view?: WantedView;
  /** Whether both sides tell each other what has come, so that the server estimates the bandwidth. Default: false. */
  transportCc?: boolean;
  /** Whether the receiving transport is connected, as browsers do at once. Default: true. */
  receive?: boolean;
  /** Whether `roster` is kept; it costs something where hundreds come and go. Default: true. */
  roster?: boolean;
  /** Whether the server is on this machine, so that its loopback candidate comes first. Default: true. */
  local?: boolean;
  /** Takes the times through the server; default: one of its own. */
  latency?: Histogram;
}

export interface Published<T> {
  publicationId: string;
  sender: T;
}

export interface AudioOptions {
  /** Milliseconds of sound in a packet. Default: 20. */
  frameMs?: AudioFrameMs;
  /** Whether silence is hardly sent. Default: true. */
  dtx?: boolean;
}

/** One participant without a browser: the real protocol, real transports, pictures and sound from recordings. */
export class LoadParticipant {
  /** What is published in the room, from the snapshot and the deltas. */
  readonly roster = new Roster();
  readonly latency: Histogram;
  readonly participantId: string;
  /** `performance.now()` when the connection began. */
  readonly startedAt: number;
  /** Milliseconds from the beginning of the connection to the answer to `join`. */
  readonly joinMs: number;
  /** Whether `roster` follows the room. */
  readonly keepsRoster: boolean;
  readonly recv: MediaConnection;
  readonly send: MediaConnection;
  /** The visit ended without `close()`. */
  onEnded: (reason: string) => void = () => undefined;
  readonly #context: LoadContext;
  readonly #signaling: Signaling;
  /** Undefined where the bandwidth is not estimated. */
  readonly #transportSequence: (() => number) | undefined;
  readonly #receiver: Receiver;
  readonly #videos = new Map<string, VideoSender>();
  readonly #audios = new Map<string, AudioSender>();
  /** What was received and is no longer. */
  readonly #past: Reception[] = [];
  #sender: Promise<Sender> | undefined;
  #viewVersion = 0;
  #closed = false;

  /**
   * Resolves when the room has been joined and the receiving transport is connected.
   *
   * @throws PlenumError with the server's code; Error where the transport cannot be connected
   */
  static async join(context: LoadContext, options: JoinOptions): Promise<LoadParticipant> {
    const startedAt = performance.now();
    const signaling = await Signaling.connect(options.url, options.token);
    try {
      const answer = await signaling.request('join', {
        requestId: signaling.newRequestId(),
        recvRtpCapabilities: recvCapabilities(options.transportCc ?? false),
        dtlsParameters: {
          role: 'client',
          fingerprints: [{ algorithm: 'sha-256', value: context.certificate.fingerprint }],
        },
        view: options.view ?? { videos: [] },
      });
      const participant = new LoadParticipant(context, options, { signaling, answer, startedAt });
      try {
        if (options.receive ?? true) await participant.recv.connect();
      } catch (error) {
        await participant.close();
        throw error;
      }
      return participant;
    } catch (error) {
      await signaling.leave();
      throw error;
    }
  }

  private constructor(
    context: LoadContext,
    { latency = new Histogram(), local = true, roster = true, transportCc = false }: JoinOptions,
    { signaling, answer, startedAt }: { signaling: Signaling; answer: Result<'join'>; startedAt: number },
  ) {
    this.joinMs = performance.now() - startedAt;
    this.startedAt = startedAt;
    this.latency = latency;
    this.keepsRoster = roster;
    this.#transportSequence = transportCc ? () => this.send.nextTransportSequence() : undefined;
    this.participantId = answer.participantId;
    this.#context = context;
    this.#signaling = signaling;
    const { certificate } = context;
    this.recv = new MediaConnection(answer.recvTransport, { certificate, local });
    this.send = new MediaConnection(answer.sendTransport, { certificate, local });
    this.#receiver = new Receiver(this.recv, latency);
    for (const subscription of answer.subscriptions) this.#receiver.add(subscription);
    this.roster.reset(answer.room);
    this.#listen(roster);
    signaling.release();
    this.#startWaiting(answer.subscriptions);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What is received now, and what was before. */
  get receptions(): Reception[] {
    return [...this.#receiver.receptions, ...this.#past];
  }

  /** What is received of one publication now. */
  receptionOf(publicationId: string): Reception | undefined {
    for (const reception of this.#receiver.receptions) {
      if (reception.subscription.publicationId === publicationId) return reception;
    }
    return undefined;
  }

  /** Milliseconds from the beginning of the connection to the first packet; undefined before it. */
  get firstPacketMs(): number | undefined {
    const { firstPacketAt } = this.#receiver;
    return firstPacketAt === 0 ? undefined : firstPacketAt - this.startedAt;
  }

  get videos(): ReadonlyMap<string, VideoSender> {
    return this.#videos;
  }

  get audios(): ReadonlyMap<string, AudioSender> {
    return this.#audios;
  }

  /** A camera of 1280x720 in three sizes; packets flow when this resolves. */
  async publishVideo(): Promise<Published<VideoSender>> {
    const { ticker, recordings } = this.#context;
    const video = new VideoSender(this.send, ticker, recordings.videos, this.#transportSequence);
    const [sender, { publicationId }] = await Promise.all([this.#connectSender(), this.#publish(video.publishParams)]);
    this.#videos.set(publicationId, video);
    if (!this.#closed) sender.addVideo(video);
    return { publicationId, sender: video };
  }

  /** A microphone, silent until its sender's `speak()`. */
  async publishAudio({ frameMs = 20, dtx }: AudioOptions = {}): Promise<Published<AudioSender>> {
    const { ticker, recordings } = this.#context;
    const recording = recordings.audio[frameMs];
    const audio = new AudioSender(this.send, ticker, { recording, dtx, transportSequence: this.#transportSequence });
    const [sender, { publicationId }] = await Promise.all([this.#connectSender(), this.#publish(audio.publishParams)]);
    this.#audios.set(publicationId, audio);
    if (!this.#closed) sender.addAudio(audio);
    return { publicationId, sender: audio };
  }

  async unpublish(publicationId: string): Promise<void> {
    const sender = await this.#sender;
    const video = this.#videos.get(publicationId);
    const audio = this.#audios.get(publicationId);
    if (video) sender?.removeVideo(video);
    if (audio) sender?.removeAudio(audio);
    this.#videos.delete(publicationId);
    this.#audios.delete(publicationId);
    await this.#signaling.request('unpublish', { requestId: this.#signaling.newRequestId(), publicationId });
  }

  /** The whole wanted view. */
  async setView(view: WantedView): Promise<void> {
    this.#viewVersion += 1;
    await this.#signaling.request('setView', { version: this.#viewVersion, view });
  }

  /** Leaves the room and closes all sockets. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#end();
    await this.#signaling.leave();
  }

  #end(): void {
    this.#closed = true;
    this.#receiver.close();
    // Also one that is still being connected: its connection fails now.
    this.#sender?.then(
      (sender) => sender.close(),
      () => undefined,
    );
    this.recv.close();
    this.send.close();
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.#end();
    this.#signaling.close();
    this.onEnded(reason);
  }

  #listen(roster: boolean): void {
    const signaling = this.#signaling;
    signaling.onLost = (reason) => this.#lost(`the signaling connection broke (${reason})`);
    this.recv.onFailed = (error) => this.#lost(error.message);
    this.send.onFailed = (error) => this.#lost(error.message);
    signaling.on('subscriptionsAdded', ({ subscriptions }) => {
      for (const subscription of subscriptions) this.#receiver.add(subscription);
      this.#startWaiting(subscriptions);
    });
    signaling.on('subscriptionsRemoved', ({ subscriptionIds }) => {
      this.#past.push(...subscriptionIds.flatMap((id) => this.#receiver.remove(id) ?? []));
    });
    signaling.on('wantedLayers', ({ publications }) => {
      for (const { publicationId, maxSpatialLayer } of publications) {
        this.#videos.get(publicationId)?.wantLayers(maxSpatialLayer);
      }
    });
    signaling.on('keyFrameWanted', ({ publicationId }) => this.#videos.get(publicationId)?.makeKeyFrame());
    // It does not build its transports again: for a load, one that begins anew is as good.
    signaling.on('mediaReset', () => {
      this.onEnded('its worker has ended');
      void this.close();
    });
    signaling.on('removed', ({ reason }) => this.#lost(`removed from the room (${reason})`));
    signaling.on('roomClosed', ({ reason }) => this.#lost(`the room has ended (${reason})`));
    if (roster) signaling.on('roomChanged', (change) => this.roster.apply(change));
  }

  #startWaiting(subscriptions: readonly Pick<SubscriptionInfo, 'waiting' | 'subscriptionId'>[]): void {
    const subscriptionIds = subscriptions.filter(({ waiting }) => waiting).map((entry) => entry.subscriptionId);
    if (subscriptionIds.length === 0) return;
    this.#signaling.request('startSubscriptions', { subscriptionIds }).catch((error: unknown) => {
      if (!this.#closed) this.#lost(`subscriptions could not be started (${error})`);
    });
  }

  /** The sending transport is connected when something is to be sent for the first time. */
  #connectSender(): Promise<Sender> {
    this.#sender ??= this.send.connect().then(() => new Sender(this.send));
    return this.#sender;
  }

  #publish(params: VideoSender['publishParams'] | AudioSender['publishParams']): Promise<Result<'publish'>> {
    return this.#signaling.request('publish', { requestId: this.#signaling.newRequestId(), ...params });
  }
}
