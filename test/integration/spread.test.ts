import { expect, test } from 'vitest';
import { fakeCamera, fakeCapabilities, fakeMicrophone, fakeVideoParameters } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';
import { workersAgree } from '../support/workerBooks.ts';

/** One room over three workers: one participant makes a worker loaded, so that each who joins goes to another. */

const stage = setStage({ config: { workers: 3, workerMaxConsumers: 1, hiddenGrace: 0 } });

const status = () => stage.server.app.engine.status;
const tally = () => status().tally;

const camera = async (person: Joined) => (await person.request('publish', fakeCamera(newRequestId()))).publicationId;
const microphone = async (person: Joined) =>
  (await person.request('publish', fakeMicrophone(newRequestId()))).publicationId;
const tile = (publicationId: string) => ({ publicationId, width: 320, height: 180, priority: 1 });

async function toldOf(person: Joined, publicationId: string) {
  const is = (subscription: { publicationId: string }) => subscription.publicationId === publicationId;
  const added = await person.next('subscriptionsAdded', ({ subscriptions }) => subscriptions.some(is));
  return added.subscriptions.find(is);
}

test('three people are on three workers, and what one publishes is piped once to each of the others', async () => {
  const ada = await stage.joined('three', 'ada');
  const others = [await stage.joined('three', 'bob'), await stage.joined('three', 'eve')];
  const placed = status().workers.map(({ participants, routers, links }) => ({ participants, routers, links }));
  expect(placed).toEqual(Array(3).fill({ participants: 1, routers: 1, links: 2 }));
  const video = await camera(ada);
  const voice = await microphone(ada);
  for (const person of others) {
    await toldOf(person, video);
    await toldOf(person, voice);
  }
  expect(tally()).toMatchObject({ producers: 2, consumers: 4, pipesIn: 4, pipesOut: 4 });
  await workersAgree(stage);
  // More people share workers, and the pipes that go there.
  await Promise.all(['c', 'd', 'e'].map((name) => stage.joined('three', name)));
  expect(status().workers.map(({ participants }) => participants)).toEqual([2, 2, 2]);
  expect(tally()).toMatchObject({ consumers: 10, pipesIn: 4, pipesOut: 4, links: 6 });
  await workersAgree(stage);
});

test('a subscription to a piped publication is like any other, with all its layers', async () => {
  const ada = await stage.joined('alike', 'ada');
  const bob = await stage.joined('alike', 'bob');
  const video = await camera(ada);
  expect(await toldOf(bob, video)).toMatchObject({
    kind: 'video',
    waiting: true,
    muted: false,
    participant: { identity: 'ada' },
    publication: { publicationId: video, codec: 'vp8', spatialLayers: 3, width: 1280 },
  });
  const consumer = stage.consumers.find(({ type }) => type === 'simulcast');
  expect(consumer?.rtpParameters.encodings?.[0]?.scalabilityMode).toBe('L3T3');
  expect(consumer?.preferredLayers?.spatialLayer).toBe(2);
  await bob.request('setView', { version: 1, view: { videos: [tile(video)] } });
  await waitFor('the smallest layer', () => consumer?.preferredLayers?.spatialLayer === 0);
});

test('a pipe stays for a moment after the last who needed it, and then goes', async () => {
  const ada = await stage.joined('last', 'ada');
  const bob = await stage.joined('last', 'bob');
  const video = await camera(ada);
  await toldOf(bob, video);
  const pipes = stage.routers.size;
  expect(pipes).toBe(2);
  const piped = () => stage.consumers.filter(({ type }) => type === 'pipe').map(({ id }) => id);
  const before = piped();
  await bob.request('setView', { version: 1, view: { videos: [] } });
  await waitFor('nobody to receive it', () => tally().consumers === 0);
  await bob.request('setView', { version: 2, view: { videos: [tile(video)] } });
  await waitFor('somebody to receive it', () => tally().consumers === 1);
  expect(piped()).toEqual(before);
  await bob.request('setView', { version: 3, view: { videos: [] } });
  await waitFor('the pipe to go', () => tally().pipesIn === 0 && tally().pipesOut === 0);
  expect(tally()).toMatchObject({ producers: 1, links: 2 });
  await workersAgree(stage);
});

test('a pipe goes with its publication, with its publisher, and with the last participant on the far worker', async () => {
  const ada = await stage.joined('goes', 'ada');
  const bob = await stage.joined('goes', 'bob');
  const [first, second] = [await camera(ada), await microphone(ada)];
  await toldOf(bob, first);
  await toldOf(bob, second);
  await ada.request('unpublish', { requestId: newRequestId(), publicationId: first });
  await waitFor('one pipe', () => tally().pipesIn === 1 && tally().pipesOut === 1);
  await workersAgree(stage);
  const own = await camera(bob);
  await toldOf(ada, own);
  await bob.request('leave', {});
  expect(tally()).toMatchObject({ routers: 1, links: 0, pipesIn: 0, pipesOut: 0, consumers: 0, producers: 1 });
  await workersAgree(stage);
  await stage.joined('goes', 'eve');
  expect(tally()).toMatchObject({ routers: 2, links: 2, pipesIn: 1, consumers: 1 });
  await ada.request('leave', {});
  expect(tally()).toMatchObject({ routers: 1, links: 0, pipesIn: 0, consumers: 0, producers: 0 });
  await workersAgree(stage);
});

test('mute and unmute pass through a pipe, however fast', async () => {
  const ada = await stage.joined('mute', 'ada');
  const bob = await stage.joined('mute', 'bob');
  const voice = (await ada.request('publish', { ...fakeMicrophone(newRequestId()), muted: true })).publicationId;
  await toldOf(bob, voice);
  const consumer = stage.consumers.find(({ type }) => type === 'simple');
  expect(consumer?.producerPaused).toBe(true);
  const mute = (muted: boolean) =>
    ada.request('updatePublication', { requestId: newRequestId(), publicationId: voice, muted });
  await mute(false);
  await waitFor('it to flow again', () => consumer?.producerPaused === false);
  await Promise.all([true, false, true, false, true].map(mute));
  await waitFor('it to be muted', () => consumer?.producerPaused === true);
  await Promise.all([false, true, false].map(mute));
  await waitFor('it to be heard', () => consumer?.producerPaused === false);
});

test('somebody who cannot decode a piped publication is told so', async () => {
  const ada = await stage.joined('decode', 'ada');
  const av1 = { ...fakeCamera(newRequestId()), rtpParameters: fakeVideoParameters(1, 'AV1') };
  const { publicationId } = await ada.request('publish', av1);
  const bob = await stage.joined('decode', 'bob', { recvRtpCapabilities: fakeCapabilities(['VP8']) });
  await bob.next('subscriptionState', ({ states }) =>
    states.some((state) => state.publicationId === publicationId && state.status === 'cannot-decode'),
  );
  expect(tally()).toMatchObject({ consumers: 0, pipesIn: 0, links: 2 });
});

test('people who come at once are spread, and each receives everything', async () => {
  const clients = await Promise.all(Array.from({ length: 12 }, (_, index) => stage.client('rush', `person-${index}`)));
  const answers = await Promise.all(clients.map((client) => client.join()));
  expect(answers).toHaveLength(12);
  expect(status().workers.map(({ participants }) => participants)).toEqual([4, 4, 4]);
  await Promise.all(clients.map((client) => client.request('publish', fakeCamera(newRequestId()))));
  await waitFor('everybody to receive everybody', () => tally().consumers === 12 * 11);
  expect(tally()).toMatchObject({ routers: 3, links: 6, pipesIn: 24, pipesOut: 24 });
  await workersAgree(stage);
});
