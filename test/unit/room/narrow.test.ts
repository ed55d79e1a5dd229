import { beforeEach, expect, test } from 'vitest';
import type { View } from '../../../src/protocol/index.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

/** What somebody receives whose connection carries less than is wanted. */

type Visitor = Awaited<ReturnType<Lobby['join']>>;

let lobby: Lobby;
let ada: Visitor;
let bob: Visitor;

beforeEach(async () => {
  lobby = new Lobby({ audioSpeakers: 6 });
  ada = await lobby.join('ada');
});

const publish = async (about: Partial<ReturnType<typeof camera>> = {}) =>
  (await ada.participant.publish({ ...camera(), ...about })).publicationId;
const tile = (publicationId: string, width: number) => ({ publicationId, width, height: Math.round((width * 9) / 16) });

async function look(view: View): Promise<void> {
  bob = await lobby.join('bob', { view });
}

/** As the worker measures: once a second. */
async function measure(bitsPerSecond: number, seconds: number): Promise<void> {
  const own = lobby.engine.transports.find((transport) => transport === bob.participant.recvTransport);
  for (let second = 0; second < seconds; second += 1) {
    own?.tellEstimate(bitsPerSecond);
    lobby.clock.advance(1000);
    await settled();
  }
}

const consumers = (kind: 'audio' | 'video') =>
  lobby.engine.consumers.filter((each) => each.transport === bob.participant.recvTransport && each.kind === kind);
const flowing = (kind: 'audio' | 'video' = 'video') =>
  consumers(kind)
    .filter(({ paused }) => !paused)
    .map(({ producer }) => producer.producerId);
const statuses = () =>
  new Map(
    bob.link
      .all('subscriptionState')
      .flatMap(({ states }) => states)
      .map(({ publicationId, status }) => [publicationId, status]),
  );

test('the screen stays longest, then the larger tile; the client is told why the others pause', async () => {
  const [small, large, screen] = [await publish(), await publish(), await publish({ source: 'screen' })];
  await look({ videos: [tile(small, 320), tile(large, 1280), tile(screen, 640)] });
  await measure(150_000, 3);
  expect(flowing()).toEqual([large, screen]);
  await measure(90_000, 2);
  expect(flowing()).toEqual([screen]);
  lobby.clock.advance(250);
  expect(statuses().get(small)).toBe('bandwidth');
  expect(statuses().get(large)).toBe('bandwidth');
  expect(consumers('video').find(({ producer }) => producer.producerId === screen)?.layers?.spatialLayer).toBe(0);
  await measure(20_000_000, 10);
  expect(flowing()).toEqual([small, large, screen]);
  expect(consumers('video').map(({ layers }) => layers?.spatialLayer)).toEqual([0, 2, 1]);
  expect(bob.link.all('subscriptionsRemoved')).toEqual([]);
});

test('a priority that the view says counts more than sizes', async () => {
  const [small, large] = [await publish(), await publish()];
  await look({ videos: [{ ...tile(small, 160), priority: 200 }, tile(large, 1280)] });
  await measure(90_000, 3);
  expect(flowing()).toEqual([small]);
});

test('what comes to be wanted while there is no room does not flow for a moment', async () => {
  const [first, second] = [await publish(), await publish()];
  await look({ videos: [tile(first, 640)] });
  await measure(30_000, 3);
  expect(flowing()).toEqual([]);
  bob.room.setView(bob.participant, { version: 1, view: { videos: [tile(second, 640)] } });
  await settled();
  const added = bob.link.all('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
  await bob.participant.subscriptions.start(added.map(({ subscriptionId }) => subscriptionId));
  await settled();
  expect(flowing()).toEqual([]);
  bob.room.setView(bob.participant, { version: 2, view: { videos: [tile(first, 640)] } });
  await settled();
  expect(flowing()).toEqual([]);
});

test('what was held back and hidden flows when it comes back in better times', async () => {
  const [first, second] = [await publish(), await publish()];
  await look({ videos: [tile(first, 640), tile(second, 320)] });
  await measure(90_000, 3);
  expect(flowing()).toEqual([first]);
  bob.room.setView(bob.participant, { version: 1, view: { videos: [tile(first, 640)] } });
  await measure(20_000_000, 8);
  bob.room.setView(bob.participant, { version: 2, view: { videos: [tile(first, 640), tile(second, 320)] } });
  await settled();
  expect(flowing()).toEqual([first, second]);
});

test('the publisher of a video that nobody can receive is told that nobody does', async () => {
  const only = await publish();
  await look({ videos: [tile(only, 640)] });
  await measure(30_000, 5);
  expect(ada.link.all('wantedLayers').at(-1)?.publications).toEqual([{ publicationId: only, maxSpatialLayer: -1 }]);
  await measure(20_000_000, 4);
  expect(ada.link.all('wantedLayers').at(-1)?.publications).toEqual([{ publicationId: only, maxSpatialLayer: 1 }]);
});

test('all audio flows as long as there is video to hold back; then the loudest two', async () => {
  const voices: string[] = [];
  for (const name of ['cyd', 'dan', 'eve', 'fay', 'gus']) {
    const { participant } = await lobby.join(name);
    voices.push((await participant.publish(microphone())).publicationId);
  }
  const video = await publish();
  await look({ videos: [tile(video, 640)] });
  const [router] = lobby.engine.routers;
  const speak = (producerId: string) => router?.tellOnset({ producerId, level: -20, sustained: true });
  for (const producerId of voices.slice(3)) speak(producerId);
  await measure(60_000, 2);
  expect(flowing()).toEqual([]);
  expect(flowing('audio')).toHaveLength(5);
  await measure(30_000, 4);
  expect(flowing('audio').toSorted()).toEqual(voices.slice(3).toSorted());
  await measure(20_000_000, 10);
  expect(flowing('audio')).toHaveLength(5);
  expect(flowing()).toEqual([video]);
});
