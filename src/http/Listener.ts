import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { PlenumError } from '../protocol/index.ts';
import { Acceptors } from './Acceptors.ts';

export interface TlsFiles {
  /** PEM. */
  cert: string;
  key: string;
}

export interface ListenerOptions {
  /** Host names or addresses; `localhost` stands for both loopback addresses. */
  hosts: readonly string[];
  /** 0: any free one, the same on every address. */
  port: number;
  tls?: TlsFiles | undefined;
  /** TCP connections at a time; one more is closed at once. */
  maxConnections: number;
  /** On each address: so many connections are taken in one turn of the event loop. */
  listeningSockets: number;
  /** What host and port are called where somebody can change them. */
  variables: { host: string; port: string };
}

/**
 * In milliseconds: a connection over which nobody asks anything, or never to the end, is closed, since each of them takes
 * a place.
 */
const patience = { headersTimeout: 4000, requestTimeout: 4000, connectionsCheckingInterval: 250 };
const tlsPatience = { ...patience, handshakeTimeout: 4000 };

/** How long open connections have to end by themselves. */
const goodbyeMs = 500;

/** One port, on one address or several: what answers there is the same. */
export class Listener {
  /** One per address. */
  readonly servers: readonly Server[];
  readonly #options: ListenerOptions;
  readonly #addresses: string[];
  readonly #acceptors: readonly Acceptors[];
  readonly #sockets = new Set<Socket>();

  constructor(answer: RequestListener, options: ListenerOptions) {
    this.#options = options;
    this.#addresses = options.hosts.flatMap((host) => (host === 'localhost' ? ['127.0.0.1', '::1'] : [host]));
    this.servers = this.#addresses.map(() =>
      options.tls ? createTlsServer({ ...options.tls, ...tlsPatience }, answer) : createServer(patience, answer),
    );
    const take = (socket: Socket) => this.#take(socket);
    const allowHalfOpen = options.tls === undefined;
    this.#acceptors = this.servers.map(
      (server) => new Acceptors(server, { sockets: options.listeningSockets, allowHalfOpen, take }),
    );
    for (const server of this.servers) server.on('connection', take);
  }

  /** @returns the port, which the operating system may have chosen */
  async listen(): Promise<number> {
    let { port } = this.#options;
    for (const [index, acceptors] of this.#acceptors.entries()) {
      const address = this.#addresses[index];
      try {
        port = await acceptors.listen(address, port);
      } catch (error) {
        // A machine without IPv6 has no ::1; 127.0.0.1 alone is fine then.
        if (address === '::1' && index > 0 && isCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) continue;
        throw this.#failure(error, address, port);
      }
    }
    return port;
  }

  async close(): Promise<void> {
    const closed = Promise.all(this.#acceptors.map((acceptors) => acceptors.close()));
    for (const server of this.servers) server.closeAllConnections();
    // WebSockets are no longer the HTTP server's to close, and a client that sleeps never answers their goodbye.
    const impatience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, goodbyeMs);
    await closed;
    clearTimeout(impatience);
  }

  /** Whether there is a place for it; it may have one already. */
  #take(socket: Socket): boolean {
    if (this.#sockets.has(socket)) return true;
    if (this.#sockets.size >= this.#options.maxConnections) {
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return true;
  }

  #failure(error: unknown, address: string | undefined, port: number): PlenumError {
    const { variables } = this.#options;
    const mend = isCode(error, 'EADDRINUSE')
      ? `the port is in use; end the program that has it, or choose another with ${variables.port}`
      : isCode(error, 'EACCES')
        ? `ports below 1024 need more rights; choose another with ${variables.port}`
        : `check ${variables.host} and ${variables.port}`;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot listen on ${address} port ${port}: ${mend} (${reason})`;
    return new PlenumError('internal', message, { cause: error });
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
