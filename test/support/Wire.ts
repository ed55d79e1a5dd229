import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A network between a client and the server that can go quiet or be cut, which a local socket by itself never is. */
export class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async to(url: string): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const wire = new Wire(hostname, Number(port));
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  private constructor(host: string, port: number) {
    this.#server = createServer((near) => {
      const far = connect({ host, port });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.setNoDelay(true);
        // A connection that is reset is what a cut looks like.
        socket.on('error', () => this.cut());
        socket.on('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Nothing passes any more, and nobody is told. */
  silence(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  /** Both ends are reset, as when a process is killed. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
