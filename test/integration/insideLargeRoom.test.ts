import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Notice } from '../../src/protocol/index.ts';
import { fakeCamera } from '../support/fakeMedia.ts';
import { fill, nameOf, namesIn, noVideos, readAll } from '../support/largeRoom.ts';
import { newRequestId } from '../support/RawClient.ts';
import { type Joined, Stage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

/** What happens in one large room: it takes seconds to fill, so its tests share it, each with people of its own. */

const stage = new Stage({});
let people: Joined[] = [];

beforeAll(async () => {
  await stage.open();
  people = await fill(stage, 'large', 104, 2);
});
afterAll(async () => {
  await stage.clear();
  await stage.close();
});

/** Somebody who is told of a few, and somebody who is a number to most. @param index from 2, another one in each test */
function two(index: number) {
  const [listener, quiet] = [people[index], people[50 + index]];
  if (!listener || !quiet) throw new Error('nobody came');
  return { listener, quiet: Object.assign(quiet, { name: nameOf(51 + index) }) };
}

test('a search finds people by parts of their names, and refuses what is no cursor', async () => {
  const { listener } = two(3);
  const zoe = await stage.joined('large', 'Zoë Müller', noVideos);
  const found = await listener.request('listParticipants', { query: 'MULL zo' });
  expect(found).toMatchObject({ total: 1, participants: [{ participantId: zoe.answer.participantId }] });
  const tens = await readAll(listener, { query: 'person-01', limit: 4 });
  expect(namesIn(tens)).toEqual(Array.from({ length: 10 }, (_, index) => nameOf(index + 10)));
  expect(tens.map(({ total }) => total)).toEqual([10, 10, 10]);
  expect(await listener.ask('listParticipants', { after: 'nonsense' })).toMatchObject({
    ok: false,
    error: { code: 'bad-request' },
  });
  for (const limit of [0, 101, 1.5, '10']) {
    expect(await listener.ask('listParticipants', { limit })).toMatchObject({ error: { code: 'bad-request' } });
  }
  await zoe.request('leave', {});
});

test('whoever asks without end is refused, and nobody else', async () => {
  const { listener, quiet } = two(4);
  const answers = await Promise.all(Array.from({ length: 60 }, () => listener.ask('listParticipants', {})));
  expect(answers.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(20);
  expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'rate-limited' } });
  expect((await quiet.ask('listParticipants', {})).ok).toBe(true);
  await waitFor('the next page', async () => (await listener.ask('listParticipants', {})).ok, { intervalMs: 100 });
});

test('a raised hand is seen by all, a lowered one lets go; oneself is told in any case', async () => {
  const { listener, quiet } = two(5);
  const { participantId } = quiet.answer;
  const shown = (delta: Notice<'roomChanged'>) =>
    delta.participants?.some((info) => info.participantId === participantId && info.handRaisedAt !== null) === true;
  await quiet.request('raiseHand', { requestId: newRequestId(), raised: true });
  await listener.next('roomChanged', shown);
  await quiet.request('raiseHand', { requestId: newRequestId(), raised: false });
  await listener.next('roomChanged', ({ revision, hidden }) =>
    Boolean(revision > 1 && hidden?.some((each) => each.participantId === participantId)),
  );
  await quiet.next('knownChanged', ({ participants }) => participants.some((info) => info.handRaisedAt === null));
  await quiet.request('updateMetadata', { requestId: newRequestId(), metadata: { seat: 7 } });
  const { participants } = await quiet.next('knownChanged', (notice) => notice.participants[0]?.metadata.seat === 7);
  expect(participants).toHaveLength(1);
  const toldToAnother = listener.received('knownChanged').flatMap((notice) => notice.participants);
  expect(toldToAnother.filter((info) => info.participantId !== listener.answer.participantId)).toEqual([]);
});

test('somebody of whom the room does not speak is heard in the chat, and by name', async () => {
  const { listener, quiet } = two(6);
  await quiet.request('sendChat', { requestId: newRequestId(), text: 'can you hear me' });
  const message = await listener.next('chat');
  expect(message).toMatchObject({ text: 'can you hear me', displayName: quiet.name, identity: quiet.name });
});

test('what a page names can be watched at once', async () => {
  const { listener, quiet } = two(7);
  const { publicationId } = await quiet.request('publish', fakeCamera(newRequestId()));
  const page = await listener.request('listParticipants', { query: quiet.name });
  expect(page.publications).toMatchObject([{ publicationId, source: 'camera' }]);
  const videos = [{ publicationId, width: 320, height: 180 }];
  await listener.request('setView', { version: 1, view: { videos } });
  const { subscriptions } = await listener.next('subscriptionsAdded', (notice) =>
    notice.subscriptions.some((each) => each.publicationId === publicationId),
  );
  expect(subscriptions.find((each) => each.publicationId === publicationId)).toMatchObject({
    participant: { identity: quiet.name },
    publication: { publicationId, source: 'camera' },
  });
  await quiet.request('unpublish', { requestId: newRequestId(), publicationId });
});

// The last one: it takes the large room away.
test('it becomes small again when enough have left, and everybody is told of everybody', async () => {
  const { listener } = two(8);
  await listener.next('roomChanged', ({ partial }) => partial === true);
  await Promise.all(people.slice(90).map((client) => client.request('leave', {})));
  const whole = await listener.next('roomChanged', ({ partial }) => partial === false);
  expect(whole.participants).toHaveLength(90);
  expect(whole.publications).toHaveLength(2);
});
