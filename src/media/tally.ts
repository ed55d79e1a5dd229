import type { types } from 'mediasoup';

/** How many mediasoup objects live on a worker: what placement goes by, and what leak tests look at. */
export interface Tally {
  routers: number;
  transports: number;
  producers: number;
  consumers: number;
}

interface Observed {
  observer: { once(event: 'close', listener: () => void): unknown };
}

/** Keeps count of everything that appears on the worker, by mediasoup's observers. */
export function tallyWorker(worker: types.Worker): Tally {
  const tally: Tally = { routers: 0, transports: 0, producers: 0, consumers: 0 };
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
      count('transports', transport);
      transport.observer.on('newproducer', (producer) => count('producers', producer));
      transport.observer.on('newconsumer', (consumer) => count('consumers', consumer));
    });
  });
  return tally;
}

export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum: Tally = { routers: 0, transports: 0, producers: 0, consumers: 0 };
  for (const tally of tallies) {
    sum.routers += tally.routers;
    sum.transports += tally.transports;
    sum.producers += tally.producers;
    sum.consumers += tally.consumers;
  }
  return sum;
}
