import { afterEach, expect, test } from 'vitest';
import type { Notice } from '../../src/protocol/index.ts';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import { signedTokens } from '../load/meeting/tokens.ts';
import { fakeCamera } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { receiving } from '../support/received.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** Hidden videos, dynacast and ceilings, in one room over two workers. */

const stage = setStage({
  config: {
    workers: 2,
    workerMaxConsumers: 1,
    hiddenGrace: 1,
    maxSendBitrate: 2_000_000,
    maxReceiveBitrate: 3_000_000,
  },
});
const context = await createContext();
const visits: LoadParticipant[] = [];

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  for (const visit of visits.splice(0)) await visit.close();
});

async function visit(room: string, identity: string): Promise<LoadParticipant> {
  const token = await signedTokens(testSecret)(room, identity);
  const participant = await LoadParticipant.join(context, { url: stage.server.url, token });
  visits.push(participant);
  return participant;
}

const camera = async (person: Joined) => (await person.request('publish', fakeCamera(newRequestId()))).publicationId;
const tile = (publicationId: string, width = 320) => ({ publicationId, width, height: Math.round((width * 9) / 16) });
const viewer = (room: string, identity: string, ...publicationIds: string[]) =>
  stage.joined(room, identity, { view: { videos: publicationIds.map((id) => tile(id)) } });
const statusIs =
  (id: string, wanted: string) =>
  ({ states }: Notice<'subscriptionState'>) =>
    states.some(({ publicationId, status }) => publicationId === id && status === wanted);
const wantedOf = (person: Joined) =>
  person
    .received('wantedLayers')
    .flatMap(({ publications }) => publications.map(({ maxSpatialLayer }) => maxSpatialLayer));

/** The consumer by which a client receives, not one of a pipe. */
const consumers = () => stage.consumers.filter(({ type }) => type !== 'pipe');

test('a video that leaves the view is paused, told so and kept; it comes back as the same, or goes', async () => {
  const ada = await stage.joined('hidden', 'ada');
  const publicationId = await camera(ada);
  const bob = await viewer('hidden', 'bob', publicationId);
  const [consumer] = consumers();
  expect(consumer?.paused).toBe(false);
  for (let round = 0; round < 3; round += 1) {
    await bob.request('setView', { version: 2 * round + 1, view: { videos: [] } });
    await waitFor('the pause', () => consumer?.paused);
    await bob.request('setView', { version: 2 * round + 2, view: { videos: [tile(publicationId, 1280)] } });
    await waitFor('the resume', () => consumer?.paused === false);
  }
  expect(bob.received('subscriptionsRemoved')).toEqual([]);
  expect(bob.received('subscriptionsAdded')).toEqual([]);
  await bob.request('setView', { version: 10, view: { videos: [] } });
  await bob.next('subscriptionState', statusIs(publicationId, 'hidden'));
  expect(receiving(bob)).toEqual([publicationId]);
  await bob.next('subscriptionsRemoved');
  expect(receiving(bob)).toEqual([]);
  await waitFor('the consumer to go', () => consumer?.closed);
});

test('no packets of what is hidden, and its publisher sends none; both are back with a picture', async () => {
  const ada = await visit('packets', 'ada');
  const { publicationId, sender } = await ada.publishVideo();
  const bob = await visit('packets', 'bob');
  const view = { videos: [tile(publicationId, 1280)] };
  await bob.setView(view);
  const reception = await waitFor('a picture', () => {
    const found = bob.receptionOf(publicationId);
    return found && found.keyFrameAt > 0 ? found : undefined;
  });
  expect(sender.sending).toEqual([true, true, true]);
  await bob.setView({ videos: [] });
  // What was under way has come when two looks, half a second apart, see the same.
  let before = -1;
  await waitFor(
    'no more packets',
    () => {
      const same = reception.stream.packets === before;
      before = reception.stream.packets;
      return same;
    },
    { intervalMs: 500 },
  );
  await waitFor('the publisher to stop', () => sender.sending.every((sends) => !sends));
  await bob.setView(view);
  await waitFor('the publisher to send', () => sender.sending.every((sends) => sends));
  await waitFor('a picture again', () => {
    const found = bob.receptionOf(publicationId);
    return found && found !== reception && found.keyFrameAt > 0;
  });
});

test('a publisher is told the highest layer that anybody wants, on whatever worker they are', async () => {
  const ada = await stage.joined('wanted', 'ada');
  const publicationId = await camera(ada);
  await waitFor('nobody to watch', () => wantedOf(ada).join() === '-1');
  const bob = await viewer('wanted', 'bob', publicationId);
  const eve = await viewer('wanted', 'eve', publicationId);
  await waitFor('the lowest', () => wantedOf(ada).join() === '-1,0');
  await eve.request('setView', { version: 1, view: { videos: [tile(publicationId, 640)] } });
  await bob.request('setView', { version: 1, view: { videos: [tile(publicationId, 1280)] } });
  await waitFor('the highest', () => wantedOf(ada).join() === '-1,0,1,2');
  const routers = new Set(stage.server.app.registry.rooms[0]?.participants.map(({ router }) => router));
  expect(routers.size, 'they are on two workers').toBe(2);
  await bob.request('leave', {});
  await waitFor('what eve wants', () => wantedOf(ada).join() === '-1,0,1,2,1');
  await eve.request('setView', { version: 2, view: { videos: [] } });
  await waitFor('nobody again', () => wantedOf(ada).join() === '-1,0,1,2,1,-1');
  expect(bob.received('wantedLayers'), 'it concerns the publisher alone').toEqual([]);
});

test('a ceiling holds both ways on each transport', async () => {
  await stage.joined('ceiling', 'ada');
  const transports = [...stage.routers.values()].flatMap((each) => [...each]);
  const stats = await Promise.all(transports.map((transport) => transport.getStats()));
  const own = stats.flat().filter((each) => Object(each).type === 'webrtc-transport');
  expect(own).toHaveLength(2);
  for (const each of own) expect(each).toMatchObject({ maxIncomingBitrate: 2_000_000, maxOutgoingBitrate: 3_000_000 });
});

test('views that are too long, too large, negative or out of order are refused, and the old one holds', async () => {
  const refused = (code: string) => ({ ok: false, error: { code, message: expect.stringMatching(/\S/) } });
  const ada = await stage.joined('bad', 'ada');
  const publicationId = await camera(ada);
  const bob = await viewer('bad', 'bob', publicationId);
  const ask = (version: unknown, videos: unknown) => bob.ask('setView', { version, view: { videos } });
  const many = (count: number) => Array.from({ length: count }, (_, index) => tile(`unknown-${index}`));
  expect(await ask(5, [tile(publicationId)])).toEqual({ ok: true, data: { version: 5 } });
  // More of them would not be read at all: the SDK says so itself.
  expect(await ask(6, many(1500))).toEqual(refused('message-too-large'));
  expect(await ask(6, many(251))).toEqual(refused('bad-request'));
  for (const wrong of [
    { width: -1 },
    { height: 0 },
    { width: 0.5 },
    { height: 16_385 },
    { priority: 0 },
    { priority: 256 },
  ]) {
    expect(await ask(6, [{ ...tile(publicationId), ...wrong }])).toEqual(refused('bad-request'));
  }
  for (const version of [0, -1, 1.5, '6', null]) expect(await ask(version, [])).toEqual(refused('bad-request'));
  expect(await ask(4, [])).toEqual(refused('conflict'));
  expect(await ask(5, [])).toEqual(refused('conflict'));
  expect(await ask(5, [tile(publicationId)])).toEqual({ ok: true, data: { version: 5 } });
  expect(receiving(bob)).toEqual([publicationId]);
  expect(consumers().map(({ paused }) => paused)).toEqual([false]);
  // As many as a view takes, of which there is one.
  expect(await ask(6, [tile(publicationId), ...many(249)])).toEqual({ ok: true, data: { version: 6 } });
  expect(receiving(bob)).toEqual([publicationId]);
  expect(consumers()).toHaveLength(1);
});
