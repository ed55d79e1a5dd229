import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { steadyPort } from './steadyPort.ts';

/** Carries TCP connections to a server, and can break them or be away: the network between people and the server. */
export class Relay {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  #server: Server | undefined;

  static async to(url: string): Promise<Relay> {
    const relay = new Relay(new URL(url), await steadyPort());
    await relay.restore();
    return relay;
  }

  private constructor(target: URL, port: number) {
    this.#target = target;
    this.#port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Breaks all connections; new ones are let through at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing passes on the connections that there are, and nobody is told; new ones are let through. */
  silence(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** Breaks all connections; nobody gets through before `restore()`. */
  async shut(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    this.cut();
    await closed;
  }

  /** Back on the same port. */
  async restore(): Promise<void> {
    const server = createServer((socket) => this.#carry(socket));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
  }

  close(): Promise<void> {
    return this.shut();
  }

  #carry(near: Socket): void {
    const far = createConnection({ host: this.#target.hostname, port: Number(this.#target.port) });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      // Whatever ends one end ends the other.
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
