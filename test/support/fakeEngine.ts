import { Emitter } from '../../src/events.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities, TransportInfo } from '../../src/protocol/index.ts';
import type { TransportStats } from '../../src/room/mediaStats.ts';
import type {
  ConsumeOptions,
  MediaEngine,
  MediaRouter,
  MediaRouterEvents,
  MediaTransport,
  MediaTransportEvents,
  Place,
  PlaceWanted,
  ProduceOptions,
} from '../../src/room/ports.ts';
import { FakeDataBus, FakeDataLine } from './FakeDataBus.ts';
import { type Books, FakeClosed, type FakeKind, FakeObject } from './FakeObject.ts';
import { FakePlaces, type FakePlacesOptions } from './FakePlaces.ts';
import { FakeLink, FakePipe } from './fakeLink.ts';
import { fakeCapabilities } from './fakeMedia.ts';
import { FakeConsumer, FakeProducer } from './fakeStreams.ts';

export interface FakeEngineOptions extends FakePlacesOptions {
  /** Every asynchronous operation waits for this; a rejection fails it. Default: done at once. */
  operation?: (what: string) => Promise<void>;
}

/** Media without a worker: keeps the books on what is open, and notes every close that comes twice. */
export class FakeEngine implements MediaEngine, Books {
  readonly routerRtpCapabilities: RtpCapabilities = fakeCapabilities();
  readonly open = new Set<FakeObject>();
  readonly problems: string[] = [];
  readonly operation: (what: string) => Promise<void>;
  readonly places: FakePlaces;
  #made = 0;

  constructor({ operation = async () => undefined, ...places }: FakeEngineOptions = {}) {
    this.operation = operation;
    this.places = new FakePlaces(places);
  }

  place(wanted: PlaceWanted): Place {
    return this.places.place(wanted);
  }

  async createRouter(workerId: string): Promise<FakeRouter> {
    await this.operation(`create router on ${workerId}`);
    return new FakeRouter(this, workerId);
  }

  breakWorker(workerId: string): void {
    for (const router of this.routers) if (router.workerId === workerId) router.fail();
  }

  nextId(kind: FakeKind): string {
    this.#made += 1;
    return `${kind}-${this.#made}`;
  }

  get routers(): FakeRouter[] {
    return [...this.open].filter((object) => object instanceof FakeRouter);
  }

  get links(): FakeLink[] {
    return [...this.open].filter((object) => object instanceof FakeLink);
  }

  get pipes(): FakePipe[] {
    return [...this.open].filter((object) => object instanceof FakePipe);
  }

  get transports(): FakeTransport[] {
    return [...this.open].filter((object) => object instanceof FakeTransport);
  }

  get producers(): FakeProducer[] {
    return [...this.open].filter((object) => object instanceof FakeProducer);
  }

  get consumers(): FakeConsumer[] {
    return [...this.open].filter((object) => object instanceof FakeConsumer);
  }
}

export class FakeRouter extends FakeObject<FakeEngine> implements MediaRouter {
  readonly #events = new Emitter<MediaRouterEvents>();
  readonly #data = new FakeDataBus();
  readonly workerId: string;

  constructor(engine: FakeEngine, workerId: string) {
    super(engine, 'router', []);
    this.workerId = workerId;
  }

  get routerId(): string {
    return this.id;
  }

  get closed(): boolean {
    return !this.isOpen;
  }

  on<K extends keyof MediaRouterEvents>(event: K, listener: (...args: MediaRouterEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /** Its worker dies. */
  fail(): void {
    this.end();
    this.#events.emit('failed');
  }

  tellLevels(...levels: MediaRouterEvents['levels']): void {
    this.#events.emit('levels', ...levels);
  }

  tellLoud(...levels: MediaRouterEvents['loud']): void {
    this.#events.emit('loud', ...levels);
  }

  tellOnset(...onset: MediaRouterEvents['onset']): void {
    this.#events.emit('onset', ...onset);
  }

  async createTransport(_dtlsParameters: DtlsParameters, tcpOnly: boolean): Promise<FakeTransport> {
    await this.make('create transport');
    return new FakeTransport(this.engine, this, tcpOnly);
  }

  async openData(_send: MediaTransport, _recv: MediaTransport): Promise<FakeDataLine> {
    await this.make('open data');
    return new FakeDataLine(this.#data);
  }

  async link(other: MediaRouter): Promise<FakeLink> {
    if (!(other instanceof FakeRouter)) throw new Error('not a router of this engine');
    await this.make(`link with ${other.id}`);
    return new FakeLink(this.engine, this, other);
  }

  canConsume(producerId: string, capabilities: RtpCapabilities): boolean {
    const producer = this.find(producerId)?.producer;
    return producer !== undefined && decodes(capabilities, producer.codec);
  }

  /** What can be consumed here: what was published here, and what was piped here. */
  find(producerId: string): { producer: FakeProducer; pipe?: FakePipe } | undefined {
    const producer = this.engine.producers.find((each) => each.producerId === producerId && each.router === this);
    if (producer) return { producer };
    const pipe = this.engine.pipes.find((each) => each.producerId === producerId && each.to === this);
    return pipe && { producer: pipe.producer, pipe };
  }
}

/** Whether a client with these capabilities can decode the codec. */
export function decodes(capabilities: RtpCapabilities, codec: string): boolean {
  return (capabilities.codecs ?? []).some(({ mimeType }) => mimeType.toLowerCase().endsWith(`/${codec}`));
}

export class FakeTransport extends FakeObject<FakeEngine> implements MediaTransport {
  readonly router: FakeRouter;
  readonly #events = new Emitter<MediaTransportEvents>();
  /** Bits per second; undefined: none. */
  estimateLimit: number | undefined;
  incomingLimit: number | undefined;
  /** What has arrived. */
  bytes = 0;
  readonly tcpOnly: boolean;

  constructor(engine: FakeEngine, router: FakeRouter, tcpOnly = false) {
    super(engine, 'transport', [router]);
    this.router = router;
    this.tcpOnly = tcpOnly;
  }

  get info(): TransportInfo {
    return {
      transportId: this.id,
      iceParameters: { usernameFragment: 'u', password: 'p', iceLite: true },
      iceCandidates: [],
      dtlsParameters: { fingerprints: [] },
    };
  }

  async produce(options: ProduceOptions): Promise<FakeProducer> {
    await this.make(`produce ${options.kind}`);
    return new FakeProducer(this.engine, this, options);
  }

  async consume(options: ConsumeOptions): Promise<FakeConsumer> {
    const found = this.router.find(options.producerId);
    if (!found) throw new FakeClosed(`there is no ${options.producerId} on ${this.router.id}`);
    await this.make(`consume ${options.producerId}`);
    if (!decodes(options.capabilities, found.producer.codec)) {
      this.engine.problems.push(`${options.producerId} was consumed by somebody who cannot decode it`);
    }
    return new FakeConsumer(this.engine, this, found, options);
  }

  whenConnected(listener: () => void): void {
    listener();
  }

  async stats(): Promise<TransportStats | undefined> {
    const way = { bitrate: 1000, bytes: this.bytes };
    return this.isOpen ? { incoming: way, outgoing: way } : undefined;
  }

  async bytesReceived(): Promise<number> {
    return this.bytes;
  }

  on<K extends keyof MediaTransportEvents>(event: K, listener: (...args: MediaTransportEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  async limitIncoming(bitsPerSecond: number | undefined): Promise<void> {
    this.incomingLimit = bitsPerSecond;
  }

  async limitEstimate(bitsPerSecond: number | undefined): Promise<void> {
    await this.operate('limit estimate', () => {
      this.estimateLimit = bitsPerSecond;
    });
  }

  async floorEstimate(): Promise<void> {
    await this.operate('floor estimate', () => undefined);
  }

  /** As when the client has reported losses. */
  tellAudioLost(ratio: number): void {
    this.#events.emit('audioLost', ratio);
  }

  /** As when the client is heard from another address. */
  tellMoved(): void {
    this.#events.emit('moved');
  }

  /** As when most of what is sent gets lost. */
  tellCongested(): void {
    this.#events.emit('congested');
  }

  /** As when the worker has measured the connection. */
  tellEstimate(bitsPerSecond: number): void {
    this.#events.emit('estimate', bitsPerSecond);
  }

  async restartIce(): Promise<IceParameters> {
    await this.operate('restart ICE');
    return { usernameFragment: 'u2', password: 'p2' };
  }
}
