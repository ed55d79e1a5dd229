import { expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import type { Grants, ModerationInput, ParamsInput } from '../../src/protocol/index.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** Where one identity may be in a room several times: everything that goes by identity concerns all of its visits. */

const stage = setStage({ config: { duplicateIdentities: 'allow', maxParticipants: 6, audioSpeakers: 1 } });

async function enter(identity: string, grants: Partial<Grants> = {}, params: Partial<ParamsInput<'join'>> = {}) {
  const token = await createAccessToken(testSecret, { room: 'room', identity, grants });
  const client = await stage.clientWith(token);
  return Object.assign(client, { token, answer: await client.join(params) });
}

const does = (who: RawClient, moderation: ModerationInput) =>
  who.ask('moderate', { requestId: newRequestId(), moderation });

test('both visits stay, each with a place, and one that comes back is the one that it was', async () => {
  const one = await enter('ada');
  const other = await enter('ada');
  expect(other.answer.room.participants.map(({ identity }) => identity)).toEqual(['ada', 'ada']);
  const { point } = one;
  one.drop();
  const back = await stage.clientWith(one.token, { resume: point });
  expect(await back.next('welcome')).toMatchObject({ session: 'resumed' });
  expect(await back.ask('raiseHand', { requestId: newRequestId(), raised: true })).toMatchObject({ ok: true });
  await other.next('roomChanged', ({ participants = [] }) =>
    participants.some((each) => each.participantId === one.answer.participantId && each.handRaisedAt !== null),
  );
  expect(one.received('removed')).toEqual([]);
  expect(other.received('removed')).toEqual([]);
  for (let places = 4; places > 0; places -= 1) await enter('ada');
  await expect(enter('ada')).rejects.toMatchObject({ code: 'room-full' });
  await other.request('leave', {});
  await enter('ada');
});

test('of those who come at once as many get in as there are places', async () => {
  const clients = await Promise.all(Array.from({ length: 9 }, () => stage.client('room', 'ada')));
  const results = await Promise.allSettled(clients.map((client) => client.join()));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
  expect(stage.server.app.registry.participants).toBe(6);
});

test('who pins an identity hears all of its visits', async () => {
  const eve = await enter('eve', {}, { pinned: ['ada'] });
  const adas = [await enter('ada'), await enter('ada')];
  const others = [await enter('bob'), await enter('cyd'), await enter('dan')];
  for (const each of [...adas, ...others]) await each.request('publish', fakeMicrophone(newRequestId()));
  const heard = () => {
    const gone = new Set(eve.received('subscriptionsRemoved').flatMap(({ subscriptionIds }) => subscriptionIds));
    const all = eve.received('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
    return all
      .filter(({ subscriptionId }) => !gone.has(subscriptionId))
      .map(({ participant }) => participant.participantId);
  };
  await waitFor('both to be heard', () => adas.every(({ answer }) => heard().includes(answer.participantId)));
});

test("rights are changed for all of them, and for none of one's own", async () => {
  const mod = await enter('mod', { moderator: true });
  const twin = await enter('mod', { moderator: true });
  const [one, other] = [await enter('ada'), await enter('ada')];
  await does(mod, { action: 'grant', participantId: one.answer.participantId, changes: { canChat: false } });
  for (const each of [one, other])
    expect(await each.next('grantsChanged')).toMatchObject({ grants: { canChat: false } });
  const own = { action: 'grant', participantId: twin.answer.participantId, changes: { canChat: true } } as const;
  expect(await does(mod, own)).toMatchObject({ error: { code: 'forbidden' } });
});

test('who is removed is removed entirely, and comes back with no token made before', async () => {
  const mod = await enter('mod', { moderator: true });
  const [one, other] = [await enter('ada'), await enter('ada')];
  await does(mod, { action: 'remove', participantId: one.answer.participantId });
  for (const each of [one, other]) {
    expect(await each.next('removed')).toMatchObject({ reason: 'removed', by: { identity: 'mod' } });
    await expect(stage.clientWith(each.token)).rejects.toMatchObject({ data: { code: 'unauthorized' } });
  }
  expect(stage.server.app.registry.participants).toBe(1);
});

test('both visits wait in the lobby, come in by one word, are moved together and go on, each for itself', async () => {
  const mod = await enter('mod', { moderator: true });
  await does(mod, { action: 'settings', changes: { lobby: true } });
  const token = await createAccessToken(testSecret, { room: 'room', identity: 'ada' });
  const visits = [await stage.clientWith(token), await stage.clientWith(token)];
  for (const each of visits) {
    expect(await each.ask('join', requestExamples.join())).toMatchObject({ error: { code: 'in-lobby' } });
  }
  const { waiting } = await mod.next('lobby', (lobby) => lobby.waiting.length > 0);
  expect(waiting).toMatchObject([{ identity: 'ada' }]);
  expect(await does(mod, { action: 'admit', knockId: waiting[0]?.knockId })).toMatchObject({ ok: true });
  const answers = [];
  for (const each of visits) {
    await each.next('admitted');
    answers.push(await each.join());
  }
  const [first, second] = visits;
  const participantId = answers[0]?.participantId ?? 'nobody';
  expect(await does(mod, { action: 'move', participantId, room: 'room--1' })).toMatchObject({ ok: true });
  for (const each of visits) await each.next('welcome', ({ room }) => room === 'room--1');
  // One comes and goes again before the other has joined.
  await first?.join();
  await first?.request('leave', {});
  expect((await second?.join())?.room.room).toBe('room--1');
});
