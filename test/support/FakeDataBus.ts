import { Emitter } from '../../src/events.ts';
import type { DataKind } from '../../src/protocol/index.ts';
import type { DataLimits } from '../../src/room/DataRelay.ts';
import type { DataBus, DataLine } from '../../src/room/ports.ts';

/** As the server has them by default. */
export const usualDataLimits: DataLimits = {
  maxDataBytes: 65_536,
  maxFileBytes: 2 ** 30,
  rate: { bitrate: 50_000_000, messages: 1000 },
};

/** A participant's data channels without a worker: a test speaks for the client. */
export class FakeDataLine implements DataLine {
  readonly bus: FakeDataBus;
  /** Kinds whose messages are thrown away. */
  readonly muted = new Set<DataKind>();
  /** Gets what the server sends to this client. */
  onReceived: (kind: DataKind, bytes: Uint8Array) => void = () => undefined;
  readonly #events = new Emitter<{ message: [DataKind, Uint8Array] }>();

  constructor(bus: FakeDataBus) {
    this.bus = bus;
  }

  on(event: 'message', listener: (kind: DataKind, bytes: Uint8Array) => void): () => void {
    return this.#events.on(event, listener);
  }

  mute(kind: DataKind, muted: boolean): void {
    if (muted) this.muted.add(kind);
    else this.muted.delete(kind);
  }

  /** As when the client sends. */
  say(kind: DataKind, bytes: Uint8Array): void {
    if (!this.muted.has(kind)) this.#events.emit('message', kind, bytes);
  }
}

export class FakeDataBus implements DataBus {
  /** How many times something was sent, to however many. */
  sends = 0;

  send(kind: DataKind, bytes: Uint8Array, lines: readonly DataLine[]): void {
    this.sends += 1;
    for (const line of lines) if (line instanceof FakeDataLine) line.onReceived(kind, bytes);
  }
}
