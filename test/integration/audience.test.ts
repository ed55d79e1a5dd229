import { expect, test } from 'vitest';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { received, receiving } from '../support/received.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** Who is subscribed to whom before anybody has said a word; test/integration/speaking.test.ts has those who speak. */

const limit = 2;
const stage = setStage({ config: { audioSpeakers: limit, hiddenGrace: 0 } });

async function microphone(person: Joined, about: { muted?: boolean } = {}): Promise<string> {
  return (await person.request('publish', { ...fakeMicrophone(newRequestId()), ...about })).publicationId;
}

interface Guest {
  person: Joined;
  voice: string;
}

/** People with microphones, and one without who came first. */
async function meeting(room: string, people: number): Promise<{ listener: Joined; guests: Guest[] }> {
  const listener = await stage.joined(room, 'listener');
  const guests: Guest[] = [];
  for (let index = 0; index < people; index += 1) {
    const person = await stage.joined(room, `guest-${index}`);
    guests.push({ person, voice: await microphone(person) });
  }
  return { listener, guests };
}

const voicesOf = (guests: readonly Guest[]) => guests.map(({ voice }) => voice);

test('with as many microphones as the limit and two more, everybody hears all others', async () => {
  const { listener, guests } = await meeting('small', limit + 2);
  await received(listener, voicesOf(guests));
  for (const guest of guests) await received(guest.person, voicesOf(guests.filter((other) => other !== guest)));
  const late = await stage.joined('small', 'late');
  expect(receiving(late)).toEqual(voicesOf(guests).toSorted());
});

test('with more, everybody hears as many others as the limit says, and never itself', async () => {
  const { listener, guests } = await meeting('large', limit + 3);
  await waitFor('the listener to hear fewer', () => receiving(listener).length === limit);
  for (const { person, voice } of guests) {
    await waitFor('a guest to hear fewer', () => receiving(person).length === limit);
    expect(receiving(person)).not.toContain(voice);
  }
  const late = await stage.joined('large', 'late');
  expect(receiving(late)).toEqual(receiving(listener));
  // All in all each of the others is received by nobody or by all.
  await waitFor('the consumers', () => stage.server.app.engine.status.tally.consumers === limit * (guests.length + 2));
});

test('who has left, is muted or unpublished leaves the place to somebody else', async () => {
  const { listener, guests } = await meeting('places', limit + 5);
  const isHeard = async (heard: number[]) => {
    const voices = voicesOf(heard.flatMap((index) => guests[index] ?? []));
    await received(listener, voices);
  };
  await isHeard([0, 1]);
  const [first, second, third] = guests;
  if (!first || !second || !third) throw new Error('there are too few');
  const muting = (guest: Guest, muted: boolean) =>
    guest.person.request('updatePublication', { requestId: newRequestId(), publicationId: guest.voice, muted });
  await muting(first, true);
  await isHeard([1, 2]);
  await muting(first, false);
  await second.person.request('unpublish', { requestId: newRequestId(), publicationId: second.voice });
  await isHeard([2, 3]);
  await third.person.request('leave', {});
  await isHeard([3, 4]);
  // Four microphones are left: all are heard again, also one that is muted.
  await muting(first, true);
  await guests[3]?.person.request('leave', {});
  await isHeard([0, 4, 5, 6]);
});

test('where the server has no limit, everybody hears all others', async () => {
  const server = await startTestServer({ config: { audioSpeakers: 0, workers: 1 } });
  try {
    const people: Joined[] = [];
    for (let index = 0; index < 10; index += 1) {
      const client = await RawClient.connect(server.url, await server.token('all', `person-${index}`));
      const person = Object.assign(client, { answer: await client.join() });
      people.push(person);
      await microphone(person);
    }
    for (const person of people) {
      await waitFor('nine others', () => receiving(person).length === people.length - 1);
    }
    for (const person of people) person.close();
  } finally {
    await server.close();
  }
});

test('one who publishes a muted microphone into a large room takes no place', async () => {
  const { listener, guests } = await meeting('muted', limit + 2);
  const quiet = await stage.joined('muted', 'quiet');
  await microphone(quiet, { muted: true });
  await received(listener, voicesOf(guests.slice(0, limit)));
  await received(quiet, voicesOf(guests.slice(0, limit)));
});

test('whoever is pinned is heard besides, also muted, from the join or later, until the pin goes', async () => {
  const { listener, guests } = await meeting('pins', limit + 4);
  const [first, second, , , fifth, sixth] = guests;
  if (!first || !second || !fifth || !sixth) throw new Error('there are too few');
  const loudest = [first.voice, second.voice];
  await received(listener, loudest);
  const fan = await stage.joined('pins', 'fan', { pinned: ['guest-5', 'nobody'] });
  expect(receiving(fan)).toEqual([...loudest, sixth.voice].toSorted());
  await listener.request('setView', { version: 1, view: 'auto', pinned: ['guest-4', 'guest-5'] });
  await received(listener, [...loudest, fifth.voice, sixth.voice]);
  await fifth.person.request('updatePublication', {
    requestId: newRequestId(),
    publicationId: fifth.voice,
    muted: true,
  });
  const another = await microphone(fifth.person);
  await received(listener, [...loudest, fifth.voice, another, sixth.voice]);
  // A pin of one of the loudest brings nobody else in.
  await listener.request('setView', { version: 2, view: { videos: [] }, pinned: ['guest-0'] });
  await received(listener, loudest);
  await listener.request('setView', { version: 3, view: { videos: [] }, pinned: ['guest-5'] });
  await received(listener, [...loudest, sixth.voice]);
  await listener.request('setView', { version: 4, view: { videos: [] } });
  await received(listener, loudest);
});

test('pins are bounded, and belong to a version of the view', async () => {
  const ada = await stage.joined('bounds', 'ada');
  const refused = (code: string) => ({ ok: false, error: { code, message: expect.stringMatching(/\S/) } });
  const ask = (version: number, pinned: unknown) => ada.ask('setView', { version, view: 'auto', pinned });
  const many = Array.from({ length: 33 }, (_, index) => `p${index}`);
  for (const wrong of [many, ['a', 'a'], 'a', [7], ['\u0000'], [''], null, [['a']]]) {
    expect(await ask(1, wrong)).toEqual(refused('bad-request'));
  }
  expect(await ask(1, many.slice(1))).toEqual({ ok: true, data: { version: 1 } });
  expect(await ask(1, ['p1'])).toEqual(refused('conflict'));
  expect(await ask(1, many.slice(1))).toEqual({ ok: true, data: { version: 1 } });
});

test('the sound of the newest screens goes to all, that of older ones to those who watch them', async () => {
  const { listener, guests } = await meeting('screens', limit + 3);
  const loudest = voicesOf(guests.slice(0, limit));
  const screens: string[] = [];
  const sounds: string[] = [];
  for (const { person } of guests.slice(0, 3)) {
    const screen = { ...fakeCamera(newRequestId()), source: 'screen' as const };
    screens.push((await person.request('publish', screen)).publicationId);
    const sound = { ...fakeMicrophone(newRequestId()), source: 'screen-audio' as const };
    sounds.push((await person.request('publish', sound)).publicationId);
  }
  const [oldest = ''] = screens;
  await listener.request('setView', { version: 1, view: { videos: [] } });
  await received(listener, [...loudest, ...sounds.slice(1)]);
  const tile = { publicationId: oldest, width: 640, height: 360 };
  await listener.request('setView', { version: 2, view: { videos: [tile] } });
  await received(listener, [...loudest, ...sounds, oldest]);
  await listener.request('setView', { version: 3, view: 'auto' });
  await received(listener, [...loudest, ...sounds, ...screens]);
});
