import { Decoder, type Packet, PacketType } from 'socket.io-parser';
import type { Clock } from '../room/ports.ts';
import { TokenBucket } from '../room/TokenBucket.ts';
import type { Sender, Turns } from '../Turns.ts';

/** Longer than the name of any namespace; there is only one, and it has none. */
const longestForeign = 16 * 1024;

/**
 * So many of the largest messages are read a second, and at once: more than a client ever sends. Reading costs before it is
 * known what was asked, and large messages are what costs most.
 */
const largest = { perSecond: 16, burst: 64 };

/** An event: perhaps the id of the answer that is wanted, and an array that begins with the name. */
const event = /^2\d{0,15}\["/;
const goodbye = /^(?:1$|2\d{0,15}\["leave")/;

/** What brings the packets. */
export interface Source extends Sender {
  /** Ends it at once. */
  cut(): void;
}

export interface DecoderOptions {
  clock: Clock;
  maxMessageBytes: number;
  /** All decoders take turns. */
  turns: Turns;
  source: Source;
}

/**
 * Reads what a client of ours sends, and nothing else of socket.io's protocol: one CONNECT; when that has let it in, events
 * with a name, and DISCONNECT. The first character of a packet tells, so that nothing else is parsed, answered or kept: no
 * binary attachments, of which socket.io would gather ten for each event, no acknowledgements, since nobody asks a client
 * for any, no second CONNECT, which would be another handshake on the same connection, and of somebody who has not said yet
 * who it is nothing but that. Whoever sends something else, or more than may wait, is cut.
 */
export class StrictDecoder extends Decoder {
  readonly #source: Source;
  readonly #length: TokenBucket;
  readonly #turns: Turns;
  #state: 'new' | 'connecting' | 'in' | 'gone' | 'cut' = 'new';

  constructor({ clock, maxMessageBytes, turns, source }: DecoderOptions) {
    super();
    this.#turns = turns;
    this.#source = source;
    const { perSecond, burst } = largest;
    this.#length = new TokenBucket(clock, { perSecond: perSecond * maxMessageBytes, burst: burst * maxMessageBytes });
  }

  /** The client has said who it is, and may send requests. */
  letIn(): void {
    if (this.#state === 'connecting') this.#state = 'in';
  }

  /** @throws what socket.io closes the connection for */
  override add(packet: unknown): void {
    try {
      this.#take(packet);
    } catch (error) {
      // socket.io closes it politely, and what the client goes on sending would be read until it has said goodbye itself.
      this.#state = 'cut';
      this.#source.cut();
      throw error;
    }
  }

  /**
   * The connection is closed, and socket.io listens no more: what had come before and waits is read all the same, in its turn.
   *
   * @param read called with each packet
   * @param done called when nothing waits any more
   */
  finish(read: (packet: Packet) => void, done: () => void): void {
    if (this.#state !== 'in') {
      done();
      return;
    }
    this.#state = 'gone';
    this.on('decoded', read);
    this.#turns.finish(this.#source, done);
  }

  override destroy(): void {
    if (this.#state !== 'gone') this.#turns.forget(this.#source);
    super.destroy();
  }

  #take(packet: unknown): void {
    if (typeof packet !== 'string' || !this.#isExpected(packet)) throw new Error('unexpected packet');
    if (!this.#length.tryTake(packet.length)) throw new Error('too much to read');
    let now = true;
    const read = () => {
      if (now) super.add(packet);
      else this.#addLate(packet);
    };
    const taken = this.#turns.take(this.#source, read, { size: packet.length, ends: goodbye.test(packet) });
    now = false;
    if (!taken) throw new Error('too much waits to be read');
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
        if (this.#state !== 'new') return false;
        this.#state = 'connecting';
        // Of another namespace socket.io says itself that it is not there.
        return packet.charAt(1) !== '/' || packet.length <= longestForeign;
      case PacketType.EVENT:
        return this.#state === 'in' && event.test(packet);
      case PacketType.DISCONNECT:
        return this.#state === 'in' && packet === '1';
      default:
        return false;
    }
  }
}
