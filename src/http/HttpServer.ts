import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { addressKey } from '../addressKey.ts';
import type { Logger } from '../log.ts';
import type { Door } from '../openDoor.ts';
import { addressOf, type Trust } from '../proxies.ts';
import type { ServedHosts } from '../servedHosts.ts';
import { serveApi } from './api/index.ts';
import type { ApiService } from './api/ports.ts';
import { serveClient } from './client.ts';
import { type HealthSource, serveStatus } from './health.ts';
import { onlyFor } from './hosts.ts';
import { Listener, type ListenerOptions } from './Listener.ts';
import { serveOrigins } from './origins.ts';
import { limited, type TakeRequest } from './RequestLimit.ts';
import { createInstance } from './refusals.ts';
import { inTurns } from './requestTurns.ts';
import { serveSecurityHeaders } from './securityHeaders.ts';
import { type MintToken, serveTokens } from './tokens.ts';

export interface HttpServerOptions extends Omit<ListenerOptions, 'variables'> {
  /** Folder with the built web client; undefined: none is served. */
  clientFolder: string | undefined;
  /** Origins of other sites' pages that may use this server. */
  allowedOrigins: readonly string[];
  /** Origins that may show the web client in a frame. */
  frameAncestors: readonly string[];
  trust: Trust;
  /** Requests for other hosts are refused. */
  servedHosts: ServedHosts;
  health: HealthSource;
  /** Who gets tokens. */
  door: Door;
  mintToken: MintToken;
  /** Whether one more request may be answered to whoever asks. */
  takeRequest: TakeRequest;
  /** The API for the application's server. */
  api: ApiService;
  /** Of the server, for the description of the API. */
  version: string;
  log: Logger;
}

/** Web page, API and health over HTTP, for everybody; the same routes on each address. */
export class HttpServer {
  readonly #app: FastifyInstance;
  readonly #listener: Listener;

  static async create(options: HttpServerOptions): Promise<HttpServer> {
    const { log, trust, allowedOrigins, frameAncestors, tls } = options;
    const app = createInstance(log);
    await serveSecurityHeaders(app, { tls: tls !== undefined, frameAncestors });
    serveOrigins(app, allowedOrigins, trust);
    serveStatus(app, options.health);
    serveTokens(app, options.door, options.mintToken);
    await serveApi(app, { service: options.api, trust, version: options.version, log });
    await serveClient(app, options.clientFolder);
    await app.ready();
    return new HttpServer(app, options);
  }

  private constructor(app: FastifyInstance, options: HttpServerOptions) {
    this.#app = app;
    const variables = { host: 'PLENUM_HOST', port: 'PLENUM_PORT' };
    const answer = inTurns((request) => addressKey(addressOf(request, options.trust)), app.routing);
    const hosts = {
      isServed: options.servedHosts,
      otherwise: 'to be reached under other names the server needs PLENUM_TOKEN_SECRET, or --open',
      statusForAll: true,
    };
    const taken = onlyFor(hosts, limited(options.takeRequest, answer));
    this.#listener = new Listener(taken, { ...options, variables });
  }

  /** One per address; signaling attaches to these. */
  get servers(): readonly Server[] {
    return this.#listener.servers;
  }

  /** @returns the port, which the operating system may have chosen */
  listen(): Promise<number> {
    return this.#listener.listen();
  }

  async close(): Promise<void> {
    await this.#listener.close();
    await this.#app.close();
  }
}
