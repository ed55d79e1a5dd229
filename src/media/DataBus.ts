import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import { type DataKind, dataStreams, PlenumError } from '../protocol/index.ts';
import type { DataBus as DataBusPort, DataLine as DataLinePort } from '../room/ports.ts';
import { stillOpen } from './stillOpen.ts';

/** How SCTP sends what comes from a participant (RFC 3758, 8831). */
const fromClient = {
  reliable: { ordered: true },
  lossy: { ordered: false, maxRetransmits: 0 },
} as const;

/**
 * And to a participant. mediasoup 3.27 takes a missing lifetime for one of 0 ms, so that a message which cannot leave in
 * the same instant would be dropped; with one given, it still retransmits nothing.
 */
const toClient = {
  reliable: { ordered: true },
  lossy: { ordered: false, maxPacketLifeTime: 300 },
} as const;

/**
 * Unsent bytes that the worker keeps for each stream of a transport. More than a window of src/protocol/data.ts, so that
 * nothing reliable is dropped; and less than half of all that a transport may keep (2 MB), so that lossy messages
 * cannot fill the place of reliable ones.
 */
export const streamQueueBytes = 768 * 1024;

/** A participant's data channels. */
class DataLine implements DataLinePort {
  readonly bus: DataBus;
  /** Mediasoup's word for whom a message is for. */
  readonly subchannel: number;
  readonly producers = new Map<DataKind, types.DataProducer>();
  readonly events = new Emitter<{ message: [DataKind, Uint8Array] }>();

  constructor(bus: DataBus, subchannel: number) {
    this.bus = bus;
    this.subchannel = subchannel;
  }

  on(event: 'message', listener: (kind: DataKind, bytes: Uint8Array) => void): () => void {
    return this.events.on(event, listener);
  }

  mute(kind: DataKind, muted: boolean): void {
    const producer = this.producers.get(kind);
    if (!producer || producer.closed) return;
    (muted ? producer.pause() : producer.resume()).catch(() => {
      // It was closed meanwhile.
    });
  }
}

/**
 * Carries data between the participants of one router and this process, over one DirectTransport: a data consumer for
 * each participant's two data producers, and one data producer of each kind that all participants consume. A message to
 * some goes to their subchannels.
 */
export class DataBus implements DataBusPort {
  readonly #direct: types.DirectTransport;
  readonly #producers: Readonly<Record<DataKind, types.DataProducer>>;
  readonly #lines = new Map<number, DataLine>();
  #lastSubchannel = 0;

  static async create(router: types.Router): Promise<DataBus> {
    const direct = stillOpen(router, await router.createDirectTransport());
    try {
      const [reliable, lossy] = await Promise.all([
        direct.produceData({ label: 'reliable' }).then((producer) => stillOpen(direct, producer)),
        direct.produceData({ label: 'lossy' }).then((producer) => stillOpen(direct, producer)),
      ]);
      return new DataBus(direct, { reliable, lossy });
    } catch (error) {
      direct.close();
      throw error;
    }
  }

  private constructor(direct: types.DirectTransport, producers: Record<DataKind, types.DataProducer>) {
    this.#direct = direct;
    this.#producers = producers;
  }

  /** Two producers and two consumers on the participant's transports, and two consumers on our own. */
  async open(send: types.WebRtcTransport, recv: types.WebRtcTransport): Promise<DataLine> {
    const line = new DataLine(this, this.#freeSubchannel());
    this.#lines.set(line.subchannel, line);
    recv.observer.once('close', () => this.#lines.delete(line.subchannel));
    numberStreamsInOrder(recv);
    const opening = Promise.all([
      this.#feed(recv, 'reliable', line),
      this.#feed(recv, 'lossy', line),
      this.#listen(send, 'reliable', line),
      this.#listen(send, 'lossy', line),
    ]);
    try {
      await opening;
      return line;
    } catch (error) {
      this.#lines.delete(line.subchannel);
      throw error;
    }
  }

  send(kind: DataKind, bytes: Uint8Array, lines: readonly DataLinePort[]): void {
    const wanted = new Set(lines.filter((line): line is DataLine => line instanceof DataLine && this.#isOpen(line)));
    const producer = this.#producers[kind];
    if (wanted.size === 0 || producer.closed) return;
    const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // The worker compares each consumer with each subchannel of the message, so to all is told in other words.
    if (wanted.size === this.#lines.size) producer.send(message);
    else if (wanted.size === this.#lines.size - 1)
      producer.send(message, undefined, [], undefined, this.#other(wanted));
    else
      producer.send(
        message,
        undefined,
        [...wanted].map(({ subchannel }) => subchannel),
      );
  }

  #isOpen(line: DataLine): boolean {
    return this.#lines.get(line.subchannel) === line;
  }

  /** The one that is not wanted. */
  #other(wanted: ReadonlySet<DataLine>): number | undefined {
    for (const line of this.#lines.values()) if (!wanted.has(line)) return line.subchannel;
    return undefined;
  }

  async #feed(recv: types.WebRtcTransport, kind: DataKind, line: DataLine): Promise<void> {
    const consumer = await recv.consumeData({
      dataProducerId: this.#producers[kind].id,
      subchannels: [line.subchannel],
      ...toClient[kind],
    });
    stillOpen(recv, consumer);
    if (consumer.sctpStreamParameters?.streamId !== dataStreams[kind]) {
      throw new PlenumError('internal', `the ${kind} data channel has another stream id than the client expects`);
    }
  }

  async #listen(send: types.WebRtcTransport, kind: DataKind, line: DataLine): Promise<void> {
    const sctpStreamParameters = { streamId: dataStreams[kind], ...fromClient[kind] };
    const producer = stillOpen(send, await send.produceData({ sctpStreamParameters, label: kind }));
    line.producers.set(kind, producer);
    const consumer = stillOpen(producer, await this.#direct.consumeData({ dataProducerId: producer.id }));
    consumer.on('message', (message) => line.events.emit('message', kind, message));
  }

  /** 1 to 65535, as many as a worker knows. */
  #freeSubchannel(): number {
    for (let tries = 0; tries < 65_535; tries += 1) {
      this.#lastSubchannel = (this.#lastSubchannel % 65_535) + 1;
      if (!this.#lines.has(this.#lastSubchannel)) return this.#lastSubchannel;
    }
    throw new PlenumError('server-full', 'the router has as many participants as it takes');
  }
}

/**
 * mediasoup keeps a table of 65,535 bytes for each transport that has a data consumer, to find free stream ids, which is
 * more than all else of a participant. The two that there are here are numbered in the order of the calls, as that table
 * would; should mediasoup rename its method, nothing but the memory changes.
 */
function numberStreamsInOrder(transport: types.WebRtcTransport): void {
  let next = 0;
  const allocate = () => {
    next += 1;
    return next - 1;
  };
  Object.defineProperty(transport, 'allocateSctpStreamId', { value: allocate });
}
