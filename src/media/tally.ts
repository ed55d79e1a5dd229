import type { types } from 'mediasoup';

/** How many mediasoup objects live on a worker: what placement goes by, and what leak tests look at. */
export interface Tally {
  routers: number;
  /** Of participants. */
  transports: number;
  /** What participants send. */
  producers: number;
  /** What participants receive. */
  consumers: number;
  /** Ends of links to routers of the same room on other workers. */
  links: number;
  /** Publications that come here from another worker. */
  pipesIn: number;
  /** Publications that go from here to another worker; one that goes to two counts twice. */
  pipesOut: number;
}

interface Observed {
  observer: { once(event: 'close', listener: () => void): unknown };
}

/** mediasoup's producers and consumers, as far as they are alike. */
export interface Stream extends Observed {
  readonly closed: boolean;
  getStats(): Promise<{ type: string; packetCount: number; byteCount: number }[]>;
}

/**
 * Keeps count of everything that appears on the worker, by mediasoup's observers.
 *
 * @param onStream hears of each producer and consumer whose packets go over a network
 */
export function tallyWorker(worker: types.Worker, onStream: (stream: Stream, way: 'in' | 'out') => void): Tally {
  const tally = emptyTally();
  const count = (what: keyof Tally, object: Observed) => {
    tally[what] += 1;
    object.observer.once('close', () => {
      tally[what] -= 1;
    });
  };
  worker.observer.on('newrouter', (router) => {
    count('routers', router);
    router.observer.on('newtransport', (transport) => {
      // The one by which the server itself listens, one per router: it goes with the router.
      if (transport.type === 'direct') return;
      const piped = transport.type === 'pipe';
      count(piped ? 'links' : 'transports', transport);
      transport.observer.on('newproducer', (producer) => {
        count(piped ? 'pipesIn' : 'producers', producer);
        onStream(producer, 'in');
      });
      transport.observer.on('newconsumer', (consumer) => {
        count(piped ? 'pipesOut' : 'consumers', consumer);
        onStream(consumer, 'out');
      });
    });
  });
  return tally;
}

export function emptyTally(): Tally {
  return { routers: 0, transports: 0, producers: 0, consumers: 0, links: 0, pipesIn: 0, pipesOut: 0 };
}
