import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { type Grants, type ModerationInput, roomSettings } from '../../src/protocol/index.ts';
import type { Actor } from '../../src/room/Actor.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, type RawClient } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const by = { identity: 'mod', displayName: 'Mia' };

const tokenOf = (identity: string, grants: Partial<Grants> = {}, room = 'school') =>
  createAccessToken(testSecret, { room, identity, grants, displayName: identity === 'mod' ? 'Mia' : identity });

async function enters(identity: string, grants: Partial<Grants> = {}, room = 'school'): Promise<Joined> {
  const client = await stage.clientWith(await tokenOf(identity, grants, room));
  return Object.assign(client, { answer: await client.join() });
}

const host = (room = 'school') => enters('mod', { moderator: true }, room);

const asks = (who: RawClient, moderation: ModerationInput) =>
  who.ask('moderate', { requestId: newRequestId(), moderation });

async function moves(mod: RawClient, whom: Joined, room: string): Promise<void> {
  const { participantId } = whom.answer;
  expect(await asks(mod, { action: 'move', participantId, room })).toMatchObject({ ok: true });
}

/** A moderator of the main room who has gone to another one. */
async function hostIn(room: string): Promise<Joined> {
  const boss = await enters('boss', { moderator: true });
  await moves(boss, boss, room);
  await follows(boss, room);
  return boss;
}

/** What follows on `moved`: the client joins the room that it is told, over the same socket. */
async function follows(whom: Joined, room: string): Promise<void> {
  await whom.next('welcome', (welcome) => welcome.room === room);
  whom.answer = await whom.join();
}

const roomOf = (name: string) => stage.server.app.registry.find(name);
const namesIn = (name: string) =>
  roomOf(name)
    ?.participants.map(({ identity }) => identity)
    .toSorted() ?? [];

test('the same socket goes on in the other room, where media flow', async () => {
  const [mod, ada] = [await host(), await enters('ada')];
  const bob = await enters('bob', {}, 'school--1');
  await bob.request('publish', fakeMicrophone(newRequestId()));
  await ada.request('publish', fakeCamera(newRequestId()));
  const { participantId } = ada.answer;
  const [before] = ada.received('welcome');
  await moves(mod, ada, 'school--1');
  expect(await ada.next('moved')).toMatchObject({ room: 'school--1', by });
  const left = await mod.next('roomChanged', ({ left: gone = [] }) => gone.length > 0);
  expect(left.left).toEqual([{ participantId, reason: 'moved' }]);
  await follows(ada, 'school--1');
  const [, welcome] = ada.received('welcome');
  expect(welcome).toMatchObject({ session: 'new', room: 'school--1', identity: 'ada' });
  expect(welcome?.resumeKey).not.toBe(before?.resumeKey);
  expect(ada.answer.subscriptions).toHaveLength(1);
  await ada.request('publish', fakeCamera(newRequestId()));
  expect((await bob.next('subscriptionsAdded')).subscriptions).toHaveLength(1);
  // The former room is not heard any more, and does not hear.
  const heard = ada.notices.length;
  await mod.request('sendChat', { requestId: newRequestId(), text: 'are you gone?' });
  await bob.request('sendChat', { requestId: newRequestId(), text: 'welcome' });
  await ada.next('chat');
  expect(ada.notices.slice(heard).filter(({ name }) => name === 'chat')).toHaveLength(1);
  expect(mod.received('chat')).toHaveLength(1);
});

test('what is asked on the way is refused, but for joining and leaving', async () => {
  const [mod, ada] = [await host(), await enters('ada')];
  await moves(mod, ada, 'school--1');
  await ada.next('moved');
  const chat = await ada.ask('sendChat', { requestId: newRequestId(), text: 'but' });
  expect(chat).toMatchObject({ error: { code: 'wrong-phase' } });
  await ada.request('leave', {});
  await waitFor('nobody to be waited for', () => roomOf('school--1') === undefined);
  // Who leaves on the way does not belong there.
  const again = await enters('ada');
  expect(again.answer.room.room).toBe('school');
});

test('within the family of rooms, and to no other; nobody is moved to where they are', async () => {
  const [boss, ada] = [await hostIn('school--1'), await enters('ada', {}, 'school--1')];
  const { participantId } = ada.answer;
  for (const [room, code] of [
    ['schools', 'forbidden'],
    ['other--1', 'forbidden'],
    ['school--1', 'conflict'],
  ] as const) {
    expect(await asks(boss, { action: 'move', participantId, room })).toMatchObject({ error: { code } });
  }
  const nobody = await asks(boss, { action: 'move', participantId: 'nobody', room: 'school' });
  expect(nobody).toMatchObject({ error: { code: 'not-found' } });
  expect(namesIn('school--1')).toEqual(['ada', 'boss']);
  for (const room of ['school', 'school--2', 'school--1']) {
    for (const each of [ada, boss]) await moves(boss, each, room);
    for (const each of [ada, boss]) await follows(each, room);
  }
});

describe('who moderates one room of a family only', () => {
  test('moves nobody, and does not go anywhere: that takes a token for the main room', async () => {
    const [mod, ada] = [await host('school--1'), await enters('ada', {}, 'school--1')];
    await enters('boss', { moderator: true }, 'school--2');
    expect(mod.answer.room.ofMainRoom).toBe(false);
    for (const room of ['school--2', 'school--3', 'school', 'elsewhere']) {
      for (const { participantId } of [mod.answer, ada.answer]) {
        const { error } = await asks(mod, { action: 'move', participantId, room });
        expect(error).toMatchObject({ code: 'forbidden', message: expect.stringContaining('ask the application') });
      }
    }
    expect(stage.server.app.registry.rooms.map(({ name }) => name).toSorted()).toEqual(['school--1', 'school--2']);
    expect([namesIn('school--1'), namesIn('school--2')]).toEqual([['ada', 'mod'], ['boss']]);
  });

  test('does not moderate where it is moved to, but where it came from, and where the application moves it', async () => {
    const [boss, mod] = [await hostIn('school--1'), await host('school--1')];
    expect(boss.answer.room.ofMainRoom).toBe(true);
    await moves(boss, mod, 'school--2');
    await follows(mod, 'school--2');
    expect(mod.received('welcome').at(-1)?.grants.moderator).toBe(false);
    expect(await asks(mod, { action: 'lock', locked: true })).toMatchObject({ error: { code: 'forbidden' } });
    // Nor with a token that was made after that.
    const again = await host('school--1');
    expect(again.answer.room.room).toBe('school--2');
    expect(again.answer.room.participants).toMatchObject([{ identity: 'mod', moderator: false }]);

    await moves(boss, boss, 'school--2');
    await follows(boss, 'school--2');
    await moves(boss, again, 'school--1');
    await follows(again, 'school--1');
    expect(await asks(again, { action: 'lock', locked: true })).toMatchObject({ ok: true });
    const application: Actor = { kind: 'application', name: 'Campus' };
    const { participantId } = again.answer;
    await roomOf('school--1')?.moderation.act(application, { action: 'move', participantId, room: 'elsewhere' });
    await follows(again, 'elsewhere');
    expect(await asks(again, { action: 'lock', locked: true })).toMatchObject({ ok: true });
  });

  test('hands its moderation to nobody of other rooms, who would have it there as well', async () => {
    const [boss, mod, ada] = [await hostIn('school--1'), await host('school--1'), await enters('ada')];
    const own = await enters('own', {}, 'school--1');
    await moves(await enters('chief', { moderator: true }), ada, 'school--1');
    await follows(ada, 'school--1');
    const promotes = (by: RawClient, { participantId }: Joined['answer']) =>
      asks(by, { action: 'grant', participantId, changes: { moderator: true } });
    expect(await promotes(mod, ada.answer)).toMatchObject({ error: { code: 'forbidden' } });
    expect(await promotes(mod, own.answer)).toMatchObject({ ok: true });
    await moves(boss, own, 'school');
    await follows(own, 'school');
    expect(own.received('welcome').at(-1)?.grants.moderator).toBe(false);
    expect(await promotes(boss, ada.answer)).toMatchObject({ ok: true });
    await moves(boss, ada, 'school');
    await follows(ada, 'school');
    expect(ada.received('welcome').at(-1)?.grants.moderator).toBe(true);
  });
});

test('lock and lobby of the other room do not hold for who is moved; its bans do, and its size', async () => {
  const [mod, ada] = [await host(), await enters('ada')];
  stage.server.app.registry.create('school--1', roomSettings.parse({ locked: true, lobby: true }));
  await moves(mod, ada, 'school--1');
  await follows(ada, 'school--1');
  await moves(await hostIn('school--1'), ada, 'school');
  await follows(ada, 'school');

  const banning = await enters('warden', { moderator: true }, 'school--2');
  const there = await enters('ada', {}, 'school--2');
  await asks(banning, { action: 'remove', participantId: there.answer.participantId, ban: true });
  const { participantId } = ada.answer;
  const banned = await asks(mod, { action: 'move', participantId, room: 'school--2' });
  expect(banned).toMatchObject({ error: { code: 'forbidden' } });

  stage.server.app.registry.create('school--3', roomSettings.parse({ maxParticipants: 1 }));
  await enters('bob', {}, 'school--3');
  const full = await asks(mod, { action: 'move', participantId, room: 'school--3' });
  expect(full).toMatchObject({ error: { code: 'room-full' } });
  expect(namesIn('school')).toContain('ada');
});

test('nobody is moved to where somebody else of that identity is: whose token names that room', async () => {
  const [mod, ada, other] = [await host(), await enters('ada'), await enters('ada', {}, 'school--1')];
  const { participantId } = ada.answer;
  const answer = await asks(mod, { action: 'move', participantId, room: 'school--1' });
  expect(answer).toMatchObject({ error: { code: 'conflict' } });
  for (const each of [ada, other]) {
    expect(await each.ask('sendChat', { requestId: newRequestId(), text: 'here' })).toMatchObject({ ok: true });
  }
  expect([namesIn('school'), namesIn('school--1')]).toEqual([['ada', 'mod'], ['ada']]);
});

describe('a token of the former room', () => {
  test('resumes in the other room, and leads there who comes anew, until she leaves on purpose', async () => {
    const [mod, ada] = [await host(), await enters('ada')];
    await moves(mod, ada, 'school--1');
    await follows(ada, 'school--1');
    const { resumeKey = '' } = ada.received('welcome').at(-1) ?? {};
    ada.drop();
    const resume = { key: resumeKey, seq: 0, revision: ada.answer.room.revision };
    const back = await stage.clientWith(await tokenOf('ada'), { resume });
    expect(await back.next('welcome')).toMatchObject({ session: 'resumed', room: 'school--1' });
    const fresh = await enters('ada');
    expect(fresh.answer.room.room).toBe('school--1');
    expect((await back.next('removed')).reason).toBe('replaced');
    await fresh.request('leave', {});
    await waitFor('the room to end', () => roomOf('school--1') === undefined);
    expect((await enters('ada')).answer.room.room).toBe('school');
  });

  test('leads to the former room again when she is moved back, or the other room has ended', async () => {
    const [mod, ada, bob] = [await host(), await enters('ada'), await enters('bob')];
    for (const each of [ada, bob]) {
      await moves(mod, each, 'school--1');
      await follows(each, 'school--1');
    }
    const other = await hostIn('school--1');
    await moves(other, ada, 'school');
    await follows(ada, 'school');
    ada.drop();
    expect((await enters('ada')).answer.room.room).toBe('school');
    await asks(other, { action: 'end' });
    await bob.next('roomClosed');
    expect((await enters('bob')).answer.room.room).toBe('school');
  });

  test('is not another person: the same name elsewhere stays where it is', async () => {
    const [mod, ada] = [await host(), await enters('ada')];
    await moves(mod, ada, 'school--1');
    await follows(ada, 'school--1');
    expect((await enters('ada', {}, 'elsewhere')).answer.room.room).toBe('elsewhere');
    expect((await enters('bob')).answer.room.room).toBe('school');
  });
});

test('rights go along as they are now, and nobody gets any by being moved', async () => {
  const [mod, ada] = [await host(), await enters('ada')];
  const { participantId } = ada.answer;
  await asks(mod, { action: 'grant', participantId, changes: { canChat: false } });
  await moves(mod, ada, 'school--1');
  await follows(ada, 'school--1');
  expect(ada.received('welcome').at(-1)?.grants).toMatchObject({ canChat: false, moderator: false });
  const chat = await ada.ask('sendChat', { requestId: newRequestId(), text: 'but' });
  expect(chat).toMatchObject({ error: { code: 'forbidden' } });
  const again = await enters('ada');
  expect(again.answer.room.room).toBe('school--1');
  expect((await again.next('grantsChanged')).grants).toMatchObject({ canChat: false });
});

test('who is removed after being moved has no token of the former room either', async () => {
  const [mod, ada] = [await host(), await enters('ada')];
  const token = await tokenOf('zoe');
  const zoe = Object.assign(await stage.clientWith(token), { answer: ada.answer });
  zoe.answer = await zoe.join();
  await moves(mod, zoe, 'school--1');
  await follows(zoe, 'school--1');
  const other = await host('school--1');
  await asks(other, { action: 'remove', participantId: zoe.answer.participantId });
  await zoe.next('removed');
  await expect(stage.clientWith(token)).rejects.toMatchObject({ data: { code: 'unauthorized' } });
});

describe('a socket that is away', () => {
  test('at the moment of the move: its client is told when it comes to resume, and its token leads there', async () => {
    const [mod, ada] = [await host(), await enters('ada')];
    const { point } = ada;
    ada.drop();
    await waitFor('the server to notice', () => stage.server.app.gateway.sockets === 1);
    await moves(mod, ada, 'school--1');
    const back = await stage.clientWith(await tokenOf('ada'), { resume: point });
    expect(await back.next('moved')).toMatchObject({ room: 'school--1', by });
    expect(await back.next('welcome')).toMatchObject({ session: 'refused', room: 'school--1' });
    const answer = await back.join();
    expect(answer.room.room).toBe('school--1');
  });

  test('and whose resume is under way at that moment is told over one of the two, and ends up there', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [mod, ada] = [await host(), await enters('ada')];
      const { point } = ada;
      const token = await tokenOf('ada');
      ada.drop();
      const { participantId } = ada.answer;
      const [back, answer] = await Promise.all([
        stage.clientWith(token, { resume: point }),
        asks(mod, { action: 'move', participantId, room: 'school--1' }),
      ]);
      expect(answer).toMatchObject({ ok: true });
      expect(await back.next('moved')).toMatchObject({ room: 'school--1' });
      await back.next('welcome', ({ room, session }) => room === 'school--1' && session !== 'resumed');
      expect((await back.join()).room.room).toBe('school--1');
      expect([namesIn('school'), namesIn('school--1')]).toEqual([['mod'], ['ada']]);
      for (const each of [mod, back]) await each.request('leave', {});
      await waitFor('both rooms to end', () => stage.server.app.registry.rooms.length === 0);
    }
  });
});

test('who was about to join the former room, over a socket of before, is led to the other', async () => {
  const [mod, ada] = [await host(), await enters('ada')];
  const second = await stage.clientWith(await tokenOf('ada'));
  await moves(mod, ada, 'school--1');
  await follows(ada, 'school--1');
  const answer = await second.ask('join', requestExamples.join());
  expect(answer).toMatchObject({ error: { code: 'closed', retryAfterMs: expect.any(Number) } });
  expect(namesIn('school')).toEqual(['mod']);
});

test('a move while the join is being worked on ends in the other room', async () => {
  const mod = await host();
  // So that there is something to be made for who comes.
  for (const source of ['camera', 'screen'] as const) {
    await mod.request('publish', { ...fakeCamera(newRequestId()), source });
  }
  for (let index = 0; index < 4; index += 1) {
    const ada = await stage.clientWith(await tokenOf(`ada-${index}`));
    const joining = ada.ask('join', requestExamples.join());
    const room = roomOf('school');
    const arriving = await waitFor('somebody to arrive', () =>
      room?.participants.find(({ identity }) => identity === `ada-${index}`),
    );
    const { participantId } = arriving;
    const action: ModerationInput = { action: 'move', participantId, room: 'school--1' };
    expect(await asks(mod, action)).toMatchObject({ ok: true });
    const { ok, error } = await joining;
    // The join may have been faster.
    if (ok) {
      await ada.next('moved');
      await ada.next('welcome', (welcome) => welcome.room === 'school--1');
      await ada.join();
    } else {
      expect(error).toMatchObject({ code: 'closed', retryAfterMs: expect.any(Number) });
      ada.close();
      expect((await enters(`ada-${index}`)).answer.room.room).toBe('school--1');
    }
  }
  expect(namesIn('school')).toEqual(['mod']);
  expect(namesIn('school--1')).toHaveLength(4);
});
