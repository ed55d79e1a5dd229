import { describe, expect, test, vi } from 'vitest';
import type { Notice, ParamsInput, Result } from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const noVideos = { view: { videos: [] } };

/** `person-001` and so on. */
const nameOf = (number: number) => `person-${String(number).padStart(3, '0')}`;

/** So many people in a room, a few at a time; the first ones publish. */
async function fill(room: string, people: number, publishers: number): Promise<Joined[]> {
  const joined: Joined[] = [];
  while (joined.length < people) {
    const next = Array.from({ length: Math.min(25, people - joined.length) }, (_, index) => joined.length + index + 1);
    joined.push(...(await Promise.all(next.map((number) => stage.joined(room, nameOf(number), noVideos)))));
  }
  const publishing = joined.slice(0, publishers);
  await Promise.all(publishing.map((client) => client.request('publish', fakeMicrophone(newRequestId()))));
  return joined;
}

/** All pages of a list, one after the other. */
async function readAll(
  client: RawClient,
  params: Partial<ParamsInput<'listParticipants'>> = {},
  between: (page: number) => Promise<unknown> = async () => undefined,
): Promise<Result<'listParticipants'>[]> {
  const pages: Result<'listParticipants'>[] = [];
  let after: string | undefined;
  do {
    const page = await client.request('listParticipants', { ...params, ...(after !== undefined && { after }) });
    pages.push(page);
    after = page.next;
    if (after !== undefined) await between(pages.length);
  } while (after !== undefined);
  return pages;
}

const namesIn = (pages: readonly Result<'listParticipants'>[]) =>
  pages.flatMap(({ participants }) => participants.map(({ identity }) => identity));
const deltas = (client: RawClient) => client.received('roomChanged');

test('of 150 people each knows those who publish, and finds the rest in pages, whoever leaves in between', async () => {
  const people = await fill('hall', 150, 10);
  const last = await stage.joined('hall', nameOf(151), noVideos);
  const { room } = last.answer;
  expect([room.partial, room.count]).toEqual([true, 151]);
  expect(room.participants.map(({ identity }) => identity).toSorted()).toEqual([
    ...people.slice(0, 10).map((_, index) => nameOf(index + 1)),
    nameOf(151),
  ]);
  expect(room.publications).toHaveLength(10);
  // The transports take most of it; 151 people alone would be 30 kB.
  expect(JSON.stringify(room).length).toBeLessThan(8000);

  const all = Array.from({ length: 151 }, (_, index) => nameOf(index + 1));
  const pages = await readAll(last, { limit: 20 });
  expect(pages.map(({ participants }) => participants.length)).toEqual([20, 20, 20, 20, 20, 20, 20, 11]);
  expect(namesIn(pages)).toEqual(all);
  expect(new Set(pages.map(({ total }) => total))).toEqual(new Set([151]));
  expect(pages.flatMap(({ publications }) => publications)).toHaveLength(10);

  // Those who leave are from pages that were read, that are being read, and that come.
  const leaving = [3, 20, 21, 22, 40, 41, 100, 150];
  const left: string[] = [];
  const read = await readAll(last, { limit: 20 }, async (page) => {
    const number = leaving[page - 1];
    const client = number === undefined ? undefined : people[number - 1];
    if (number === undefined || !client) return;
    await client.request('leave', {});
    left.push(nameOf(number));
  });
  const staying = all.filter((name) => !left.includes(name));
  expect(left.length).toBeGreaterThan(5);
  expect(new Set(namesIn(read)).size).toBe(namesIn(read).length);
  expect(namesIn(read)).toEqual(expect.arrayContaining(staying));
  await last.next('roomChanged', ({ count }) => count === staying.length);
});

test('a join into a large room is a number to the others, encoded once for all', async () => {
  const people = await fill('arrivals', 120, 3);
  const [witness] = people;
  if (!witness) throw new Error('nobody came');
  const counted = (client: RawClient, count: number) => deltas(client).some((delta) => delta.count === count);
  const published = () => deltas(witness).flatMap(({ publications = [] }) => publications);
  await waitFor('the room to be told whole', () => counted(witness, 120) && published().length === 3);
  const from = Math.max(...deltas(witness).map(({ revision }) => revision));
  const later = (client: RawClient) => deltas(client).filter(({ revision }) => revision > from);
  const encoded = vi.spyOn(JSON, 'stringify');
  await Promise.all([121, 122, 123].map((number) => stage.joined('arrivals', nameOf(number), noVideos)));
  await waitFor('the new number', () => people.every((client) => counted(client, 123)));
  const encodings = encoded.mock.calls.filter(([value]) => Array.isArray(value) && value[0] === 'roomChanged').length;
  encoded.mockRestore();
  for (const client of people) {
    expect(later(client).length).toBe(encodings);
    expect(later(client).every((delta) => Object.keys(delta).toSorted().join() === 'count,revision')).toBe(true);
    expect(JSON.stringify(later(client)).length).toBeLessThan(200);
  }
});

describe('in a large room', () => {
  let people: Joined[] = [];
  let turn = 0;
  const meet = async () => {
    turn += 1;
    people = await fill(`large-${turn}`, 104, 2);
    const [speaker, , listener] = people;
    const quiet = people[50];
    if (!speaker || !listener || !quiet) throw new Error('nobody came');
    return { speaker, listener, quiet };
  };

  test('a search finds people by parts of their names, and refuses what is no cursor', async () => {
    const { listener } = await meet();
    const zoe = await stage.joined(`large-${turn}`, 'Zoë Müller', noVideos);
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
  });

  test('whoever asks without end is refused, and nobody else', async () => {
    const { listener, quiet } = await meet();
    const answers = await Promise.all(Array.from({ length: 60 }, () => listener.ask('listParticipants', {})));
    expect(answers.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(20);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ error: { code: 'rate-limited' } });
    expect((await quiet.ask('listParticipants', {})).ok).toBe(true);
    await waitFor('the next page', async () => (await listener.ask('listParticipants', {})).ok, { intervalMs: 100 });
  });

  test('a raised hand is seen by all, a lowered one lets go; oneself is told in any case', async () => {
    const { listener, quiet } = await meet();
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
    const { listener, quiet } = await meet();
    await quiet.request('sendChat', { requestId: newRequestId(), text: 'can you hear me' });
    const message = await listener.next('chat');
    expect(message).toMatchObject({ text: 'can you hear me', displayName: nameOf(51), identity: nameOf(51) });
  });

  test('what a page names can be watched at once', async () => {
    const { listener, quiet } = await meet();
    const { publicationId } = await quiet.request('publish', fakeCamera(newRequestId()));
    const page = await listener.request('listParticipants', { query: nameOf(51) });
    expect(page.publications).toMatchObject([{ publicationId, source: 'camera' }]);
    const videos = [{ publicationId, width: 320, height: 180 }];
    await listener.request('setView', { version: 1, view: { videos } });
    const { subscriptions } = await listener.next('subscriptionsAdded', (notice) =>
      notice.subscriptions.some((each) => each.publicationId === publicationId),
    );
    expect(subscriptions.find((each) => each.publicationId === publicationId)).toMatchObject({
      participant: { identity: nameOf(51) },
      publication: { publicationId, source: 'camera' },
    });
  });

  test('it becomes small again when enough have left, and everybody is told of everybody', async () => {
    const { listener } = await meet();
    await listener.next('roomChanged', ({ partial }) => partial === true);
    await Promise.all(people.slice(90).map((client) => client.request('leave', {})));
    const whole = await listener.next('roomChanged', ({ partial }) => partial === false);
    expect(whole.participants).toHaveLength(90);
    expect(whole.publications).toHaveLength(2);
  });
});
