import { observer, type types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { ParamsInput, Result } from '../../src/protocol/index.ts';
import { listenersOf } from './listenersOf.ts';
import { RawClient } from './RawClient.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './testServer.ts';
import { waitFor } from './waitFor.ts';

export interface Joined extends RawClient {
  answer: Result<'join'>;
}

/**
 * A server and the clients of one test file. After each test its clients are closed, and nothing of them may be left:
 * not in the server, not in the workers, which must be the same processes as before.
 */
export class Stage {
  readonly #options: TestServerOptions;
  readonly #clients = new Set<RawClient>();
  readonly #workers = new Set<types.Worker>();
  readonly #webRtcServers = new Set<types.WebRtcServer>();
  readonly #routers = new Map<types.Router, Set<types.Transport>>();
  readonly #consumers = new Set<types.Consumer>();
  #server: TestServer | undefined;
  #pids: number[] = [];
  #before: Record<string, number> = {};
  #listening: Record<string, number>[] = [];

  constructor(options: TestServerOptions) {
    this.#options = options;
  }

  get server(): TestServer {
    if (!this.#server) throw new Error('the stage has no server yet');
    return this.#server;
  }

  async open(): Promise<void> {
    this.#before = listenersOf(process);
    const met = (worker: types.Worker) => {
      this.#workers.add(worker);
      worker.observer.once('newwebrtcserver', (webRtcServer) => this.#webRtcServers.add(webRtcServer));
      worker.observer.on('newrouter', (router) => {
        const transports = new Set<types.Transport>();
        this.#routers.set(router, transports);
        router.observer.once('close', () => this.#routers.delete(router));
        router.observer.on('newtransport', (transport) => {
          transports.add(transport);
          transport.observer.once('close', () => transports.delete(transport));
          transport.observer.on('newconsumer', (consumer) => this.#meet(consumer));
        });
      });
    };
    observer.on('newworker', met);
    this.#server = await startTestServer(this.#options);
    observer.off('newworker', met);
    this.#pids = this.server.app.engine.status.pids;
    this.#listening = this.#listeners();
  }

  get workers(): types.Worker[] {
    return [...this.#workers];
  }

  /** mediasoup's own routers that are open, each with its transports. */
  get routers(): ReadonlyMap<types.Router, ReadonlySet<types.Transport>> {
    return this.#routers;
  }

  /** mediasoup's own consumers that are open, in the order in which they were made. */
  get consumers(): types.Consumer[] {
    return [...this.#consumers];
  }

  #meet(consumer: types.Consumer): void {
    this.#consumers.add(consumer);
    consumer.observer.once('close', () => this.#consumers.delete(consumer));
  }

  /** @param auth what the handshake carries besides the token */
  async client(room: string, identity: string, url = this.server.url, auth = {}): Promise<RawClient> {
    return this.clientWith(await this.server.token(room, identity), auth, url);
  }

  async clientWith(token: string, auth = {}, url = this.server.url): Promise<RawClient> {
    const client = await RawClient.connect(url, token, auth);
    this.#clients.add(client);
    return client;
  }

  async joined(room: string, identity: string, params: Partial<ParamsInput<'join'>> = {}): Promise<Joined> {
    const client = await this.client(room, identity);
    return Object.assign(client, { answer: await client.join(params) });
  }

  /** Closes what the test opened; fails when something of it stays. */
  async clear(): Promise<void> {
    for (const client of this.#clients) client.close();
    this.#clients.clear();
    const { app } = this.server;
    try {
      await waitFor('an empty server', () => this.#left() === '');
    } catch {
      throw new Error(`left behind on the server: ${this.#left()}`);
    }
    expect(app.engine.status.pids, 'no worker died').toEqual(this.#pids);
    expect(await this.#leftInWorkers(), 'left behind in the workers').toEqual([]);
    expect(this.#listeners(), 'listeners').toEqual(this.#listening);
    expect(this.server.problems.splice(0), "the server's log").toEqual([]);
  }

  async close(): Promise<void> {
    await this.#server?.close();
    expect(listenersOf(process), 'listeners on process').toEqual(this.#before);
  }

  #left(): string {
    const { engine, registry, gateway } = this.server.app;
    const left: string[] = [];
    const { tally } = engine.status;
    if (Object.values(tally).some((count) => count > 0)) left.push(JSON.stringify(tally));
    if (registry.rooms.length > 0) left.push(`rooms ${registry.rooms.map(({ name }) => name)}`);
    if (registry.participants > 0) left.push(`${registry.participants} participants`);
    if (gateway.sockets > 0) left.push(`${gateway.sockets} sockets`);
    return left.join(', ');
  }

  async #leftInWorkers(): Promise<string[]> {
    const left: string[] = [];
    for (const worker of this.#workers) {
      const { routerIds, channelMessageHandlers } = await worker.dump();
      // The WebRtcServer has one handler, the worker none.
      const handlers = channelMessageHandlers.channelRequestHandlers.length;
      if (routerIds.length > 0) left.push(`${routerIds.length} routers`);
      if (handlers > 1) left.push(`${handlers} handlers`);
    }
    for (const webRtcServer of this.#webRtcServers) {
      const { webRtcTransportIds, localIceUsernameFragments } = await webRtcServer.dump();
      const kept = webRtcTransportIds.length + localIceUsernameFragments.length;
      if (kept > 0) left.push(`${kept} entries of a WebRtcServer`);
    }
    return left;
  }

  #listeners(): Record<string, number>[] {
    return [process, ...[...this.#workers].flatMap((worker) => [worker, worker.observer])].map(listenersOf);
  }
}

/** For a test file: one server for all its tests, which is looked over after each. */
export function setStage(options: TestServerOptions = {}): Stage {
  const stage = new Stage(options);
  beforeAll(() => stage.open());
  afterEach(() => stage.clear());
  afterAll(() => stage.close());
  return stage;
}
