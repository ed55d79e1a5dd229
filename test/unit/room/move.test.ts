import { expect, test } from 'vitest';
import { roomSettings } from '../../../src/protocol/index.ts';
import type { Actor } from '../../../src/room/Actor.ts';
import { isFamily, mayMove, reaches } from '../../../src/room/Redirects.ts';
import { camera, Lobby, settled } from '../../support/Lobby.ts';
import { ada, application, school } from '../../support/school.ts';

test('the visit ends, who is moved hears where to and by whom, and its token leads there', async () => {
  const { lobby, ada: moved, move } = await school();
  const left: unknown[] = [];
  lobby.registry.on('participantLeft', ({ name }, { identity }, { reason, by }) =>
    left.push([name, identity, reason, by]),
  );
  expect(ada(lobby)).toBe('school');
  await move('school--1');
  const by = { identity: 'mia', displayName: 'mia' };
  expect(moved.link.all('moved')).toMatchObject([{ room: 'school--1', by }]);
  expect(moved.link.closed, 'the socket stays').toBe(false);
  expect(left).toEqual([['school', 'ada', 'moved', by]]);
  expect(ada(lobby)).toBe('school--1');
  expect(lobby.registry.roomFor({ tokenRoom: 'school', identity: 'bob' })).toBe('school');
  expect(lobby.registry.roomFor({ tokenRoom: 'other', identity: 'ada' })).toBe('other');
});

test('moderators move people within the family of their room, the application anywhere', async () => {
  expect(['school', 'school--2', 'school--1--x'].map((room) => isFamily('school--1', room))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['schools', 'other--1', 'school-1', '--school'].map((room) => isFamily('school', room))).toEqual(
    Array(4).fill(false),
  );
  expect(isFamily('--a', '--b')).toBe(false);
  const of = (tokenRoom: string) => mayMove({ tokenRoom }, 'school--1', 'school--2');
  expect(['school', 'school--1', 'school--2', 'other', '--school'].map(of)).toEqual([true, ...Array(4).fill(false)]);
  expect(mayMove({ tokenRoom: 'school' }, 'school', 'other')).toBe(false);
  expect(mayMove({ tokenRoom: '--a' }, '--a', '--b')).toBe(false);
  expect(['school', 'school--1', 'other'].map((room) => reaches({ tokenRoom: 'school' }, room))).toEqual([
    ...[true, true, false],
  ]);
  expect(['school', 'school--1', 'school--2'].map((room) => reaches({ tokenRoom: 'school--1' }, room))).toEqual([
    ...[false, true, false],
  ]);
  const { lobby, move } = await school();
  await expect(move('elsewhere')).rejects.toMatchObject({ code: 'forbidden' });
  expect(lobby.registry.rooms).toHaveLength(1);
  await expect(move('school')).rejects.toMatchObject({ code: 'conflict' });
  await move('elsewhere', application);
  expect(ada(lobby)).toBe('elsewhere');
});

test('who is moved comes into a room that is locked, or has a lobby; who is banned there or finds it full does not', async () => {
  const { lobby, move, comes } = await school();
  const target = lobby.registry.create('school--1', roomSettings.parse({ locked: true, lobby: true }));
  await move('school--1');
  const there = await comes('school--1');
  expect(there.room).toBe(target);
  // Also after its visit has ended by accident: its token leads there.
  there.room.leave(there.participant, 'silent');
  const again = await comes('school--1');
  const { participantId } = again.participant;
  const guard = await lobby.join('guard', {}, undefined, { moderator: true }, { room: 'school--1' });
  const by: Actor = { kind: 'participant', participant: guard.participant };
  await target.moderation.act(by, { action: 'remove', participantId, ban: true });

  const other = await school(lobby);
  await expect(other.move('school--1')).rejects.toMatchObject({ code: 'forbidden' });
  expect(other.ada.participant.closed).toBe(false);
  const small = lobby.registry.create('school--2', roomSettings.parse({ maxParticipants: 1 }));
  await lobby.join('bob', {}, undefined, {}, { room: small.name });
  await expect(other.move('school--2')).rejects.toMatchObject({ code: 'room-full' });
  expect(other.ada.participant.closed).toBe(false);
  expect(other.ada.link.all('moved')).toEqual([]);
});

test('a place is kept for who is on the way, and the room with it, for a while', async () => {
  const { lobby, move } = await school(new Lobby({ roomGraceMs: 0, emptyRoomMs: 0 }));
  const small = lobby.registry.create('school--1', roomSettings.parse({ maxParticipants: 1, emptyTimeoutSeconds: 0 }));
  await move('school--1');
  await expect(lobby.join('bob', {}, undefined, {}, { room: small.name })).rejects.toMatchObject({ code: 'room-full' });
  lobby.clock.advance(15_000);
  expect(lobby.registry.find('school--1')).toBe(small);
  lobby.clock.advance(10_000);
  expect(lobby.registry.find('school--1')).toBeUndefined();
  expect(ada(lobby), 'the target has ended').toBe('school');
});

test('who stays away of its own will is not waited for', async () => {
  const { lobby, move } = await school(new Lobby({ roomGraceMs: 0 }));
  await move('school--1');
  lobby.registry.stayedAway({ tokenRoom: 'school', identity: 'ada' });
  lobby.clock.advance(0);
  expect(lobby.registry.find('school--1')).toBeUndefined();
  expect(ada(lobby)).toBe('school');
});

test('the token leads back where somebody is moved back, or leaves on purpose', async () => {
  const { lobby, move, comes } = await school();
  await move('school--1');
  const there = await comes('school--1');
  await move('school--2', application, there);
  expect(ada(lobby)).toBe('school--2');
  const further = await comes('school--2');
  await move('school', application, further);
  expect(ada(lobby)).toBe('school');
  const back = await comes('school');
  await move('school--1', application, back);
  const last = await comes('school--1');
  last.room.leave(last.participant, 'disconnected');
  expect(ada(lobby), 'by accident').toBe('school--1');
  const once = await comes('school--1');
  once.room.leave(once.participant, 'left');
  expect(ada(lobby)).toBe('school');
});

test('rights go along as they are now, also what the target had changed before is no more', async () => {
  const { lobby, ada: moved, by, move, comes } = await school();
  const { participantId } = moved.participant;
  await moved.room.moderation.act(by, { action: 'grant', participantId, changes: { canChat: false } });
  const before = await lobby.join('ada', {}, undefined, {}, { room: 'school--1' });
  const changes = { canPublish: false };
  const those = { action: 'grant', participantId: before.participant.participantId, changes } as const;
  await before.room.moderation.act(application, those);
  before.room.leave(before.participant, 'left');
  await move('school--1');
  const there = await comes('school--1');
  expect(there.participant.grants).toMatchObject({ canChat: false, canPublish: true });
});

test('what was taken from a moderator goes along, and what was handed to one stays where it was handed', async () => {
  const lobby = new Lobby();
  const { room } = await lobby.join('mia', {}, undefined, { moderator: true }, { room: 'school', tokenRoom: 'school' });
  const mia = room.participants.find(({ identity }) => identity === 'mia');
  if (!mia) throw new Error('mia is not there');
  const by: Actor = { kind: 'participant', participant: mia };
  const goes = async (identity: string, token: boolean, name: string) => {
    const moderator = { moderator: token };
    const { participant } = await lobby.join(identity, {}, undefined, moderator, {
      room: name,
      tokenRoom: 'school--1',
    });
    return participant;
  };
  const inBreakout = await lobby.join(
    'mia',
    {},
    undefined,
    { moderator: true },
    { room: 'school--1', tokenRoom: 'school' },
  );
  const there: Actor = { kind: 'participant', participant: inBreakout.participant };
  const moveFrom = (name: string, actor: Actor, { participantId }: { participantId: string }, target: string) =>
    lobby.registry.getOrCreate(name).moderation.act(actor, { action: 'move', participantId, room: target });
  const grant = (actor: Actor, { participantId }: { participantId: string }, moderator: boolean) =>
    inBreakout.room.moderation.act(actor, { action: 'grant', participantId, changes: { moderator } });

  const bob = await goes('bob', false, 'school--1');
  await grant(there, bob, true);
  await moveFrom('school--1', there, bob, 'school');
  const away = await goes('bob', false, 'school');
  expect(away.grants.moderator).toBe(false);
  await moveFrom('school', by, away, 'school--1');
  expect((await goes('bob', false, 'school--1')).grants.moderator, 'where it was handed').toBe(true);

  const eve = await goes('eve', true, 'school--1');
  await grant(there, eve, false);
  await moveFrom('school--1', there, eve, 'school');
  const demoted = await goes('eve', true, 'school');
  await moveFrom('school', by, demoted, 'school--1');
  expect((await goes('eve', true, 'school--1')).grants.moderator, 'taken').toBe(false);
});

test('nobody is moved to where somebody else of that identity is, waits or is on the way', async () => {
  const { lobby, ada: moved, by, move } = await school();
  const present = await lobby.join('ada', {}, undefined, {}, { room: 'school--1' });
  const lounge = lobby.registry.create('school--2', roomSettings.parse({ lobby: true }));
  const waiting = lobby.join('ada', {}, undefined, {}, { room: 'school--2' });
  await expect(waiting).rejects.toMatchObject({ code: 'in-lobby' });
  const nothingHappens = async () => {
    for (const [room, actor] of ['school--1', 'school--2'].flatMap((name) =>
      [by, application].map((each) => [name, each] as const),
    )) {
      await expect(move(room, actor)).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(moved.participant.closed || present.participant.closed).toBe(false);
    expect(ada(lobby)).toBe('school');
  };
  await nothingHappens();
  await lounge.moderation.act(application, { action: 'admit' });
  await nothingHappens();
  lobby.clock.advance(20_000);
  present.room.leave(present.participant, 'left');
  await move('school--1');
  expect(ada(lobby)).toBe('school--1');
});

test('who is moved while its join is being worked on is refused, and has a token that leads there', async () => {
  const lobby = new Lobby();
  const mia = await lobby.join('mia', {}, undefined, { moderator: true }, { room: 'school' });
  await mia.participant.publish(camera());
  lobby.hold(/consume/);
  const link = lobby.hall.link();
  const joining = lobby.join('ada', {}, link, {}, { room: 'school' });
  joining.catch(() => undefined);
  await settled();
  const arriving = mia.room.participants.find(({ identity }) => identity === 'ada');
  expect(lobby.held).not.toEqual([]);
  const participantId = arriving?.participantId ?? 'nobody';
  await mia.room.moderation.act(application, { action: 'move', participantId, room: 'school--1' });
  await lobby.release();
  await expect(joining).rejects.toMatchObject({ code: 'closed' });
  expect(link.all('moved')).toEqual([]);
  expect(ada(lobby)).toBe('school--1');
});

test('who is removed from where they were moved is a stranger there: its token leads back, and lock and lobby hold', async () => {
  const { lobby, move, comes } = await school();
  const target = lobby.registry.create('school--1', roomSettings.parse({ lobby: true }));
  await move('school--1');
  const { participant } = await comes('school--1');
  const { participantId } = participant;
  await target.moderation.act(application, { action: 'remove', participantId, ban: false });
  expect(ada(lobby)).toBe('school');
  target.changeSettings({ locked: true }, application);
  await expect(comes('school--1')).rejects.toMatchObject({ code: 'room-locked' });
  target.changeSettings({ locked: false }, application);
  await expect(comes('school--1')).rejects.toMatchObject({ code: 'in-lobby' });
});
