import { Emitter } from '../../src/events.ts';
import type { Kind, RtpParameters } from '../../src/protocol/index.ts';
import type { StreamStats } from '../../src/room/mediaStats.ts';
import type {
  ConsumeOptions,
  ConsumerState,
  MediaConsumer,
  MediaConsumerEvents,
  MediaProducer,
  PreferredLayers,
  ProduceOptions,
} from '../../src/room/ports.ts';
import { FakeObject } from './FakeObject.ts';
import type { FakeEngine, FakeRouter, FakeTransport } from './fakeEngine.ts';
import type { FakePipe } from './fakeLink.ts';

/** Of a stream of which nothing was lost. */
export const fakeStats: StreamStats = { bitrate: 100_000, packets: 100, packetsLost: 0, lossRatio: 0, score: 10 };

export class FakeProducer extends FakeObject<FakeEngine> implements MediaProducer {
  readonly kind: Kind;
  readonly codec: string;
  readonly spatialLayers: number;
  readonly router: FakeRouter;
  paused: boolean;
  /** What the worker says of it. */
  streams: StreamStats[] = [fakeStats];
  readonly #events = new Emitter<{ score: [number] }>();

  readonly producerId: string;

  constructor(engine: FakeEngine, transport: FakeTransport, options: ProduceOptions) {
    super(engine, 'producer', [transport]);
    const { producerId = this.id, kind, rtpParameters, paused } = options;
    if (engine.producers.some((each) => each !== this && each.producerId === producerId)) {
      engine.problems.push(`${producerId} was produced twice`);
    }
    this.producerId = producerId;
    this.router = transport.router;
    this.kind = kind;
    this.paused = paused;
    this.codec = codecOf(rtpParameters);
    this.spatialLayers = rtpParameters.encodings.length;
  }

  get closed(): boolean {
    return !this.isOpen;
  }

  on(event: 'score', listener: (score: number) => void): () => void {
    return this.#events.on(event, listener);
  }

  /** As when the worker has counted what arrives. */
  tellScore(score: number): void {
    this.#events.emit('score', score);
  }

  async stats(): Promise<StreamStats[]> {
    return this.isOpen ? this.streams : [];
  }

  async pause(): Promise<void> {
    await this.operate('pause', () => {
      this.paused = true;
    });
  }

  async resume(): Promise<void> {
    await this.operate('resume', () => {
      this.paused = false;
    });
  }
}

function codecOf({ codecs: [first] }: RtpParameters): string {
  return (first?.mimeType ?? 'unknown/unknown').split('/')[1]?.toLowerCase() ?? 'unknown';
}

export class FakeConsumer extends FakeObject<FakeEngine> implements MediaConsumer {
  readonly transport: FakeTransport;
  readonly producer: FakeProducer;
  readonly rtpParameters: RtpParameters = {
    codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }],
    encodings: [{ ssrc: 1 }],
  };
  paused: boolean;
  layers: PreferredLayers | undefined;
  priority = 1;
  state: ConsumerState = { layers: undefined, producerSends: false };
  readonly #events = new Emitter<MediaConsumerEvents>();

  constructor(
    engine: FakeEngine,
    transport: FakeTransport,
    { producer, pipe }: { producer: FakeProducer; pipe?: FakePipe },
    options: ConsumeOptions,
  ) {
    super(engine, 'consumer', [transport, pipe ?? producer]);
    this.transport = transport;
    this.producer = producer;
    this.paused = options.paused;
    this.layers = options.layers;
  }

  get consumerId(): string {
    return this.id;
  }

  get kind(): Kind {
    return this.producer.kind;
  }

  get closed(): boolean {
    return !this.isOpen;
  }

  on<K extends keyof MediaConsumerEvents>(event: K, listener: (...args: MediaConsumerEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  protected override ended(): void {
    this.#events.emit('closed');
  }

  /** As when the worker has changed what it forwards. */
  tellState(state: ConsumerState): void {
    this.state = state;
    this.#events.emit('stateChanged', state);
  }

  async stats(): Promise<StreamStats | undefined> {
    return this.isOpen ? fakeStats : undefined;
  }

  async pause(): Promise<void> {
    await this.operate('pause', () => {
      this.paused = true;
    });
  }

  async resume(): Promise<void> {
    await this.operate('resume', () => {
      this.paused = false;
    });
  }

  async setPreferredLayers(layers: PreferredLayers): Promise<void> {
    await this.operate('set layers', () => {
      this.layers = layers;
    });
  }

  async setPriority(priority: number): Promise<void> {
    await this.operate('set priority', () => {
      this.priority = priority;
    });
  }
}
