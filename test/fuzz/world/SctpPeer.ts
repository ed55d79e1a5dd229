import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { MediaConnection } from '../../load/transport/MediaConnection.ts';
import { waitFor } from '../../support/waitFor.ts';
import { type Chunk, chunksOf, chunkType, type OddPacket, sctpPacket } from '../generate/sctp.ts';

/** Bytes of a message in one chunk: a packet must fit into a datagram. */
const pieceBytes = 1100;
const window = 4 * 1024 * 1024;
const cookieParameter = 7;
/** The flags of a chunk in which a message both begins and ends. */
const whole = 3;
/** After so many pieces of a message the event loop has its turn: more at once than a socket's buffer holds are lost. */
const burst = 20;

/**
 * A client's end of the data channels that keeps to no window: it sends what it is told to, and answers what the server
 * needs so that it goes on listening.
 */
export class SctpPeer {
  readonly #connection: MediaConnection;
  readonly #ownTag = randomBytes(4).readUInt32BE(0) || 1;
  #tag = 0;
  #tsn = 1;
  #streamSequence = new Map<number, number>();
  /** Pieces of messages that the server does not have yet, by their numbers, the oldest first. */
  readonly #unacknowledged = new Map<number, Chunk>();
  #open = false;
  /** Messages, or parts of such, that the server has sent. */
  received = 0;
  /** Called with each message that is short enough for one chunk. */
  onMessage: (bytes: Buffer) => void = () => undefined;

  /** @param connection connected already */
  static async open(connection: MediaConnection): Promise<SctpPeer> {
    const peer = new SctpPeer(connection);
    connection.onData = (packet) => peer.#receive(packet);
    await waitFor(
      'the SCTP association',
      () => {
        if (!peer.#open && peer.#tag === 0) peer.#sendInit();
        return peer.#open;
      },
      { timeoutMs: 5000, intervalMs: 100 },
    );
    return peer;
  }

  private constructor(connection: MediaConnection) {
    this.#connection = connection;
  }

  /** One message, whatever its size. */
  async send(stream: number, ppid: number, bytes: Buffer): Promise<void> {
    const sequence = this.#streamSequence.get(stream) ?? 0;
    // What has no bytes is refused (RFC 9260, 3.3.10.9); whatever came after its number would wait for it for ever.
    const counts = bytes.length > 0;
    if (counts) this.#streamSequence.set(stream, (sequence + 1) & 0xffff);
    for (let at = 0; at === 0 || at < bytes.length; at += pieceBytes) {
      const head = Buffer.alloc(12);
      head.writeUInt32BE(this.#tsn, 0);
      head.writeUInt16BE(stream, 4);
      head.writeUInt16BE(sequence, 6);
      head.writeUInt32BE(ppid >>> 0, 8);
      const flags = (at === 0 ? 2 : 0) | (at + pieceBytes >= bytes.length ? 1 : 0);
      const value = Buffer.concat([head, bytes.subarray(at, at + pieceBytes)]);
      const chunk = { type: chunkType.data, flags, value };
      this.throwChunks([chunk]);
      if (!counts) return;
      this.#unacknowledged.set(this.#tsn, chunk);
      this.#tsn = (this.#tsn + 1) >>> 0;
      if ((at / pieceBytes) % burst === burst - 1) await setImmediate();
    }
  }

  /** Any chunks, in a packet that is right but for what is told. */
  throwChunks(chunks: readonly Chunk[], odd?: OddPacket): void {
    this.#connection.sendData(sctpPacket(this.#tag, chunks, odd));
  }

  #sendInit(): void {
    const value = Buffer.alloc(16);
    value.writeUInt32BE(this.#ownTag, 0);
    value.writeUInt32BE(window, 4);
    value.writeUInt16BE(1024, 8);
    value.writeUInt16BE(1024, 10);
    value.writeUInt32BE(this.#tsn, 12);
    this.#connection.sendData(sctpPacket(0, [{ type: chunkType.init, flags: 0, value }]));
  }

  #receive(packet: Buffer): void {
    for (const chunk of chunksOf(packet)) this.#take(chunk);
  }

  #take({ type, flags, value }: Chunk): void {
    if (type === chunkType.initAck && value.length >= 16) {
      this.#tag = value.readUInt32BE(0);
      const cookie = parameter(value, cookieParameter);
      if (cookie) this.throwChunks([{ type: chunkType.cookieEcho, flags: 0, value: cookie }]);
    } else if (type === chunkType.cookieAck) this.#open = true;
    else if (type === chunkType.heartbeat) this.throwChunks([{ type: chunkType.heartbeatAck, flags: 0, value }]);
    else if (type === chunkType.sack && value.length >= 12) this.#takeSack(value);
    else if (type === chunkType.data && value.length >= 12) {
      this.received += 1;
      const sack = Buffer.alloc(12);
      sack.writeUInt32BE(value.readUInt32BE(0), 0);
      sack.writeUInt32BE(window, 4);
      this.throwChunks([{ type: chunkType.sack, flags: 0, value: sack }]);
      if ((flags & whole) === whole) this.onMessage(Buffer.from(value.subarray(12)));
    }
  }

  /** What is missing is sent once more: else everything behind it would wait for it. */
  #takeSack(value: Buffer): void {
    const acknowledged = value.readUInt32BE(0);
    for (const tsn of this.#unacknowledged.keys()) {
      if (tsn > acknowledged) break;
      this.#unacknowledged.delete(tsn);
    }
    const gaps = value.readUInt16BE(8);
    const missing = this.#unacknowledged.get(acknowledged + 1);
    if (gaps > 0 && missing) this.throwChunks([missing]);
  }
}

/** A parameter of an INIT ACK, which begin after its 16 bytes of its own. */
function parameter(value: Buffer, type: number): Buffer | undefined {
  let at = 16;
  while (at + 4 <= value.length) {
    const length = value.readUInt16BE(at + 2);
    if (length < 4) return undefined;
    if (value.readUInt16BE(at) === type) return Buffer.from(value.subarray(at + 4, at + length));
    at += Math.ceil(length / 4) * 4;
  }
  return undefined;
}
