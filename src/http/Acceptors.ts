import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { AcceptQueue } from './AcceptQueue.ts';

export interface AcceptorsOptions {
  /** That listen: so many connections are taken in one turn of the event loop. */
  sockets: number;
  /** Whether others come by way of that address. */
  bringsOthers: (address: string) => boolean;
  /** As the server itself takes connections. */
  allowHalfOpen: boolean;
  /** Called with each new connection, once; false: there is no place for it, and it was closed. */
  take: (socket: Socket) => boolean;
}

/**
 * Sockets that listen on the port of a server and hand it what comes, address by address. Node takes one new connection of
 * each listening socket in a turn of its event loop (libuv 1.52); so whoever opens some hundreds a second while there is
 * much to do would keep all others waiting for seconds in front of a server that could take them. The kernel shares
 * connections out among sockets that ask for it (SO_REUSEPORT), on Linux.
 */
export class Acceptors {
  readonly #server: Server;
  readonly #options: AcceptorsOptions;
  readonly #queue: AcceptQueue;
  readonly #further: Server[] = [];

  constructor(server: Server, options: AcceptorsOptions) {
    this.#server = server;
    this.#options = options;
    const serve = (socket: Socket) => {
      server.emit('connection', socket);
      socket.resume();
    };
    this.#queue = new AcceptQueue({ serve, bringsOthers: options.bringsOthers });
  }

  /** @returns the port */
  async listen(host: string | undefined, port: number): Promise<number> {
    if (process.platform !== 'linux') return listenOn(this.#server, { host, port });
    // Sockets that share a port do not notice somebody else's that would share it, too.
    if (port !== 0) await probe(host, port);
    const shared = { host, port: await listenOn(this.#server, { host, port, reusePort: true }), reusePort: true };
    const { sockets, allowHalfOpen, take } = this.#options;
    // What comes by the server's own socket is served at once, since only what listens itself looks after its timeouts.
    while (this.#further.length < sockets - 1) {
      const further = createServer({ allowHalfOpen, noDelay: true, pauseOnConnect: true }, (socket) => {
        if (take(socket)) this.#queue.add(socket);
      });
      await listenOn(further, shared);
      this.#further.push(further);
    }
    return shared.port;
  }

  /** Takes no more; resolves when all connections are gone. */
  async close(): Promise<void> {
    const all = Promise.all([this.#server, ...this.#further].map(closed));
    this.#queue.close();
    await all;
  }
}

async function probe(host: string | undefined, port: number): Promise<void> {
  const server = createServer();
  await listenOn(server, { host, port });
  await closed(server);
}

interface Place {
  host: string | undefined;
  port: number;
  reusePort?: boolean;
}

function listenOn(server: Server, place: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function closed(server: Server): Promise<void> {
  if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
}
