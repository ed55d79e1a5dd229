import { observer, type types } from 'mediasoup';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

/** What the data channels of a room are made of in the workers; how data flows is tested in browsers. */

interface Made {
  transports: types.Transport[];
  producers: { transport: types.Transport; producer: types.DataProducer }[];
  consumers: { transport: types.Transport; consumer: types.DataConsumer }[];
}

const made: Made = { transports: [], producers: [], consumers: [] };

function watch(worker: types.Worker): void {
  worker.observer.on('newrouter', (router) => {
    router.observer.on('newtransport', (transport) => {
      made.transports.push(transport);
      transport.observer.on('newdataproducer', (producer) => void made.producers.push({ transport, producer }));
      transport.observer.on('newdataconsumer', (consumer) => void made.consumers.push({ transport, consumer }));
    });
  });
}

// Before the stage opens its server.
beforeAll(() => void observer.on('newworker', watch));
const stage = setStage({ config: { workers: 1 } });
afterAll(() => void observer.off('newworker', watch));

test('each participant has one data producer and one data consumer of each kind, with fixed stream ids', async () => {
  const people = 5;
  for (let index = 0; index < people; index += 1) await stage.joined('data', `person-${index}`);
  const ofClients = made.producers.filter(({ transport }) => transport.type === 'webrtc');
  const toClients = made.consumers.filter(({ transport }) => transport.type === 'webrtc');
  expect(ofClients).toHaveLength(2 * people);
  expect(toClients).toHaveLength(2 * people);
  const streams = new Map<types.Transport, unknown[]>();
  for (const { transport, producer } of ofClients) {
    streams.set(transport, [...(streams.get(transport) ?? []), producer.sctpStreamParameters]);
  }
  for (const { transport, consumer } of toClients) {
    streams.set(transport, [...(streams.get(transport) ?? []), consumer.sctpStreamParameters]);
  }
  // Two of each participant's transports, each with the two streams that the client opens without asking.
  expect(streams.size).toBe(2 * people);
  for (const each of streams.values()) {
    expect(each).toMatchObject([
      { streamId: 0, ordered: true },
      { streamId: 1, ordered: false },
    ]);
  }
  // And as many again between the worker and the server: O(N), and nothing for each pair.
  const direct = made.consumers.filter(({ transport }) => transport.type === 'direct');
  expect(direct).toHaveLength(2 * people);
  expect(made.producers).toHaveLength(2 * people + 2);
  expect(new Set(toClients.map(({ consumer }) => consumer.dataProducerId)).size).toBe(2);
});

test('nothing of them is left when people leave', async () => {
  const [ada, bob] = [await stage.joined('leaving', 'ada'), await stage.joined('leaving', 'bob')];
  const open = () => [
    ...made.producers.map(({ producer }) => producer),
    ...made.consumers.map(({ consumer }) => consumer),
  ];
  const alive = () => open().filter(({ closed }) => !closed).length;
  expect(alive()).toBe(2 * 6 + 2);
  await ada.request('leave', {});
  await waitFor('what was hers to go', () => alive() === 6 + 2);
  await bob.request('leave', {});
  await waitFor('all to go', () => alive() === 0);
});

test('a join that fails leaves no channels behind', async () => {
  const before = made.transports.length;
  const ada = await stage.client('failing', 'ada');
  const joining = ada.join();
  ada.close();
  await expect(joining).rejects.toThrow();
  await stage.clear();
  expect(made.transports.slice(before).every(({ closed }) => closed)).toBe(true);
});
