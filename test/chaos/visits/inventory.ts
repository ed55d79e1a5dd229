import { createHook } from 'node:async_hooks';
import { observer, type types } from 'mediasoup';
import type { App } from '../../../src/app.ts';
import { listenersOf } from '../../support/listenersOf.ts';

/** What a server's process holds; for an empty server it must be the same at any time. */
export interface Inventory {
  timers: number;
  /** What keeps the event loop alive, by kind. */
  resources: Record<string, number>;
  /** Of the process, the workers and their observers, by event. */
  listeners: Record<string, number>[];
  /** Open objects of mediasoup's Node layer, by kind. */
  objects: Record<string, number>;
  /** What the workers themselves know: routers and handlers; transports and ICE user names of their WebRtcServers. */
  workers: number[][];
  sockets: number;
  /** Names. */
  rooms: string[];
  participants: number;
}

const kinds = ['routers', 'transports', 'producers', 'consumers', 'dataProducers', 'dataConsumers'] as const;
type Closable = { observer: { once(event: 'close', listener: () => void): unknown } };

/** Counts from its making on; make it before the server. */
export class InventoryKeeper {
  readonly #timers = new Set<number>();
  readonly #workers = new Set<types.Worker>();
  readonly #webRtcServers = new Set<types.WebRtcServer>();
  readonly #objects = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<(typeof kinds)[number], number>;

  constructor() {
    createHook({
      init: (id, type) => {
        if (type === 'Timeout') this.#timers.add(id);
      },
      destroy: (id) => this.#timers.delete(id),
      trackPromises: false,
    }).enable();
    observer.on('newworker', (worker) => this.#watch(worker));
  }

  #watch(worker: types.Worker): void {
    this.#workers.add(worker);
    worker.observer.once('close', () => this.#workers.delete(worker));
    worker.observer.on('newwebrtcserver', (server) => this.#webRtcServers.add(server));
    worker.observer.on('newrouter', (router) => {
      this.#count('routers', router);
      router.observer.on('newtransport', (transport) => {
        this.#count('transports', transport);
        transport.observer.on('newproducer', (each) => this.#count('producers', each));
        transport.observer.on('newconsumer', (each) => this.#count('consumers', each));
        transport.observer.on('newdataproducer', (each) => this.#count('dataProducers', each));
        transport.observer.on('newdataconsumer', (each) => this.#count('dataConsumers', each));
      });
    });
  }

  #count(kind: (typeof kinds)[number], object: Closable): void {
    this.#objects[kind] += 1;
    object.observer.once('close', () => {
      this.#objects[kind] -= 1;
    });
  }

  async take({ registry, gateway }: App): Promise<Inventory> {
    const workers = [...this.#workers];
    const dumps = await Promise.all(workers.map((worker) => worker.dump()));
    const doors = await Promise.all([...this.#webRtcServers].map((server) => server.dump()));
    return {
      timers: this.#timers.size,
      resources: countBy(process.getActiveResourcesInfo()),
      listeners: [process, ...workers.flatMap((worker) => [worker, worker.observer])].map(listenersOf),
      objects: { ...this.#objects },
      workers: [
        ...dumps.map(
          ({ routerIds, channelMessageHandlers: { channelRequestHandlers, channelNotificationHandlers } }) => [
            routerIds.length,
            channelRequestHandlers.length,
            channelNotificationHandlers.length,
          ],
        ),
        ...doors.map(({ webRtcTransportIds, localIceUsernameFragments }) => [
          webRtcTransportIds.length,
          localIceUsernameFragments.length,
        ]),
      ],
      sockets: gateway.sockets,
      rooms: registry.rooms.map(({ name }) => name),
      participants: registry.participants,
    };
  }
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
