import type {
  DataKind,
  DtlsParameters,
  IceParameters,
  Kind,
  Notice,
  NoticeName,
  RtpCapabilities,
  RtpParameters,
  TransportInfo,
} from '../protocol/index.ts';
import type { StreamStats, TransportStats } from './mediaStats.ts';
import type { Limit } from './TokenBucket.ts';

/**
 * What the domain needs of its surroundings. src/media implements the media ports with mediasoup, src/signaling the
 * links with socket.io; unit tests use fakes. `on` returns the function that takes the listener off.
 */

/** Time, so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds, in even steps whoever sets the wall clock: for how long something lasts. */
  now(): number;
  /** Milliseconds since 1970, by the wall clock: for what people are told. */
  date(): number;
  /** Runs `action` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, action: () => void): () => void;
}

export interface MediaEngine {
  /** The same for each router of the server. */
  readonly routerRtpCapabilities: RtpCapabilities;
  /** Chooses a worker for one participant, who counts there until the place is released. Throws `server-full`. */
  place(wanted: PlaceWanted): Place;
  /** Fails with `server-full` where the worker refuses, and with `closed` where it has ended: others may do it. */
  createRouter(workerId: string): Promise<MediaRouter>;
  /** Ends a worker, or makes it hang, so that its recovery can be seen. Fails with `closed` where it has ended. */
  breakWorker(workerId: string, how: 'kill' | 'stop'): void;
}

export interface PlaceWanted {
  /** The workers on which the room has a router already. */
  present: ReadonlySet<string>;
  /** Workers that have refused. */
  avoid: ReadonlySet<string>;
  /** Somebody who comes back, for whom a place that is still taken will be free in a moment. */
  returning: boolean;
}

export interface Place {
  readonly workerId: string;
  /** Idempotent. */
  release(): void;
}

/** How loud a producer is, in dBov: 0 the loudest, -127 silence (RFC 6464). */
export interface AudioLevel {
  producerId: string;
  level: number;
}

/** A producer that was quiet has become loud. */
export interface Onset extends AudioLevel {
  /** Whether it has been loud for long enough to be a word: a click is shorter. */
  sustained: boolean;
}

export interface MediaRouterEvents {
  /** Its worker is gone and all that was on it. Not emitted for one's own `close()`. */
  failed: [];
  /** At the first loud packet after a pause, and once more when it turns out to be sustained. */
  onset: [Onset];
  /** Who has been loud in the last tenth of a second, if anybody was. */
  loud: [AudioLevel[]];
  /** Who speaks, pauses between words included, loudest first; empty when all became quiet. */
  levels: [AudioLevel[]];
}

export interface MediaRouter {
  readonly routerId: string;
  /** Closed, or gone with its worker: true as soon as that is known, some time before `failed`. */
  readonly closed: boolean;
  on<K extends keyof MediaRouterEvents>(event: K, listener: (...args: MediaRouterEvents[K]) => void): () => void;
  /**
   * A transport that is already connected to the client with these fingerprints. Fails with `server-full` where the
   * worker refuses, and with `unsupported` where the client is at fault.
   *
   * @param tcpOnly the client is not told of the UDP ports
   */
  createTransport(dtlsParameters: DtlsParameters, tcpOnly: boolean): Promise<MediaTransport>;
  /** A way for publications to the other router and back. Fails with `server-full` where a worker refuses. */
  link(other: MediaRouter): Promise<MediaLink>;
  /** Whether a client with these capabilities can decode what the producer sends. */
  canConsume(producerId: string, capabilities: RtpCapabilities): boolean;
  /** Opens the data channels of a participant whose transports these are; they end with the transports. */
  openData(send: MediaTransport, recv: MediaTransport): Promise<DataLine>;
  close(): void;
}

/** The data channels of one participant. */
export interface DataLine {
  /** Where messages to it are sent, together with those to others on the same router. */
  readonly bus: DataBus;
  /** Each message that the participant sends; the bytes stay as they are. */
  on(event: 'message', listener: (kind: DataKind, bytes: Uint8Array) => void): () => void;
  /** Whether what the participant sends is thrown away unread. */
  mute(kind: DataKind, muted: boolean): void;
}

/** What carries data to the participants of one router. */
export interface DataBus {
  /** The same bytes to each of these lines; lines that are closed are passed over. */
  send(kind: DataKind, bytes: Uint8Array, lines: readonly DataLine[]): void;
}

/** Between two routers of a room, and for all publications that go from one to the other. */
export interface MediaLink {
  /** It went with one of its routers. Not emitted for one's own `close()`. */
  on(event: 'closed', listener: () => void): () => void;
  /** Brings a producer of one router to the other, with all its layers. */
  pipe(producerId: string, from: MediaRouter): Promise<MediaPipe>;
  close(): void;
}

/** A producer on a router where its publisher is not. It is paused when the publisher's own is. */
export interface MediaPipe {
  /** What to consume on the far router. */
  readonly producerId: string;
  /** It went with the publisher's producer or with one of the routers. Not emitted for one's own `close()`. */
  on(event: 'closed', listener: () => void): () => void;
  close(): void;
}

export interface ProduceOptions {
  /** Takes the place of a producer that went with its worker; without it a new id is made. */
  producerId?: string;
  kind: Kind;
  rtpParameters: RtpParameters;
  paused: boolean;
}

export interface ConsumeOptions {
  producerId: string;
  capabilities: RtpCapabilities;
  paused: boolean;
  layers?: PreferredLayers;
}

export interface MediaTransportEvents {
  /**
   * Bits per second of video that the client's connection can carry, measured about once a second, sooner where it has
   * changed much. Only while a video is sent on this transport, or has been.
   */
  estimate: [number];
  /** The share, 0 to 1, of an audio stream's packets that did not reach the client lately. Told when it gets worse. */
  audioLost: [number];
  /** A large share of what is sent gets lost, more and more of it, and much is sent once more. */
  congested: [];
  /** The client is heard from another address: its network has changed, and what flows takes another path. */
  moved: [];
}

export interface MediaTransport {
  /** What the client needs to open its side. */
  readonly info: TransportInfo;
  /**
   * Fails with `unsupported` when the RTP parameters cannot be used, and with `closed` where the transport has gone;
   * nothing is left behind then.
   */
  produce(options: ProduceOptions): Promise<MediaProducer>;
  consume(options: ConsumeOptions): Promise<MediaConsumer>;
  restartIce(): Promise<IceParameters>;
  /** Undefined where it has gone. */
  stats(): Promise<TransportStats | undefined>;
  /** Of everything that has ever arrived, checks of the path (RFC 7675) included. Fails where the worker has ended. */
  bytesReceived(): Promise<number>;
  /** Calls the listener when media can flow; at once where it can already. */
  whenConnected(listener: () => void): void;
  on<K extends keyof MediaTransportEvents>(event: K, listener: (...args: MediaTransportEvents[K]) => void): () => void;
  /** The client is told to send no more than this, in bits per second; undefined: no more than the server's ceiling. */
  limitIncoming(bitsPerSecond: number | undefined): Promise<void>;
  /** The estimate is no higher than this, whatever was measured; undefined: no higher than the server's ceiling. */
  limitEstimate(bitsPerSecond: number | undefined): Promise<void>;
  /** The estimate is no lower than this, whatever was measured; undefined: as it is measured. Fails above the limit. */
  floorEstimate(bitsPerSecond: number | undefined): Promise<void>;
  close(): void;
}

export interface MediaProducer {
  readonly producerId: string;
  /** Closed, or gone with what it lived on. */
  readonly closed: boolean;
  /** Lower-case codec name, such as `vp8`. */
  readonly codec: string;
  readonly spatialLayers: number;
  /** One of each encoding that has arrived, the smallest first; nothing where it has gone. */
  stats(): Promise<StreamStats[]>;
  /** `score`: 0 (nothing arrives) to 10 (all arrives), of the best encoding. */
  on(event: 'score', listener: (score: number) => void): () => void;
  pause(): Promise<void>;
  resume(): Promise<void>;
  close(): void;
}

export interface PreferredLayers {
  spatialLayer: number;
  temporalLayer: number;
}

/** What flows to a client right now. */
export interface ConsumerState {
  /** Effective layers; undefined while nothing flows, and for audio. */
  layers: PreferredLayers | undefined;
  /** Whether anything arrives from the publisher. */
  producerSends: boolean;
}

export interface MediaConsumerEvents {
  stateChanged: [ConsumerState];
  /** Once, for whatever reason, one's own `close()` included. */
  closed: [];
}

export interface MediaConsumer {
  readonly consumerId: string;
  readonly kind: Kind;
  readonly rtpParameters: RtpParameters;
  readonly state: ConsumerState;
  readonly closed: boolean;
  /** Of what is sent to the client; undefined where it has gone, or nothing was sent yet. */
  stats(): Promise<StreamStats | undefined>;
  on<K extends keyof MediaConsumerEvents>(event: K, listener: (...args: MediaConsumerEvents[K]) => void): () => void;
  /** Holds the packets back. Of several requests the last one holds. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  setPreferredLayers(layers: PreferredLayers): Promise<void>;
  /** 1 (default) to 255: who comes first when the bandwidth is short. */
  setPriority(priority: number): Promise<void>;
  close(): void;
}

/** Names of the notices that go to one participant and carry its sequence number. */
export type PersonalNotice = {
  [N in NoticeName]: Notice<N> extends { seq: number } ? N : never;
}[NoticeName];
export type SharedNotice = Exclude<NoticeName, PersonalNotice | 'welcome'>;

/** The way to one participant's client. */
export interface ParticipantLink {
  /** What limits its data besides its own rate, in messages of 16 KiB: it may share that with others. */
  readonly dataLimit: Limit;
  /** Where its client is, or was last, as limits and logs name it; undefined where nobody knows. */
  readonly address: string | undefined;
  /** Sends a personal notice; the link adds the sequence number. */
  notify<N extends PersonalNotice>(name: N, payload: Omit<Notice<N>, 'seq'>): void;
  /** Says to this client alone what others hear by an announcement. */
  tell<N extends SharedNotice>(name: N, payload: Notice<N>): void;
  /** From now on the client gets what is announced to the channel. */
  enterChannel(channel: string): void;
  /** Ends the connection after what was sent before. */
  close(): void;
}

/** Says the same to everybody who entered a channel; encoded once for all. */
export interface Announcer {
  announce<N extends SharedNotice>(channel: string, name: N, payload: Notice<N>): void;
}
