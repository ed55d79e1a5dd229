import { createLog } from '../../src/log.ts';
import {
  type ClientMessageHeader,
  clientFrameCodec,
  type DataKind,
  type ServerMessageHeader,
  serverFrameCodec,
} from '../../src/protocol/index.ts';
import { type DataLimits, DataRelay } from '../../src/room/DataRelay.ts';
import { unlimited } from '../../src/room/TokenBucket.ts';
import { FakeClock } from './FakeClock.ts';
import { FakeDataBus, FakeDataLine, usualDataLimits } from './FakeDataBus.ts';
import { FakeEngine, FakeRouter, FakeTransport } from './fakeEngine.ts';

export interface Heard {
  kind: DataKind;
  header: ServerMessageHeader;
  text: string;
}

/** A client of the data bus, at the level of frames: honest where the test lets it be. */
export class DataTalker {
  readonly participantId: string;
  readonly identity: string;
  readonly line: FakeDataLine;
  readonly transport: FakeTransport;
  closed = false;
  readonly heard: Heard[] = [];
  readonly settled: number[] = [];
  readonly refused: {
    messageIds: number[];
    code: string;
    recipients?: string[] | undefined;
    left?: string[] | undefined;
  }[] = [];
  missed = 0;
  /** Bytes of reliable messages that have come. */
  received = 0;
  #lastId = 0;

  constructor(name: string, bus: FakeDataBus, identity: string) {
    this.participantId = `p-${name}`;
    this.identity = identity;
    const engine = new FakeEngine();
    this.transport = new FakeTransport(engine, new FakeRouter(engine, 'worker'));
    this.line = new FakeDataLine(bus);
    this.line.onReceived = (kind, bytes) => this.#receive(kind, bytes);
  }

  /** Opens the reliable channel, or gives credit for all that has come. */
  take(bytes = this.received): void {
    this.line.say('reliable', clientFrameCodec.encode('taken', 0, { bytes }));
  }

  /** @returns the message's id */
  send(content: string | number, header: ClientMessageHeader = {}, kind: DataKind = 'reliable'): number {
    this.#lastId += 1;
    const payload = typeof content === 'number' ? new Uint8Array(content) : new TextEncoder().encode(content);
    this.line.say(kind, clientFrameCodec.encode('message', this.#lastId, header, payload));
    return this.#lastId;
  }

  get texts(): string[] {
    return this.heard.map(({ text }) => text);
  }

  #receive(kind: DataKind, bytes: Uint8Array): void {
    const frame = serverFrameCodec.parse(bytes);
    switch (frame.name) {
      case 'message':
        if (kind === 'reliable') this.received += bytes.byteLength;
        this.heard.push({ kind, header: frame.header, text: new TextDecoder().decode(frame.payload) });
        return;
      case 'settled':
        this.settled.push(...frame.header.messageIds);
        return;
      case 'refused':
        this.refused.push(frame.header);
        return;
      case 'missed':
        this.missed += frame.header.messages;
    }
  }
}

/** A relay with a clock of its own, and whoever comes. */
export class DataStage {
  readonly clock = new FakeClock();
  readonly bus = new FakeDataBus();
  /** Those who may not send. */
  readonly silenced = new Set<string>();
  readonly logged: string[] = [];
  /** Whether the server has a bug. */
  broken = false;
  readonly relay: DataRelay;

  constructor(limits: Partial<DataLimits> = {}) {
    this.relay = new DataRelay({
      clock: this.clock,
      limits: { ...usualDataLimits, ...limits },
      log: createLog({ level: 'warn', format: 'json' }, { write: (line: string) => void this.logged.push(line) }),
    });
  }

  /** Joins; its channel opens at once unless it is said otherwise. `leaves`: while its channels are being made. */
  async join(
    name: string,
    {
      bus = this.bus,
      open = true,
      opened = done,
      leaves = false,
      hidden = false,
      dataLimit = unlimited,
      identity = name,
    } = {},
  ): Promise<DataTalker> {
    const talker = new DataTalker(name, bus, identity);
    const { silenced } = this;
    const isBroken = () => this.broken;
    const openData = async () => {
      await opened;
      if (leaves) this.leave(talker);
      return talker.line;
    };
    await this.relay.add({
      participantId: talker.participantId,
      identity: talker.identity,
      get closed() {
        return talker.closed;
      },
      get mayTalk() {
        if (isBroken()) throw new Error('a fault of the server');
        return !silenced.has(talker.participantId);
      },
      hidden,
      link: { dataLimit },
      router: { openData },
      sendTransport: talker.transport,
      recvTransport: talker.transport,
    });
    if (open) talker.take();
    return talker;
  }

  leave(talker: DataTalker): void {
    talker.closed = true;
    this.relay.remove(talker);
  }

  /** Lets the answers out that are gathered for a moment. */
  async answers(): Promise<void> {
    await Promise.resolve();
    this.clock.advance(10);
    await Promise.resolve();
  }
}

const done = Promise.resolve();

/** A room in which all three can send and receive. */
export async function three(limits: ConstructorParameters<typeof DataStage>[0] = {}) {
  const stage = new DataStage(limits);
  const ada = await stage.join('ada');
  const bob = await stage.join('bob');
  const cyd = await stage.join('cyd');
  return { stage, ada, bob, cyd };
}
