import { Decoder, PacketType } from 'socket.io-parser';
import { addressKey } from '../addressKey.ts';
import type { Clock } from '../room/ports.ts';
import { TokenBucket } from '../room/TokenBucket.ts';
import type { Sender, Turns } from '../Turns.ts';
import { type EngineSocket, flowOf } from './engineSocket.ts';

/** Longer than the name of any namespace; there is only one, and it has none. */
const longestForeign = 16 * 1024;

/**
 * So many of the largest messages are read a second, and at once: more than a client ever sends. Reading costs before it is
 * known what was asked, and large messages are what costs most.
 */
const largest = { perSecond: 16, burst: 64 };

/** So many packets are read in one turn of the event loop. */
export const packetsInTurn = 8;

/** Those who are about to say who they are wait for one another. */
const nowhere = '';

/** An event: perhaps the id of the answer that is wanted, and an array that begins with the name. */
const event = /^2\d{0,15}\["/;

/**
 * Reads what a client of ours sends, and nothing else of socket.io's protocol: one CONNECT, events with a name, and
 * DISCONNECT. The first character of a packet tells, so that nothing else is parsed, answered or kept: no binary
 * attachments, of which socket.io would gather ten for each event, no acknowledgements, since nobody asks a client for
 * any, and no second CONNECT, which would be another handshake on the same connection. What is thrown here closes the
 * connection.
 */
export class StrictDecoder extends Decoder implements Sender {
  /** What brings the packets, as soon as it is known. */
  source: Sender | undefined;
  readonly #length: TokenBucket;
  readonly #turns: Turns;
  #connects = false;

  constructor(clock: Clock, maxMessageBytes: number, turns: Turns) {
    super();
    this.#turns = turns;
    const { perSecond, burst } = largest;
    this.#length = new TokenBucket(clock, { perSecond: perSecond * maxMessageBytes, burst: burst * maxMessageBytes });
  }

  override add(packet: unknown): void {
    if (typeof packet !== 'string' || !this.#isExpected(packet)) throw new Error('unexpected packet');
    if (!this.#length.tryTake(packet.length)) throw new Error('too much to read');
    let now = true;
    this.#turns.take(this, () => {
      if (now) super.add(packet);
      else this.#addLate(packet);
    });
    now = false;
  }

  get place(): string {
    return this.source?.place ?? nowhere;
  }

  pause(): void {
    this.source?.pause();
  }

  resume(): void {
    this.source?.resume();
  }

  override destroy(): void {
    this.#turns.forget(this);
    super.destroy();
  }

  /** Nobody is there any more to catch anything. */
  #addLate(packet: string): void {
    try {
      super.add(packet);
    } catch {
      // What cannot be read closes the connection, as at once.
      this.emitReserved('decoded', { type: PacketType.DISCONNECT, nsp: '/' });
    }
  }

  #isExpected(packet: string): boolean {
    switch (Number(packet.charAt(0) || Number.NaN)) {
      case PacketType.CONNECT:
        if (this.#connects) return false;
        this.#connects = true;
        // Of another namespace socket.io says itself that it is not there.
        return packet.charAt(1) !== '/' || packet.length <= longestForeign;
      case PacketType.EVENT:
        return this.#connects && event.test(packet);
      case PacketType.DISCONNECT:
        return this.#connects && packet === '1';
      default:
        return false;
    }
  }
}

/** socket.io makes one for each connection, without arguments; all of them take turns. */
export function decoderOf(clock: Clock, maxMessageBytes: number, turns: Turns): new () => StrictDecoder {
  return class extends StrictDecoder {
    constructor() {
      super(clock, maxMessageBytes, turns);
    }
  };
}

/**
 * Lets the decoder of a connection keep it from sending more than is read, in turn with those of other addresses.
 * socket.io has it there without a type.
 */
export function govern({ client, conn }: { client: object; conn: EngineSocket }, address: string): void {
  const decoder: unknown = Reflect.get(client, 'decoder');
  if (decoder instanceof StrictDecoder) decoder.source = { ...flowOf(conn), place: addressKey(address) };
}
