import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { oneByOne } from '../oneByOne.ts';
import { PlenumError } from '../protocol/index.ts';
import { Acceptors } from './Acceptors.ts';
import { ConnectionPlaces, type PlacesOptions } from './ConnectionPlaces.ts';
import { answerClientErrors } from './clientErrors.ts';

export interface TlsFiles {
  /** PEM. */
  cert: string;
  key: string;
}

export interface ListenerOptions extends PlacesOptions {
  /** Host names or addresses; `localhost` stands for both loopback addresses. */
  hosts: readonly string[];
  /** 0: any free one, the same on every address. */
  port: number;
  tls?: TlsFiles | undefined;
  /** On each address: so many connections are taken in one turn of the event loop. */
  listeningSockets: number;
  /** Which requests are for a WebSocket; others that ask for one are answered as if they did not. Default: none. */
  upgrades?: (request: IncomingMessage) => boolean;
  /** Milliseconds for which nothing has to move on a connection that waits for an answer, or does not take it. */
  stalledMs?: number;
  /** What host and port are called where somebody can change them. */
  variables: { host: string; port: string };
}

/**
 * In milliseconds: a connection over which nobody asks anything, or never to the end, is closed, since each of them takes
 * a place. The largest bodies of the API (1.6 MB) come in time over 4 Mbit/s.
 */
const patience = { headersTimeout: 4000, requestTimeout: 4000, connectionsCheckingInterval: 250 };
const tlsPatience = { ...patience, handshakeTimeout: 4000 };

/** Whoever reads nothing of an answer for so long, in milliseconds, has an open file and its memory no longer. */
export const stalledMs = 30_000;

/** How long open connections have to end by themselves. */
const goodbyeMs = 500;

/** One port, on one address or several: what answers there is the same. */
export class Listener {
  /** One per address. */
  readonly servers: readonly Server[];
  readonly #options: ListenerOptions;
  readonly #addresses: string[];
  readonly #acceptors: readonly Acceptors[];
  readonly #places: ConnectionPlaces;

  constructor(answer: RequestListener, options: ListenerOptions) {
    this.#options = options;
    this.#addresses = options.hosts.flatMap((host) => (host === 'localhost' ? ['127.0.0.1', '::1'] : [host]));
    this.#places = new ConnectionPlaces(options);
    const shouldUpgradeCallback = options.upgrades ?? (() => false);
    const ordered: RequestListener = (request, response) => {
      oneByOne(request, response, () => answer(request, response));
    };
    this.servers = this.#addresses.map(() =>
      options.tls
        ? createTlsServer({ ...options.tls, ...tlsPatience, shouldUpgradeCallback }, ordered)
        : createServer({ ...patience, shouldUpgradeCallback }, ordered),
    );
    const take = (socket: Socket) => this.#take(socket);
    const { bringsOthers, listeningSockets: sockets } = options;
    const allowHalfOpen = options.tls === undefined;
    this.#acceptors = this.servers.map(
      (server) => new Acceptors(server, { sockets, bringsOthers, allowHalfOpen, take }),
    );
    for (const server of this.servers) {
      server.timeout = options.stalledMs ?? stalledMs;
      server.on('connection', take);
      // From here on Node does not listen for its errors, and whoever takes it over perhaps later.
      server.on('upgrade', (_request, socket: Duplex) => socket.on('error', ignore));
    }
  }

  /** @returns the port, which the operating system may have chosen */
  async listen(): Promise<number> {
    // Whatever else answers has been attached by now.
    for (const server of this.servers) answerClientErrors(server);
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
      for (const socket of this.#places.sockets) socket.destroy();
    }, goodbyeMs);
    await closed;
    clearTimeout(impatience);
  }

  #take(socket: Socket): boolean {
    if (this.#places.has(socket)) return true;
    // Where nobody listens for errors, one would end the process; `close` comes after it all the same.
    socket.on('error', ignore);
    return this.#places.take(socket);
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

const ignore = () => undefined;

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
