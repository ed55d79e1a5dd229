import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { type Grants, type ModerationInput, type RequestName, requests } from '../../src/protocol/index.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const by = { identity: 'mod', displayName: 'Mia' };

async function comes(identity: string, grants: Partial<Grants> = {}, displayName = identity): Promise<RawClient> {
  return stage.clientWith(await createAccessToken(testSecret, { room: 'room', identity, displayName, grants }));
}

const does = (who: RawClient, moderation: ModerationInput) =>
  who.request('moderate', { requestId: newRequestId(), moderation });

/** A moderator in a room whose lobby is on. */
async function host(): Promise<Joined> {
  const client = await comes('mod', { moderator: true }, 'Mia');
  const mod = Object.assign(client, { answer: await client.join() });
  await does(mod, { action: 'settings', changes: { lobby: true } });
  return mod;
}

async function knocks(identity: string): Promise<RawClient> {
  const client = await comes(identity);
  await expect(client.join()).rejects.toMatchObject({ code: 'in-lobby' });
  return client;
}

/** The last list of those who wait that a moderator was told. */
const waiting = (mod: RawClient) =>
  mod
    .received('lobby')
    .at(-1)
    ?.waiting.map(({ identity }) => identity) ?? [];
const untilWaiting = (mod: RawClient, ...identities: string[]) =>
  waitFor(`${identities} in the lobby`, () => JSON.stringify(waiting(mod)) === JSON.stringify(identities));

async function idOf(mod: RawClient, identity: string): Promise<string> {
  const { waiting: all } = await mod.next('lobby', (told) => told.waiting.some((each) => each.identity === identity));
  return all.find((each) => each.identity === identity)?.knockId ?? 'nobody';
}

/** Admitted, it comes in as it came: over the same socket. */
async function entersAdmitted(client: RawClient): Promise<void> {
  await client.next('admitted');
  await client.join();
}

test('who knocks waits, is let in by a moderator, and comes in over the same socket', async () => {
  const mod = await host();
  const ada = await knocks('ada');
  await knocks('bob');
  const first = await mod.next('lobby');
  expect(first.waiting).toMatchObject([{ identity: 'ada', displayName: 'ada' }]);
  expect(Math.abs(Date.now() - (first.waiting[0]?.since ?? 0))).toBeLessThan(10_000);
  await untilWaiting(mod, 'ada', 'bob');
  await does(mod, { action: 'admit', knockId: await idOf(mod, 'ada') });
  await entersAdmitted(ada);
  await untilWaiting(mod, 'bob');
  expect(stage.server.app.registry.participants).toBe(2);
});

test('who asks again without having been let in still waits, once', async () => {
  const mod = await host();
  const ada = await knocks('ada');
  const { since } = (await mod.next('lobby')).waiting[0] ?? {};
  await expect(ada.join()).rejects.toMatchObject({ code: 'in-lobby' });
  const bob = await knocks('bob');
  await untilWaiting(mod, 'ada', 'bob');
  expect(mod.received('lobby').at(-1)?.waiting[0]?.since).toBe(since);
  await does(mod, { action: 'admit' });
  await Promise.all([entersAdmitted(ada), entersAdmitted(bob)]);
});

test('who is refused is told by whom, its socket closes, and it may knock again, unless it is banned', async () => {
  const mod = await host();
  const ada = await knocks('ada');
  await does(mod, { action: 'refuse', knockId: await idOf(mod, 'ada') });
  expect(await ada.next('removed')).toMatchObject({ reason: 'refused', message: 'Mia did not let you in', by });
  await waitFor('the socket to close', () => !ada.socket.connected);
  await untilWaiting(mod);
  const again = await knocks('ada');
  const known = new Set(mod.received('lobby').flatMap(({ waiting: all }) => all.map(({ knockId }) => knockId)));
  await untilWaiting(mod, 'ada');
  const knockId = mod.received('lobby').at(-1)?.waiting[0]?.knockId ?? 'nobody';
  expect(known.size, 'another knock').toBeGreaterThan(0);
  await does(mod, { action: 'refuse', knockId, ban: true, reason: 'Not today' });
  expect((await again.next('removed')).message).toBe(
    'Mia does not let you in for as long as the meeting lasts: Not today',
  );
  const banned = await comes('ada');
  await expect(banned.join()).rejects.toMatchObject({ code: 'forbidden' });
});

test('in the lobby nothing can be asked, and nothing is learnt of the room', async () => {
  const mod = await host();
  const real = await mod.request('publish', fakeMicrophone(newRequestId()));
  const outside = await stage.client('elsewhere', 'zoe');
  const ada = await knocks('ada');
  const before = stage.server.app.engine.status.tally;
  const told = ada.notices.length;
  for (const name of Object.keys(requests) as RequestName[]) {
    if (name === 'leave') continue;
    // Of what there is in the room, and of what there is not.
    for (const id of [real.publicationId, mod.answer.participantId, 'unknown']) {
      const answer = await ada.ask(name, naming(requestExamples[name](), id));
      if (name === 'join') expect(answer.error, name).toMatchObject({ code: 'in-lobby' });
      // To the letter what somebody hears who has not asked to join any room.
      else expect(answer, name).toEqual(await outside.ask(name, requestExamples[name]()));
      expect(answer.ok, name).toBe(false);
    }
  }
  for (const moderation of acts(mod.answer.participantId, await idOf(mod, 'ada'))) {
    const answer = await ada.ask('moderate', { requestId: newRequestId(), moderation });
    expect(answer, moderation.action).toEqual(await outside.ask('moderate', requestExamples.moderate()));
  }
  // The room changes in every way that it has.
  await mod.request('sendChat', { requestId: newRequestId(), text: 'a secret' });
  await mod.request('raiseHand', { requestId: newRequestId(), raised: true });
  const { publicationId } = await mod.request('publish', { ...fakeMicrophone(newRequestId()), source: 'screen-audio' });
  await does(mod, { action: 'spotlight', identities: ['mod'] });
  await mod.next('roomChanged', ({ publications = [] }) =>
    publications.some((each) => each.publicationId === publicationId),
  );
  expect(ada.notices.slice(told), 'notices').toEqual([]);
  expect(JSON.stringify(ada.notices)).not.toContain(mod.answer.participantId);
  const { transports } = stage.server.app.engine.status.tally;
  expect(transports, 'no media are made').toBe(before.transports);
  await ada.request('leave', {});
  await untilWaiting(mod);
});

/** With that id wherever the example names something that does not exist. */
function naming(params: object, id: string): unknown {
  return JSON.parse(JSON.stringify(params).replaceAll('"unknown"', JSON.stringify(id)));
}

/** What somebody who waits would like to do. */
const acts = (participantId: string, knockId: string): ModerationInput[] => [
  { action: 'admit', knockId },
  { action: 'admit' },
  { action: 'settings', changes: { lobby: false } },
  { action: 'grant', participantId, changes: { moderator: false } },
  { action: 'remove', participantId },
  { action: 'end' },
];

test('nobody who waits comes in by its own key, or by that of somebody who is there', async () => {
  const mod = await host();
  const ada = await knocks('ada');
  // Given to everybody who connects, whatever becomes of it.
  const keys = [ada.point.key, mod.point.key];
  for (const key of keys) {
    const again = await stage.client('room', 'ada', undefined, { resume: { key, seq: 0, revision: 0 } });
    expect((await again.next('welcome')).session).toBe('refused');
    await expect(again.join()).rejects.toMatchObject({ code: 'in-lobby' });
    expect(JSON.stringify(again.notices), 'nothing of the room').not.toContain(mod.answer.participantId);
  }
  await untilWaiting(mod, 'ada');
  expect(stage.server.app.registry.participants).toBe(1);
});

describe('moderators, and nobody else, are told who waits', () => {
  test('also who comes as one, and who becomes one', async () => {
    const mod = await host();
    const max = await knocks('max');
    await does(mod, { action: 'admit', knockId: await idOf(mod, 'max') });
    await max.next('admitted');
    const { participantId } = await max.join();
    await knocks('ada');
    await untilWaiting(mod, 'ada');
    expect(max.received('lobby')).toEqual([]);
    await does(mod, { action: 'grant', participantId, changes: { moderator: true } });
    await untilWaiting(max, 'ada');
    const second = await comes('sam', { moderator: true });
    await second.join();
    await untilWaiting(second, 'ada');
    await does(mod, { action: 'grant', participantId, changes: { moderator: false } });
    await max.next('grantsChanged', ({ grants }) => !grants.moderator);
    const heard = max.received('lobby').length;
    await knocks('bob');
    await untilWaiting(second, 'ada', 'bob');
    expect(max.received('lobby')).toHaveLength(heard);
  });

  test('also after a resume, whether all that was missed is kept or not', async () => {
    const mod = await host();
    await knocks('ada');
    await untilWaiting(mod, 'ada');
    const { point } = mod;
    mod.drop();
    await knocks('bob');
    const token = await createAccessToken(testSecret, { room: 'room', identity: 'mod', grants: { moderator: true } });
    const back = await stage.clientWith(token, { resume: point });
    expect((await back.next('welcome')).session).toBe('resumed');
    await untilWaiting(back, 'ada', 'bob');
    // Who claims more than there was is told everything.
    const other = await stage.clientWith(token, { resume: { ...point, seq: 1_000_000 } });
    expect((await other.next('welcome')).session).toBe('snapshot');
    await untilWaiting(other, 'ada', 'bob');
    const nobody = await stage.client('room', 'cyd');
    await expect(nobody.join()).rejects.toMatchObject({ code: 'in-lobby' });
    expect(nobody.received('lobby')).toEqual([]);
    await does(other, { action: 'end' });
    await nobody.next('roomClosed');
  });
});

describe('a socket that breaks in the lobby', () => {
  test('keeps its place for who comes back soon, over another socket', async () => {
    const mod = await host();
    const ada = await knocks('ada');
    const knockId = await idOf(mod, 'ada');
    await knocks('bob');
    await untilWaiting(mod, 'ada', 'bob');
    ada.drop();
    const again = await knocks('ada');
    await does(mod, { action: 'admit', knockId });
    await entersAdmitted(again);
    await untilWaiting(mod, 'bob');
  });

  test('and is let in at that moment: it comes straight in when it is back', async () => {
    const mod = await host();
    const ada = await knocks('ada');
    const knockId = await idOf(mod, 'ada');
    ada.drop();
    // Whichever of the two the server hears first.
    await does(mod, { action: 'admit', knockId });
    const again = await comes('ada');
    await again.join();
    await untilWaiting(mod);
  });

  test('whose client closes it on purpose waits no more, and cannot be let in', async () => {
    const mod = await host();
    const ada = await knocks('ada');
    const knockId = await idOf(mod, 'ada');
    ada.close();
    await untilWaiting(mod);
    const moderation: ModerationInput = { action: 'admit', knockId };
    expect(await mod.ask('moderate', { requestId: newRequestId(), moderation })).toMatchObject({
      error: { code: 'not-found' },
    });
  });
});

test('a lock keeps knockers out, lobby or not; turning the lobby off lets in all who wait', async () => {
  const mod = await host();
  const [ada, bob] = [await knocks('ada'), await knocks('bob')];
  await does(mod, { action: 'lock', locked: true });
  const cyd = await comes('cyd');
  await expect(cyd.join()).rejects.toMatchObject({ code: 'room-locked' });
  await does(mod, { action: 'settings', changes: { lobby: false } });
  await Promise.all([entersAdmitted(ada), entersAdmitted(bob)]);
  await expect(cyd.join()).rejects.toMatchObject({ code: 'room-locked' });
});

test('ids of the lobby of another room are as those of nobody', async () => {
  const mod = await host();
  const token = await createAccessToken(testSecret, { room: 'other', identity: 'mod', grants: { moderator: true } });
  const other = await stage.clientWith(token);
  await other.join();
  await knocks('ada');
  const knockId = await idOf(mod, 'ada');
  for (const action of ['admit', 'refuse'] as const) {
    const answers = await Promise.all(
      [knockId, 'nobody'].map((id) =>
        other.ask('moderate', { requestId: newRequestId(), moderation: { action, knockId: id } }),
      ),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ error: { code: 'not-found' } });
  }
  await untilWaiting(mod, 'ada');
});
