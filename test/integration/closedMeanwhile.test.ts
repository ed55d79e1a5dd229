import { setImmediate } from 'node:timers/promises';
import { createWorker, type types } from 'mediasoup';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mediaCodecs } from '../../src/media/codecs.ts';
import { DataBus } from '../../src/media/DataBus.ts';

/** A room may end in any moment of its making; what mediasoup hands out afterwards must not stay. */

let worker: types.Worker;
beforeAll(async () => {
  worker = await createWorker();
});
afterAll(() => worker.close());

/** Everything on a router that is open, of Node's layer. */
function watch(router: types.Router): Set<unknown> {
  const open = new Set<unknown>();
  const keep = (object: { observer: { once(event: 'close', listener: () => void): unknown } }) => {
    open.add(object);
    object.observer.once('close', () => open.delete(object));
  };
  router.observer.on('newtransport', (transport) => {
    keep(transport);
    transport.observer.on('newdataproducer', keep);
  });
  return open;
}

test('a router that closes while its data bus is made leaves nothing behind', async () => {
  const outcomes = new Set<string>();
  for (let turns = 0; turns < 40; turns += 1) {
    const router = await worker.createRouter({ mediaCodecs });
    const open = watch(router);
    const making = DataBus.create(router).then(
      () => 'made',
      () => 'refused',
    );
    const closing = (async () => {
      for (let turn = 0; turn < turns; turn += 1) await setImmediate();
      router.close();
    })();
    outcomes.add(await making);
    await closing;
    expect(open.size).toBe(0);
  }
  // It was closed before, during and after.
  expect([...outcomes].toSorted()).toEqual(['made', 'refused']);
});
