import { describe, expect, test } from 'vitest';
import { roomSettings } from '../../src/protocol/index.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { moversOn } from '../support/movers.ts';
import { newRequestId } from '../support/RawClient.ts';
import { requestExamples } from '../support/requestExamples.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const by = { identity: 'mod', displayName: 'Mia' };
const { tokenOf, enters, host, hostIn, asks, moves, follows, roomOf, namesIn } = moversOn(stage);

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
