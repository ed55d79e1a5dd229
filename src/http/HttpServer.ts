import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from '../log.ts';
import { PlenumError } from '../protocol/index.ts';
import { serveClient } from './client.ts';
import { type HealthSource, serveHealth } from './health.ts';
import { serveMetrics } from './metrics.ts';
import { type MintToken, serveTokens } from './tokens.ts';

export interface TlsFiles {
  /** PEM. */
  cert: string;
  key: string;
}

export interface HttpServerOptions {
  /** Host names or addresses; `localhost` stands for both loopback addresses. */
  hosts: string[];
  /** TCP connections at a time; one more is closed at once. */
  maxConnections: number;
  /** 0: any free one, the same on every address. */
  port: number;
  tls: TlsFiles | undefined;
  /** Folder with the built web client; undefined: none is served. */
  clientFolder: string | undefined;
  health: HealthSource;
  mintToken: MintToken;
  log: Logger;
}

/**
 * In milliseconds: a connection over which nobody asks anything, or never to the end, is closed, since each of them takes
 * a place.
 */
const patience = { headersTimeout: 4000, requestTimeout: 4000, connectionsCheckingInterval: 250 };
const tlsPatience = { ...patience, handshakeTimeout: 4000 };

/** How long open connections have to end by themselves. */
const goodbyeMs = 500;

/** Web page, API and health over HTTP; the same routes on each address. */
export class HttpServer {
  /** One per address; signaling attaches to these. */
  readonly servers: readonly Server[];
  readonly #app: FastifyInstance;
  readonly #options: HttpServerOptions;
  readonly #addresses: string[];
  readonly #sockets = new Set<Socket>();

  static async create(options: HttpServerOptions): Promise<HttpServer> {
    const refuse = (error: unknown, _request: unknown, reply: FastifyReply) => {
      const { status, code, message } = httpError(error, options.log);
      void reply.status(status).send({ error: { code, message } });
    };
    const app = fastify({
      loggerInstance: undefined,
      bodyLimit: 64 * 1024,
      routerOptions: { maxParamLength: 200 },
      // An address that cannot be decoded does not come as far as the error handler.
      frameworkErrors: refuse,
    });
    app.setErrorHandler(refuse);
    serveHealth(app, options.health);
    serveMetrics(app, options.health);
    serveTokens(app, options.mintToken);
    await serveClient(app, options.clientFolder);
    await app.ready();
    return new HttpServer(app, options);
  }

  private constructor(app: FastifyInstance, options: HttpServerOptions) {
    this.#app = app;
    this.#options = options;
    this.#addresses = options.hosts.flatMap((host) => (host === 'localhost' ? ['127.0.0.1', '::1'] : [host]));
    this.servers = this.#addresses.map(() =>
      options.tls
        ? createTlsServer({ ...options.tls, ...tlsPatience }, app.routing)
        : createServer(patience, app.routing),
    );
    for (const server of this.servers) {
      server.on('connection', (socket: Socket) => {
        if (this.#sockets.size >= options.maxConnections) {
          socket.destroy();
          return;
        }
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      });
    }
  }

  /** @returns the port, which the operating system may have chosen */
  async listen(): Promise<number> {
    let { port } = this.#options;
    for (const [index, server] of this.servers.entries()) {
      const address = this.#addresses[index];
      try {
        port = await listenOn(server, address, port);
      } catch (error) {
        // A machine without IPv6 has no ::1; 127.0.0.1 alone is fine then.
        if (address === '::1' && index > 0 && isCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) continue;
        throw listenFailure(error, address, port);
      }
    }
    return port;
  }

  async close(): Promise<void> {
    const closed = Promise.all(
      this.servers.map((server) => server.listening && new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    for (const server of this.servers) server.closeAllConnections();
    // WebSockets are no longer the HTTP server's to close, and a client that sleeps never answers their goodbye.
    const impatience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, goodbyeMs);
    await closed;
    clearTimeout(impatience);
    await this.#app.close();
  }
}

function listenOn(server: Server, host: string | undefined, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function listenFailure(error: unknown, address: string | undefined, port: number): PlenumError {
  const mend = isCode(error, 'EADDRINUSE')
    ? 'the port is in use; end the program that has it, or choose another with PLENUM_PORT'
    : isCode(error, 'EACCES')
      ? 'ports below 1024 need more rights; choose another with PLENUM_PORT'
      : 'check PLENUM_HOST and PLENUM_PORT';
  const reason = error instanceof Error ? error.message : String(error);
  return new PlenumError('internal', `cannot listen on ${address} port ${port}: ${mend} (${reason})`, { cause: error });
}

const statusOf: Partial<Record<string, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'message-too-large': 413,
  draining: 503,
};

function httpError(error: unknown, log: Logger): { status: number; code: string; message: string } {
  if (error instanceof PlenumError) {
    return { status: statusOf[error.code] ?? 500, code: error.code, message: error.message };
  }
  // What Fastify refuses by itself: a body that is no JSON, too large, or of another type.
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500 && error instanceof Error) {
    return { status, code: status === 413 ? 'message-too-large' : 'bad-request', message: error.message };
  }
  log.error({ err: error }, 'an HTTP request failed');
  return { status: 500, code: 'internal', message: 'the server failed; its log says why' };
}
