import type { FastifyInstance } from 'fastify';
import type { Logger } from '../log.ts';
import { isLoopback } from '../loopback.ts';
import { anyHost, localHosts } from '../servedHosts.ts';
import { type HealthSource, serveHealth } from './health.ts';
import { onlyFor } from './hosts.ts';
import { Listener } from './Listener.ts';
import { serveMetrics } from './metrics.ts';
import { createInstance, nothingHere } from './refusals.ts';
import { serveSecurityHeaders } from './securityHeaders.ts';

export interface AdminServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** TCP connections at a time. */
  maxConnections: number;
  health: HealthSource;
  log: Logger;
}

/** What only operators may know, on a listener of its own: whoever reaches it is taken to be one. */
export class AdminServer {
  readonly #app: FastifyInstance;
  readonly #listener: Listener;

  static async create(options: AdminServerOptions): Promise<AdminServer> {
    const app = createInstance(options.log);
    await serveSecurityHeaders(app, { tls: false, frameAncestors: [] });
    serveHealth(app, options.health);
    serveMetrics(app, options.health);
    app.get('/', async () => 'Plenum, for operators: /health, /ready and /metrics\n');
    app.setNotFoundHandler(() => {
      throw nothingHere;
    });
    await app.ready();
    return new AdminServer(app, options);
  }

  private constructor(app: FastifyInstance, { host, port, maxConnections }: AdminServerOptions) {
    this.#app = app;
    const variables = { host: 'PLENUM_ADMIN_HOST', port: 'PLENUM_ADMIN_PORT' };
    const hosts = {
      isServed: isLoopback(host) ? localHosts() : anyHost,
      otherwise: 'ask for localhost, or give PLENUM_ADMIN_HOST another address',
      statusForAll: false,
    };
    this.#listener = new Listener(onlyFor(hosts, app.routing), {
      hosts: [host],
      port,
      maxConnections,
      // Operators are not kept from one another.
      maxAddressConnections: maxConnections,
      bringsOthers: () => true,
      listeningSockets: 1,
      variables,
    });
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
