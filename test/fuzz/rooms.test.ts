import { expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/index.ts';
import { type RequestName, requests } from '../../src/protocol/index.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { wideLimits } from '../support/wideLimits.ts';
import { idFields, namings } from './generate/idFields.ts';
import { usual } from './world/Bystanders.ts';
import { FullRoom, furnish } from './world/FullRoom.ts';

/** Two rooms, two identities: what is in one room does not exist in the other. */

const stage = setStage({ config: wideLimits });
const seed = 1;
const withIds = (Object.keys(requests) as RequestName[]).filter((name) => idFields(requests[name].params).length > 0);

type Answer = Awaited<ReturnType<RawClient['ask']>>;

/** What an answer says of whether the thing exists. */
function told({ ok, data, error }: Answer): unknown {
  return ok ? { ok, data: outline(data) } : { ok, error };
}

/** Which fields there are, and how long the lists are: ids and times differ. */
function outline(data: unknown): unknown {
  if (Array.isArray(data)) return data.length;
  if (typeof data !== 'object' || data === null) return typeof data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, outline(value)]));
}

/** All that somebody was told, but for what was said by them: whom they show to all may also be away. */
function heardBy({ notices }: RawClient, answers: readonly unknown[] = []): string {
  return JSON.stringify([notices, answers], (key, value: unknown) => (key === 'spotlight' ? undefined : value));
}

test('there are requests with ids, and ids to try', async () => {
  const { ids, known } = await FullRoom.open(stage, 'other');
  expect(withIds.length).toBeGreaterThan(5);
  expect(ids.length).toBeGreaterThan(10);
  for (const kind of ['knock', 'banned']) expect(known.of(kind), kind).toHaveLength(1);
});

test.each(withIds)('%s: an id of another room is answered as one that does not exist', async (name) => {
  const other = await FullRoom.open(stage, 'other');
  const { ids } = other;
  // Who has joined cannot join again.
  const once = requests[name].allowed === 'connected';
  let twins = await bothTwins(name);
  for (const { field, json } of namings(requests[name].params, seed)) {
    for (const [index, id] of ids.entries()) {
      if (once) twins = await bothTwins(name);
      const unknown = `${'n'.repeat(Math.max(1, id.length - 4))}${String(index).padStart(4, '0')}`.slice(0, 64);
      const foreign = await twins.eve.ask(name, JSON.parse(json(id)));
      const absent = await twins.joe.ask(name, JSON.parse(json(unknown)));
      const what = `${name}: ${field}, where ${id} is one of another room`;
      expect(told(foreign), what).toEqual(told(absent));
      expect(heardBy(twins.eve, [foreign]), what).not.toContain(id);
      expect(wantedByEve(), what).toEqual([]);
    }
  }
  await goesOn(twins.eve);
  const hers = heardBy(twins.eve);
  expect(ids.filter((id) => hers.includes(id))).toEqual([]);
  await other.expectUntouched();
});

/** What the server means to send to who is in the attacker's room, made or not, also what cannot be decoded. */
function wantedByEve(): string[] {
  const { participants = [] } = stage.server.app.registry.find('room-of-eve') ?? {};
  return participants.flatMap(({ subscriptions }) => subscriptions.all.map(({ publicationId }) => publicationId));
}

/** All that was asked for has been done: somebody comes, and is received. */
async function goesOn(client: RawClient): Promise<void> {
  const leo = await stage.joined('room-of-eve', 'leo');
  const { publicationId } = await leo.request('publish', fakeMicrophone(newRequestId()));
  await client.next('subscriptionsAdded', ({ subscriptions }) =>
    subscriptions.some((each) => each.publicationId === publicationId),
  );
  leo.close();
}

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
  const { point } = (await FullRoom.open(stage, 'other')).ada;
  const keys = [point.key, `${point.key.slice(0, -4)}zzzz`];
  const sessions = await Promise.all(
    keys.map(async (key, index) => {
      const client = await stage.client('elsewhere', index === 0 ? 'ada-of-other' : 'eve', undefined, {
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
  const { known } = await FullRoom.open(stage, 'other');
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
  const passing = new Set<string>([...usual, 'roomChanged']);
  const names = client.notices.map(({ name }) => name).filter((name) => !passing.has(name));
  return { session, names };
}
