import { beforeEach, expect, test } from 'vitest';
import type { View } from '../../../src/protocol/index.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

/** What becomes of a video that leaves somebody's view. */

type Visitor = Awaited<ReturnType<Lobby['join']>>;

let lobby: Lobby;
let ada: Visitor;
let bob: Visitor;
let version: number;

beforeEach(async () => {
  lobby = new Lobby();
  ada = await lobby.join('ada');
  bob = await lobby.join('bob', { view: { videos: [] } });
  version = 0;
});

const publish = async () => (await ada.participant.publish(camera())).publicationId;
const viewOf = (...publicationIds: string[]): View => ({
  videos: publicationIds.map((publicationId) => ({ publicationId, width: 320, height: 180 })),
});

async function look(...publicationIds: string[]): Promise<void> {
  version += 1;
  bob.room.setView(bob.participant, { version, view: viewOf(...publicationIds) });
  await settled();
}

async function start(): Promise<void> {
  const added = bob.link.all('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
  await bob.participant.subscriptions.start(added.map(({ subscriptionId }) => subscriptionId));
}

const consumerOf = (publicationId: string) =>
  lobby.engine.consumers.find(({ producer }) => producer.producerId === publicationId);
const churn = () => bob.link.received.filter(({ name }) => /^subscriptions/.test(name)).length;
const states = () => bob.link.all('subscriptionState').flatMap((notice) => notice.states);

test('is paused at once, told to be hidden, and flows again as the same subscription when it comes back', async () => {
  const publicationId = await publish();
  await look(publicationId);
  await start();
  const consumer = consumerOf(publicationId);
  expect(consumer?.paused).toBe(false);
  const before = churn();
  await look();
  expect(consumer?.paused).toBe(true);
  lobby.clock.advance(250);
  expect(states().at(-1)).toEqual({ publicationId, status: 'hidden' });
  lobby.clock.advance(500);
  const whileHidden = ada.link.all('keyFrameWanted').length;
  lobby.clock.advance(8_500);
  expect(ada.link.all('keyFrameWanted'), 'nobody waits for a picture of what is hidden').toHaveLength(whileHidden);
  await look(publicationId);
  expect(consumer?.paused).toBe(false);
  expect(churn()).toBe(before);
  // A picture is due: the publisher is asked when it does not come.
  const asked = ada.link.all('keyFrameWanted').length;
  lobby.clock.advance(150);
  expect(ada.link.all('keyFrameWanted').slice(asked)).toEqual([expect.objectContaining({ publicationId })]);
  expect(states().at(-1)).toEqual({ publicationId, status: 'hidden' });
  lobby.clock.advance(100);
  expect(states().at(-1)).toEqual({ publicationId, status: 'active' });
  // The time of its first leave is over, but it has come back since.
  lobby.clock.advance(60_000);
  expect(consumer?.isOpen).toBe(true);
});

test('is closed when it stays away', async () => {
  const publicationId = await publish();
  await look(publicationId);
  await look();
  lobby.clock.advance(9_999);
  expect(bob.link.all('subscriptionsRemoved')).toEqual([]);
  lobby.clock.advance(1);
  expect(bob.link.all('subscriptionsRemoved')).toHaveLength(1);
  expect(lobby.engine.consumers).toEqual([]);
  await look(publicationId);
  expect(bob.link.all('subscriptionsAdded')).toHaveLength(2);
});

test('is closed at once when it is no longer published', async () => {
  const publicationId = await publish();
  await look(publicationId);
  await look();
  ada.participant.unpublish(publicationId);
  expect(bob.link.all('subscriptionsRemoved')).toHaveLength(1);
  lobby.clock.advance(60_000);
  expect(bob.link.all('subscriptionsRemoved')).toHaveLength(1);
  expect(lobby.clock.pending).toBe(0);
});

test('does not flow when its client becomes ready meanwhile, but when it is back', async () => {
  const publicationId = await publish();
  await look(publicationId);
  await look();
  await start();
  expect(consumerOf(publicationId)?.paused).toBe(true);
  await look(publicationId);
  expect(consumerOf(publicationId)?.paused).toBe(false);
});

test('comes back with the layers of its new size', async () => {
  const publicationId = await publish();
  await look(publicationId);
  await look();
  version += 1;
  const videos = [{ publicationId, width: 1280, height: 720 }];
  bob.room.setView(bob.participant, { version, view: { videos } });
  await settled();
  expect(consumerOf(publicationId)?.layers).toEqual({ spatialLayer: 2, temporalLayer: 2 });
});

test('paging through a grid costs no subscription twice', async () => {
  const cameras = await Promise.all(Array.from({ length: 12 }, publish));
  const pages = [cameras.slice(0, 4), cameras.slice(4, 8), cameras.slice(8)];
  for (const page of pages) await look(...page);
  await start();
  const before = churn();
  for (let round = 0; round < 5; round += 1) {
    for (const page of pages) {
      await look(...page);
      lobby.clock.advance(500);
      const flowing = lobby.engine.consumers.filter(({ paused }) => !paused);
      expect(flowing.map(({ producer }) => producer.producerId).toSorted()).toEqual(page.toSorted());
    }
  }
  expect(churn()).toBe(before);
  expect(lobby.engine.consumers).toHaveLength(12);
});

test('so many are kept, and no more: the one that left first goes', async () => {
  lobby = new Lobby({ maxPublications: 300 });
  ada = await lobby.join('ada');
  bob = await lobby.join('bob', { view: { videos: [] } });
  const cameras = await Promise.all(Array.from({ length: 260 }, publish));
  await look(...cameras.slice(0, 130));
  await look(...cameras.slice(130));
  await look();
  expect(lobby.engine.consumers).toHaveLength(250);
  expect(consumerOf(cameras[0] ?? '')).toBeUndefined();
  expect(consumerOf(cameras[259] ?? '')).toBeDefined();
});

test('with the view auto, what a newer screen pushes out is hidden, too', async () => {
  lobby = new Lobby({ autoViewVideos: 1 });
  ada = await lobby.join('ada');
  bob = await lobby.join('bob');
  const publicationId = await publish();
  await settled();
  const screen = await ada.participant.publish({ ...camera(), source: 'screen' });
  await settled();
  await ada.participant.publish(microphone());
  expect(consumerOf(publicationId)?.paused).toBe(true);
  expect(bob.link.all('subscriptionsRemoved')).toEqual([]);
  await start();
  expect(consumerOf(publicationId)?.paused).toBe(true);
  expect(consumerOf(screen.publicationId)?.paused).toBe(false);
});
