import { type AddressInfo, createServer, type Server } from 'node:net';

/** As many new connections are taken in one turn of the event loop, from each address that is listened on. */
const atOnce = 8;

/**
 * Further sockets that listen on the port of a server and hand it what comes. Node takes one new connection of each
 * listening socket in a turn of its event loop (libuv 1.52); so whoever opens some hundreds a second while there is much
 * to do keeps all others waiting for seconds in front of a server that could take them. The kernel shares connections out
 * among sockets that ask for it (SO_REUSEPORT), on Linux.
 */
export class Acceptors {
  readonly #server: Server;
  readonly #halfOpen: boolean;
  readonly #further: Server[] = [];

  /** @param halfOpen as the server itself takes connections (`allowHalfOpen`) */
  constructor(server: Server, halfOpen: boolean) {
    this.#server = server;
    this.#halfOpen = halfOpen;
  }

  /** @returns the port */
  async listen(host: string | undefined, port: number): Promise<number> {
    if (process.platform !== 'linux') return listenOn(this.#server, { host, port });
    // Sockets that share a port do not notice somebody else's that would share it, too.
    if (port !== 0) await probe(host, port);
    const shared = { host, port: await listenOn(this.#server, { host, port, reusePort: true }), reusePort: true };
    while (this.#further.length < atOnce - 1) {
      const further = createServer({ allowHalfOpen: this.#halfOpen, noDelay: true }, (socket) => {
        this.#server.emit('connection', socket);
      });
      await listenOn(further, shared);
      this.#further.push(further);
    }
    return shared.port;
  }

  /** Takes no more; resolves when all connections are gone. */
  async close(): Promise<void> {
    await Promise.all([this.#server, ...this.#further].map(closed));
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
