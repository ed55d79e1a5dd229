import { expect, test } from 'vitest';
import { roomSettings } from '../../../src/protocol/index.ts';
import { Lobby } from '../../support/Lobby.ts';
import { ada, application, school } from '../../support/school.ts';

/** Moves where one person may be in a room several times. */

test('where somebody may be there twice both visits are moved, each to a place of its own', async () => {
  const { lobby, ada: first, move } = await school(new Lobby({ duplicateIdentities: 'allow' }));
  const second = await lobby.join('ada', {}, undefined, {}, { room: 'school' });
  const target = lobby.registry.create('school--1', roomSettings.parse({ maxParticipants: 2 }));
  await move('school--1');
  for (const { link } of [first, second]) expect(link.all('moved')).toHaveLength(1);
  await expect(lobby.join('bob', {}, undefined, {}, { room: target.name })).rejects.toMatchObject({
    code: 'room-full',
  });
  const visits = [];
  for (const _ of [1, 2]) {
    visits.push(await lobby.join('ada', {}, undefined, {}, { room: 'school--1', tokenRoom: 'school' }));
  }
  expect(target.size).toBe(2);
  for (const [index, { participant }] of visits.entries()) {
    expect(ada(lobby), 'while one is there').toBe('school--1');
    target.leave(participant, 'left');
    if (index === 1) expect(ada(lobby)).toBe('school');
  }
});

test('where one of the visits cannot go there, none does, and nothing is different from before', async () => {
  const { lobby, ada: first, move } = await school(new Lobby({ duplicateIdentities: 'allow', roomGraceMs: 0 }));
  const second = await lobby.join('ada', {}, undefined, {}, { room: 'school' });
  const settings = { maxParticipants: 2, emptyTimeoutSeconds: 0, lobby: true };
  const target = lobby.registry.create('school--1', roomSettings.parse(settings));
  await lobby.join('bob', {}, undefined, { moderator: true }, { room: 'school--1' });
  await expect(move('school--1')).rejects.toMatchObject({ code: 'room-full' });
  for (const { link, participant } of [first, second]) {
    expect(link.all('moved')).toEqual([]);
    expect(participant.closed).toBe(false);
  }
  expect(ada(lobby)).toBe('school');
  expect(target.door.expects('ada')).toBe(false);
  const visitor = { room: 'school--1' };
  await expect(lobby.join('ada', {}, undefined, {}, visitor), 'as a stranger').rejects.toMatchObject({
    code: 'in-lobby',
  });
  // Nor is a place kept.
  await lobby.join('cyd', {}, undefined, { moderator: true }, visitor);
});

test('of two visits that were moved, one is waited for also when the other has come, or has gone again', async () => {
  const { lobby, move, comes } = await school(new Lobby({ duplicateIdentities: 'allow' }));
  await lobby.join('ada', {}, undefined, {}, { room: 'school' });
  const settings = roomSettings.parse({ maxParticipants: 2, locked: true, emptyTimeoutSeconds: 0 });
  const target = lobby.registry.create('school--1', settings);
  await move('school--1');
  const first = await comes('school--1');
  const bob = { room: 'school--1' };
  const boss = { moderator: true };
  await expect(lobby.join('bob', {}, undefined, boss, bob), 'its place is kept').rejects.toMatchObject({
    code: 'room-full',
  });
  target.leave(first.participant, 'left');
  expect(ada(lobby)).toBe('school--1');
  lobby.clock.advance(10_000);
  expect(lobby.registry.find('school--1')).toBe(target);
  await comes('school--1');
  await lobby.join('bob', {}, undefined, boss, bob);
});

test('of two visits that were moved, one may give it up on the way, and the other comes', async () => {
  const { lobby, move, comes } = await school(new Lobby({ duplicateIdentities: 'allow' }));
  await lobby.join('ada', {}, undefined, {}, { room: 'school' });
  const target = lobby.registry.create('school--1', roomSettings.parse({ maxParticipants: 2 }));
  await move('school--1');
  lobby.registry.stayedAway({ tokenRoom: 'school', identity: 'ada' });
  expect(ada(lobby)).toBe('school--1');
  await lobby.join('bob', {}, undefined, {}, { room: 'school--1' });
  const { participant } = await comes('school--1');
  // Who is sent away is not expected with any visit.
  await target.moderation.act(application, {
    ...{ action: 'remove', participantId: participant.participantId, ban: false },
  });
  expect(ada(lobby)).toBe('school');
});

test('of two visits that were moved one may stay away, while the other is there: the token leads there still', async () => {
  const { lobby, move, comes } = await school(new Lobby({ duplicateIdentities: 'allow' }));
  await lobby.join('ada', {}, undefined, {}, { room: 'school' });
  await move('school--1');
  const there = await comes('school--1');
  lobby.registry.stayedAway({ tokenRoom: 'school', identity: 'ada' });
  expect(ada(lobby)).toBe('school--1');
  there.room.leave(there.participant, 'left');
  expect(ada(lobby)).toBe('school');
});

test.each(['allow', 'replace'] as const)(
  'on a full server too whoever is moved has a place, and nobody else (%s)',
  async (duplicateIdentities) => {
    const lobby = new Lobby({ duplicateIdentities }, {}, { maxServerParticipants: 3 });
    const { move, comes, mia } = await school(lobby);
    await lobby.join('bob', {}, undefined, {}, { room: 'elsewhere' });
    const full = { code: 'server-full' };
    await move('school--1');
    const enter = (name: string, identity: string) => lobby.registry.enter(name, identity);
    expect(() => enter('school--1', 'cyd')).toThrow(expect.objectContaining(full));
    expect(enter('school--1', 'ada').name).toBe('school--1');
    await comes('school--1');
    expect(lobby.registry.participants).toBe(3);
    expect(() => enter('school--1', 'cyd')).toThrow(expect.objectContaining(full));
    // Its place is taken by then: another visit would need one more.
    const again = () => enter('school--1', 'ada');
    if (duplicateIdentities === 'allow') expect(again).toThrow(expect.objectContaining(full));
    else expect(again().name).toBe('school--1');
    mia.room.leave(mia.participant, 'left');
    expect(enter('school--1', 'cyd').name).toBe('school--1');
  },
);

test('who was let in from the lobby is kept no place on a full server', async () => {
  const lobby = new Lobby({ duplicateIdentities: 'allow' }, {}, { maxServerParticipants: 1 });
  const room = lobby.registry.create('room', roomSettings.parse({ lobby: true }));
  await expect(lobby.join('ada')).rejects.toMatchObject({ code: 'in-lobby' });
  room.door.admit();
  await lobby.join('bob', {}, undefined, {}, { room: 'elsewhere' });
  expect(() => lobby.registry.enter('room', 'ada')).toThrow(expect.objectContaining({ code: 'server-full' }));
});
