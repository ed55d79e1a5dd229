import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import {
  type Grants,
  plainGrants,
  type RequestName,
  type RequestPhase,
  requests,
  type Source,
  shapes,
} from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';
import { wideLimits } from '../support/wideLimits.ts';

const stage = setStage({ config: wideLimits });

/** Tokens that lack something, each with what it lacks. */
const visitors = {
  plain: {},
  'one who may not publish': { canPublish: false },
  'one who may publish sound only': { canPublish: ['microphone'] },
  'one who may not receive': { canSubscribe: false },
  'one who may not send data': { canPublishData: false },
  'one who may not chat': { canChat: false },
  'one who may not describe itself': { canUpdateMetadata: false },
  'a hidden one': { hidden: true },
  'a moderator': { moderator: true },
} as const satisfies Record<string, Partial<Grants>>;
type Visitor = keyof typeof visitors;
const everybody = Object.keys(visitors) as Visitor[];
const but = (...those: Visitor[]) => everybody.filter((visitor) => !those.includes(visitor));

/**
 * Written by hand, apart from the table that is checked: when each request is allowed, and to whom. The example of
 * `publish` is a camera.
 */
const expected: Record<RequestName, { phase: RequestPhase; visitors: readonly Visitor[] }> = {
  join: { phase: 'connected', visitors: everybody },
  leave: { phase: 'any', visitors: everybody },
  restartIce: { phase: 'joined', visitors: everybody },
  publish: {
    phase: 'joined',
    visitors: but('one who may not publish', 'one who may publish sound only', 'a hidden one'),
  },
  restorePublication: { phase: 'joined', visitors: but('one who may not publish', 'a hidden one') },
  unpublish: { phase: 'joined', visitors: everybody },
  updatePublication: { phase: 'joined', visitors: but('one who may not publish', 'a hidden one') },
  setView: { phase: 'joined', visitors: everybody },
  startSubscriptions: { phase: 'joined', visitors: but('one who may not receive') },
  listParticipants: { phase: 'joined', visitors: everybody },
  sendChat: { phase: 'joined', visitors: but('one who may not chat', 'a hidden one') },
  updateMetadata: { phase: 'joined', visitors: but('one who may not describe itself') },
  raiseHand: { phase: 'joined', visitors: but('a hidden one') },
  moderate: { phase: 'joined', visitors: ['a moderator'] },
  listBans: { phase: 'joined', visitors: ['a moderator'] },
  simulateFault: { phase: 'joined', visitors: [] },
};

const phases = ['connected', 'joined', 'left'] as const;
const names = Object.keys(requests) as RequestName[];

/** Answers to what was allowed: the ids of the examples are of nothing that exists, and its media of no real client. */
const past = ['ok', 'not-found', 'conflict', 'unsupported'];

async function clientOf(visitor: Visitor, phase: (typeof phases)[number]): Promise<RawClient> {
  const grants = visitors[visitor];
  const token = await createAccessToken(testSecret, { room: 'matrix', identity: visitor.replaceAll(' ', '-'), grants });
  const client = await stage.clientWith(token);
  if (phase !== 'connected') await client.join();
  // Whoever waits for the answer has no socket any more over which to ask.
  if (phase === 'left') client.socket.emit('leave', {});
  return client;
}

test('the table has a row for each request', () => {
  expect(Object.keys(expected).toSorted()).toEqual(names.toSorted());
});

describe.each(everybody)('%s', (visitor) => {
  test.each(phases)('%s, asks for everything', async (phase) => {
    const answers: Record<string, string> = {};
    const should: Record<string, string> = {};
    for (const name of names) {
      const row = expected[name];
      const client = await clientOf(visitor, phase);
      const { ok, error } = await client.ask(name, requestExamples[name]());
      const inTime = row.phase === 'any' || row.phase === phase;
      if (phase === 'left') should[name] = 'closed';
      else should[name] = !inTime ? 'wrong-phase' : row.visitors.includes(visitor) ? 'allowed' : 'forbidden';
      const outcome = ok ? 'ok' : (error?.code ?? 'an answer without a code');
      answers[name] = past.includes(outcome) ? 'allowed' : outcome;
      client.close();
    }
    expect(answers).toEqual(should);
  });
});

test.each(shapes.source.options)('a right to publish names the source: %s', async (source: Source) => {
  const others = shapes.source.options.filter((each) => each !== source);
  const client = await clientWith({ canPublish: others });
  const sound = source === 'microphone' || source === 'screen-audio';
  const track = { ...(sound ? fakeMicrophone(newRequestId()) : fakeCamera(newRequestId())), source };
  expect(await client.ask('publish', track)).toMatchObject({ ok: false, error: { code: 'forbidden' } });
  const other = await clientWith({ canPublish: [source] }, 'bob');
  expect(await other.ask('publish', { ...track, requestId: newRequestId() })).toMatchObject({ ok: true });
});

async function clientWith(grants: Partial<Grants>, identity = 'ada', more = {}): Promise<RawClient> {
  const token = await createAccessToken(testSecret, { room: 'room', identity, grants, ...more });
  const client = await stage.clientWith(token);
  await client.join();
  return client;
}

test('welcome says what one may do; a token that says nothing gives what everybody may', async () => {
  const ada = await stage.clientWith(await stage.server.token('room', 'ada'));
  expect((await ada.next('welcome')).grants).toEqual(plainGrants);
  const bob = await clientWith({ canPublish: ['screen'], maxVideoBitrate: 300_000 }, 'bob');
  expect((await bob.next('welcome')).grants).toEqual({
    ...plainGrants,
    canPublish: ['screen'],
    maxVideoBitrate: 300_000,
  });
});

test('who may not receive receives nothing, whatever it wishes for', async () => {
  const bob = await stage.joined('room', 'bob');
  const { publicationId } = await bob.request('publish', fakeCamera(newRequestId()));
  await bob.request('publish', fakeMicrophone(newRequestId()));
  const ada = await clientWith({ canSubscribe: false });
  await ada.request('setView', { version: 2, view: { videos: [{ publicationId, width: 320, height: 180 }] } });
  const cyd = await stage.joined('room', 'cyd');
  expect(cyd.answer.subscriptions).toHaveLength(2);
  await bob.request('publish', { ...fakeCamera(newRequestId()), source: 'screen' });
  await cyd.next('subscriptionsAdded');
  expect(ada.received('subscriptionsAdded')).toEqual([]);
});

test('what the application says of somebody stays, whatever they say of themselves', async () => {
  const bob = await stage.joined('room', 'bob');
  const ada = await clientWith({}, 'ada', { metadata: { role: 'guide' } });
  await ada.request('updateMetadata', { requestId: newRequestId(), metadata: { role: 'queen', mood: 'fine' } });
  // He may hear of his own coming as well.
  const told = () =>
    bob
      .received('roomChanged')
      .flatMap(({ participants = [] }) => participants)
      .filter(({ identity }) => identity === 'ada');
  await waitFor('what she says', () => told().some(({ metadata }) => metadata.mood === 'fine'));
  expect(new Set(told().map(({ metadata }) => metadata.role))).toEqual(new Set(['guide']));
});

test('who may not describe itself says nothing of itself, and nothing that it has said stays', async () => {
  const bob = await stage.joined('room', 'bob');
  const token = await createAccessToken(testSecret, {
    ...{ room: 'room', identity: 'ada', metadata: { desk: 4 }, grants: { canUpdateMetadata: false } },
  });
  const ada = await stage.clientWith(token);
  await ada.join({ metadata: { role: 'staff' } });
  const eve = await clientWith({}, 'eve', { metadata: { desk: 5 } });
  await eve.request('updateMetadata', { requestId: newRequestId(), metadata: { role: 'staff' } });
  const told = (identity: string) =>
    bob
      .received('roomChanged')
      .flatMap(({ participants = [] }) => participants)
      .filter((each) => each.identity === identity)
      .map(({ metadata }) => metadata);
  await waitFor('what she says', () => told('eve').at(-1)?.role === 'staff');
  expect(told('ada')).toEqual([{ desk: 4 }]);
  participantOf('eve').setGrants({ ...plainGrants, canUpdateMetadata: false }, { displayName: 'Mia' });
  await waitFor('it to be gone', () => told('eve').at(-1)?.role === undefined);
  expect(told('eve').at(-1)).toEqual({ desk: 5 });
});

test('nobody is told of a hidden participant, and it sees everybody', async () => {
  const bob = await stage.joined('room', 'bob');
  await bob.request('publish', fakeCamera(newRequestId()));
  const token = await createAccessToken(testSecret, { room: 'room', identity: 'eve', grants: { hidden: true } });
  const eve = await stage.clientWith(token);
  const answer = await eve.join();
  expect(answer.subscriptions).toHaveLength(1);
  expect(answer.room.participants.map(({ identity }) => identity).toSorted()).toEqual(['bob', 'eve']);
  expect(answer.room.count).toBe(1);

  await eve.request('updateMetadata', { requestId: newRequestId(), metadata: { seen: false } });
  const cyd = await stage.joined('room', 'cyd');
  expect(cyd.answer.room.participants.map(({ identity }) => identity).toSorted()).toEqual(['bob', 'cyd']);
  expect(cyd.answer.room.count).toBe(2);
  const { participants, total } = await cyd.request('listParticipants', {});
  expect([participants.map(({ identity }) => identity).toSorted(), total]).toEqual([['bob', 'cyd'], 2]);
  await eve.request('leave', {});
  const dan = await stage.joined('room', 'dan');
  await bob.next('roomChanged', ({ participants: some = [] }) => some.some(({ identity }) => identity === 'dan'));
  const told = JSON.stringify([bob.notices, cyd.notices, dan.answer]);
  expect(told).not.toContain('"eve"');
  expect(told).not.toContain(answer.participantId);
});

function participantOf(identity: string) {
  const [room] = stage.server.app.registry.rooms.filter(({ name }) => name === 'room');
  const found = room?.participants.find((each) => each.identity === identity);
  if (!found) throw new Error(`${identity} is not there`);
  return found;
}

describe('rights that change in the call', () => {
  const by = { displayName: 'Mia' };

  test('what may no longer be sent ends at once, for everybody, and cannot come back', async () => {
    const bob = await stage.joined('room', 'bob');
    const ada = await clientWith({});
    const camera = await ada.request('publish', fakeCamera(newRequestId()));
    const microphone = await ada.request('publish', fakeMicrophone(newRequestId()));
    participantOf('ada').setGrants({ ...plainGrants, canPublish: ['microphone'] }, by);
    expect((await ada.next('unpublished')).publicationId).toBe(camera.publicationId);
    expect((await ada.next('grantsChanged')).grants.canPublish).toEqual(['microphone']);
    await bob.next('roomChanged', ({ unpublished = [] }) =>
      unpublished.some(({ publicationId }) => publicationId === camera.publicationId),
    );
    expect(await ada.ask('publish', fakeCamera(newRequestId()))).toMatchObject({ error: { code: 'forbidden' } });
    const { publicationId } = microphone;
    await ada.request('updatePublication', { requestId: newRequestId(), publicationId, muted: true });
  });

  test('who may no longer receive is told what has ended, and receives again with the right', async () => {
    const bob = await stage.joined('room', 'bob');
    await bob.request('publish', fakeMicrophone(newRequestId()));
    const ada = await clientWith({});
    participantOf('ada').setGrants({ ...plainGrants, canSubscribe: false }, by);
    expect((await ada.next('subscriptionsRemoved')).subscriptionIds).toHaveLength(1);
    participantOf('ada').setGrants(plainGrants, by);
    expect((await ada.next('subscriptionsAdded')).subscriptions).toHaveLength(1);
  });

  test('so it is with pictures, and with voices that are kept for the next word', async () => {
    const talkers = await Promise.all(['t1', 't2', 't3'].map((name) => stage.joined('room', name)));
    for (const talker of talkers) await talker.request('publish', fakeMicrophone(newRequestId()));
    const bob = await stage.joined('room', 'bob');
    await bob.request('publish', fakeCamera(newRequestId()));
    const ada = await clientWith({});
    const ended = () => ada.received('subscriptionsRemoved').flatMap(({ subscriptionIds }) => subscriptionIds);
    const consumers = () => stage.consumers.length;
    const before = consumers();
    participantOf('ada').setGrants({ ...plainGrants, canSubscribe: false }, by);
    await waitFor('all to end', () => ended().length === 4);
    await waitFor('them to end in the worker', () => consumers() === before - 4);
    participantOf('ada').setGrants(plainGrants, by);
    const added = () => ada.received('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
    await waitFor('all to come back', () => added().length === 4);
  });

  test('chat ends with the right, for others as well as for the one who asks, and comes back with it', async () => {
    const bob = await stage.joined('room', 'bob');
    const ada = await clientWith({});
    const say = (text: string) => ada.ask('sendChat', { requestId: newRequestId(), text });
    expect(await say('one')).toMatchObject({ ok: true });
    participantOf('ada').setGrants({ ...plainGrants, canChat: false }, by);
    expect(await say('two')).toMatchObject({ error: { code: 'forbidden' } });
    participantOf('ada').setGrants(plainGrants, by);
    expect(await say('three')).toMatchObject({ ok: true });
    await bob.next('chat', ({ text }) => text === 'three');
    expect(bob.received('chat').map(({ text }) => text)).toEqual(['one', 'three']);
  });

  test('how much video may be sent is told to the worker, at the join and when it changes', async () => {
    await clientWith({ maxVideoBitrate: 300_000 });
    const stats = async () => {
      const transports = [...stage.routers.values()].flatMap((each) => [...each]);
      return JSON.stringify(await Promise.all(transports.map((each) => each.getStats())));
    };
    const limit = (bitrate: number) => `"maxIncomingBitrate":${bitrate}`;
    const told = (bitrate: number) => waitFor('the limit', async () => (await stats()).includes(limit(bitrate)));
    await told(300_000);
    participantOf('ada').setGrants({ ...plainGrants, maxVideoBitrate: 200_000 }, by);
    await told(200_000);
    expect(await stats()).not.toContain(limit(300_000));
  });
});
