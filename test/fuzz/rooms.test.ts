import { expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/index.ts';
import { type RequestName, requests } from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { wideLimits } from '../support/wideLimits.ts';
import { idFields, namings } from './generate/idFields.ts';
import { Known } from './world/Known.ts';

/** Two rooms, two identities: what is in one room does not exist in the other. */

const stage = setStage({ config: wideLimits });
const seed = 1;
const withIds = (Object.keys(requests) as RequestName[]).filter((name) => idFields(requests[name].params).length > 0);

async function furnish(person: RawClient): Promise<void> {
  await person.request('publish', fakeCamera(newRequestId()));
  await person.request('publish', fakeMicrophone(newRequestId()));
  await person.request('sendChat', { requestId: newRequestId(), text: 'hello' });
  await person.request('raiseHand', { requestId: newRequestId(), raised: true });
}

/** A moderator, before whose door somebody waits. */
async function host(): Promise<Joined> {
  const client = await stage.clientWith(
    await createAccessToken(testSecret, { room: 'other', identity: 'ada', grants: { moderator: true } }),
  );
  const ada = Object.assign(client, { answer: await client.join() });
  const changes = { lobby: true };
  await ada.request('moderate', { requestId: newRequestId(), moderation: { action: 'settings', changes } });
  const kim = await stage.client('other', 'kim');
  await expect(kim.join()).rejects.toMatchObject({ code: 'in-lobby' });
  await ada.next('lobby', ({ waiting }) => waiting.length > 0);
  return ada;
}

/** All ids of a room with two people who see and hear each other, as they were told of them. */
async function otherRoom(): Promise<{ ids: string[]; known: Known; people: Joined[] }> {
  // Bob is there before there is a lobby.
  const bob = await stage.joined('other', 'bob');
  const people = [await host(), bob];
  for (const person of people) await furnish(person);
  const known = new Known();
  for (const person of people) {
    await person.next('chat');
    await person.next('subscriptionsAdded');
    known.hear(person.answer);
    known.hear(person.notices.map(({ payload }) => payload));
  }
  return { ids: [...new Set(known.all)], known, people };
}

/** What people are told who do nothing but be there. */
const usual = new Set([
  'speakers',
  'quality',
  'roomChanged',
  'wantedLayers',
  'subscriptionState',
  'subscriptionsAdded',
  'keyFrameWanted',
]);

/** What an answer says of whether the thing exists. */
function told({ ok, data, error }: Awaited<ReturnType<RawClient['ask']>>): unknown {
  return ok ? { ok, fields: Object.keys(Object(data)).toSorted() } : { ok, error };
}

test('there are requests with ids, and ids to try', async () => {
  const { ids, known } = await otherRoom();
  expect(withIds.length).toBeGreaterThan(5);
  expect(ids.length).toBeGreaterThan(10);
  expect(known.of('knock')).toHaveLength(1);
});

test.each(withIds)('%s: an id of another room is answered as one that does not exist', async (name) => {
  const { ids, people } = await otherRoom();
  const before = people.map(({ notices }) => notices.length);
  // Who has joined cannot join again.
  const once = requests[name].allowed === 'connected';
  let twins = await bothTwins(name);
  for (const { field, json } of namings(requests[name].params, seed)) {
    for (const [index, id] of ids.entries()) {
      if (once && index > 0) twins = await bothTwins(name);
      const unknown = `${'n'.repeat(Math.max(1, id.length - 4))}${String(index).padStart(4, '0')}`.slice(0, 64);
      const foreign = told(await twins.eve.ask(name, JSON.parse(json(id))));
      const absent = told(await twins.joe.ask(name, JSON.parse(json(unknown))));
      expect(foreign, `${name}: ${field}, where ${id} is one of another room`).toEqual(absent);
    }
  }
  // And nobody there has been told of any of it.
  const heard = people.map(({ notices }, index) => notices.slice(before[index]).map((notice) => notice.name));
  expect(heard.flat().filter((each) => !usual.has(each))).toEqual([]);
});

/** Two alike in two rooms alike: the same is asked for the same time, once with each kind of id. */
async function bothTwins(name: RequestName): Promise<{ eve: RawClient; joe: RawClient }> {
  return { eve: await twin(name, 'eve'), joe: await twin(name, 'joe') };
}

/** With every right: who is refused for want of one learns nothing. */
async function twin(name: RequestName, identity: string): Promise<RawClient> {
  const grants = { moderator: true };
  const token = await createAccessToken(testSecret, { room: `room-of-${identity}`, identity, grants });
  const client = await stage.clientWith(token);
  if (requests[name].allowed === 'connected') return client;
  await client.join();
  await furnish(client);
  return client;
}

test('the key of a visit to another room resumes nothing, as one that does not exist', async () => {
  const { people } = await otherRoom();
  const [ada] = people;
  if (!ada) throw new Error('Ada is there');
  const { point } = ada;
  const keys = [point.key, `${point.key.slice(0, -4)}zzzz`];
  const sessions = await Promise.all(
    keys.map(async (key, index) => {
      const client = await stage.client('elsewhere', index === 0 ? 'ada' : 'eve', undefined, {
        resume: { ...point, key },
      });
      const { session } = await client.next('welcome');
      return { session, before: client.notices.map(({ name }) => name) };
    }),
  );
  expect(sessions[0]).toEqual(sessions[1]);
  expect(sessions[0]?.session).toBe('refused');
});

test('a resume that names a message of another room brings what one brings that names none', async () => {
  const { known } = await otherRoom();
  const [foreign] = known.of('chat');
  const [heard, expected] = await Promise.all([comeBack('eve', foreign), comeBack('joe', 'no-such-message')]);
  expect(heard).toEqual(expected);
  expect(heard.session).toBe('resumed');
});

/** @returns what somebody is told that comes back after the last chat message it knows */
async function comeBack(identity: string, chatId: string | undefined): Promise<{ session: string; names: string[] }> {
  const room = `room-of-${identity}`;
  const first = await stage.joined(room, identity);
  const { point } = first;
  first.drop();
  const friend = await stage.joined(room, 'friend');
  await friend.request('sendChat', { requestId: newRequestId(), text: 'while you were away' });
  const client = await stage.client(room, identity, undefined, { resume: { ...point, chatId } });
  const { session } = await client.next('welcome');
  await client.next('chat');
  const names = client.notices.map(({ name }) => name).filter((name) => !usual.has(name));
  return { session, names };
}
