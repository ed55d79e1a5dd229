import { observer, type types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { type Grants, plainGrants } from '../../src/protocol/index.ts';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import { DataClient } from '../support/DataClient.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** What the data channels of a room are made of in the workers; and what the grant lets through. How data flows is tested in browsers. */

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
const context = await createContext();
const visits: LoadParticipant[] = [];

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  for (const visit of visits.splice(0)) await visit.close();
});

async function talker(identity: string, grants: Partial<Grants> = {}): Promise<DataClient> {
  const token = await createAccessToken(testSecret, { room: 'granted', identity, grants });
  const visit = await LoadParticipant.join(context, { url: stage.server.url, token });
  visits.push(visit);
  return DataClient.open(visit);
}

function grant(identity: string, canPublishData: boolean): void {
  const participant = stage.server.app.registry
    .find('granted')
    ?.participants.find((each) => each.identity === identity);
  if (!participant) throw new Error(`${identity} is not there`);
  participant.setGrants({ ...plainGrants, canPublishData }, { displayName: 'Mia' });
}

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

test('what somebody sends reaches the others while its grant says so: not before, not after, and again with it', async () => {
  const [ada, bob, cyd] = [await talker('ada', { canPublishData: false }), await talker('bob'), await talker('cyd')];
  const listeners = [bob, cyd];
  const hear = (...texts: string[]) =>
    waitFor(`${texts} to come`, () => listeners.every(({ heard }) => texts.every((text) => heard.includes(text))));
  const says = async (text: string) => [await ada.say('lossy', `${text}, lossy`), await ada.say('reliable', text)];
  const isRefused = async (text: string) => {
    const ids = await says(text);
    const codes = () => ids.map((id) => ada.refused.get(id));
    await waitFor('the refusals', () => codes().every((code) => code !== undefined));
    expect(codes()).toEqual(['forbidden', 'forbidden']);
  };
  const isHeard = async (text: string) => {
    const ids = await says(text);
    await hear(text, `${text}, lossy`);
    await waitFor('the answer', () => ids.some((id) => ada.settled.has(id)));
  };

  await isRefused('not granted');
  grant('ada', true);
  await isHeard('granted');
  grant('ada', false);
  await isRefused('withdrawn');
  grant('ada', true);
  await isHeard('given again');
  // Whatever was passed on before this has come before it.
  await ada.say('reliable', 'last');
  await hear('last');
  const passed = ['granted', 'granted, lossy', 'given again', 'given again, lossy', 'last'];
  for (const { heard } of listeners) expect(heard.toSorted()).toEqual(passed.toSorted());
  expect(ada.heard).toEqual([]);
  expect(ada.refused.size).toBe(4);
});
