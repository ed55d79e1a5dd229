import { connect, type Socket } from 'node:net';

/** Where the server is, and from which address of this machine to go there. */
export interface Place {
  host: string;
  port: number;
  localAddress?: string | undefined;
}

const upgrade = ({ host, port }: Place) =>
  [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${host}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n');

const headEnd = Buffer.from('\r\n\r\n');
const none = Buffer.alloc(0);
const emptyPing = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);

/**
 * A WebSocket that costs next to nothing, since what an attacker spends on its own sockets is not the server's trouble:
 * one write for many messages, and no more read than tells what an answer is.
 */
export class RawSocket {
  /** The handshake of the WebSocket was answered, with this status. */
  onAnswered: (status: string) => void = () => undefined;
  onText: (text: string) => void = () => undefined;
  /** The server asks it to go. Whoever is asked has better things to do than to say goodbye. */
  onGoodbye: () => void = () => this.close();
  /** Called once, whoever has ended it. */
  onClosed: () => void = () => undefined;
  readonly #socket: Socket;
  #received: Buffer = none;
  #open = false;

  constructor(place: Place) {
    this.#socket = connect({ ...place, noDelay: true }, () => this.#socket.write(upgrade(place)));
    this.#socket.on('data', (bytes) => this.#take(bytes));
    // A connection that the server ends is what an attack is for.
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.once('close', () => this.onClosed());
  }

  /** Whether more can be sent without piling up here. */
  get writable(): boolean {
    return this.#open && !this.#socket.writableNeedDrain && !this.#socket.destroyed;
  }

  send(texts: readonly string[]): void {
    this.#socket.write(Buffer.concat(texts.map(frame)));
  }

  /** So many pings of the WebSocket, without a payload. */
  ping(times: number): void {
    this.#socket.write(Buffer.concat(Array.from({ length: times }, () => emptyPing)));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    if (!this.#open && !this.#answered()) return;
    for (;;) {
      const size = frameSize(this.#received);
      if (size === undefined || this.#received.length < size.head + size.body) return;
      const { head, body } = size;
      const opcode = (this.#received[0] ?? 0) & 15;
      if (opcode === 8) {
        this.onGoodbye();
        return;
      }
      const text = opcode === 1 ? this.#received.toString('utf8', head, head + body) : undefined;
      this.#received = this.#received.subarray(head + body);
      if (text !== undefined) this.onText(text);
    }
  }

  #answered(): boolean {
    const end = this.#received.indexOf(headEnd);
    if (end < 0) return false;
    const status = /^HTTP\/1\.1 (\d+)/.exec(this.#received.toString('latin1', 0, end))?.[1] ?? 'none';
    this.#received = this.#received.subarray(end + headEnd.length);
    this.#open = status === '101';
    this.onAnswered(status);
    if (!this.#open) this.close();
    return this.#open;
  }
}

/** A frame of a client; the mask of zeros leaves the text as it is. */
function frame(text: string): Buffer {
  const body = Buffer.from(text);
  const { length } = body;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended + 4);
  head[0] = 0x81;
  head[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, body]);
}

function frameSize(bytes: Buffer): { head: number; body: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 127;
  if (short < 126) return { head: 2, body: short };
  if (short === 126) return bytes.length < 4 ? undefined : { head: 4, body: bytes.readUInt16BE(2) };
  return bytes.length < 10 ? undefined : { head: 10, body: Number(bytes.readBigUInt64BE(2)) };
}
