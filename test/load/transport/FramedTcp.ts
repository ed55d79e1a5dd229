import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';

const lengthBytes = 2;

/** Packets over TCP, each with its length before it (RFC 4571), used like a UDP socket: `message`, `send`, `close`. */
export class FramedTcp extends EventEmitter<{ message: [packet: Buffer] }> {
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);

  /** @throws Error of the socket where nobody listens */
  static async open({ ip, port }: { ip: string; port: number }): Promise<FramedTcp> {
    const socket = connect({ host: ip, port, noDelay: true });
    await once(socket, 'connect');
    return new FramedTcp(socket);
  }

  private constructor(socket: Socket) {
    super();
    this.#socket = socket;
    // That the connection is broken is what the checks find out by themselves.
    socket.on('error', () => undefined);
    socket.on('data', (data) => this.#read(data));
  }

  /** @param packet in one piece or in several, of at most 65,535 bytes */
  send(packet: Buffer | Buffer[]): void {
    const parts = Array.isArray(packet) ? packet : [packet];
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt16BE(parts.reduce((sum, part) => sum + part.length, 0));
    this.#socket.write(Buffer.concat([length, ...parts]));
  }

  /** Takes nothing from the kernel any more, so that in the end the other side can write nothing. */
  stopReading(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(data: Buffer): void {
    let rest = Buffer.concat([this.#rest, data]);
    while (rest.length >= lengthBytes) {
      const end = lengthBytes + rest.readUInt16BE();
      if (rest.length < end) break;
      this.emit('message', rest.subarray(lengthBytes, end));
      rest = rest.subarray(end);
    }
    this.#rest = rest;
  }
}
