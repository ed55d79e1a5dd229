import { expect, test } from 'vitest';
import { roomSettings } from '../../../src/protocol/index.ts';
import { application, Doorstep, names } from '../../support/Doorstep.ts';
import { Lobby, settled } from '../../support/Lobby.ts';

test('who comes waits, moderators are told and nobody else, and who is let in comes in', async () => {
  const door = await new Doorstep().open();
  const knocks: unknown[] = [];
  door.registry.on('knocked', (session, knock) => knocks.push([session.name, knock.identity]));
  const max = await door.join('max', {}, undefined, { hidden: true });
  expect(await door.knock('ada')).toBe('in-lobby');
  expect(await door.knock('bob')).toBe('in-lobby');
  const knockId = door.idOf('ada');
  expect(names(door.told)).toEqual(['ada', 'bob']);
  expect(max.link.all('lobby')).toEqual([]);
  expect(knocks).toEqual([
    ['room', 'ada'],
    ['room', 'bob'],
  ]);
  await door.moderate({ action: 'admit', knockId });
  expect(door.links.get('ada')?.all('admitted')).toHaveLength(1);
  expect(door.links.get('bob')?.all('admitted')).toEqual([]);
  door.clock.advance(100);
  expect(names(door.told)).toEqual(['bob']);
  expect(await door.knock('ada')).toBe('in');
  await expect(door.moderate({ action: 'admit', knockId })).rejects.toMatchObject({ code: 'not-found' });
});

test('moderators, hidden participants and who is there already do not wait, nor who was let in before', async () => {
  const door = new Doorstep();
  const { room } = await door.join('ada');
  room.changeSettings({ lobby: true }, application);
  expect(await door.knock('ada')).toBe('in');
  await door.join('mod', {}, undefined, { moderator: true });
  await door.join('eve', {}, undefined, { hidden: true });
  expect(await door.knock('bob')).toBe('in-lobby');
  await room.moderation.act(application, { action: 'admit' });
  const bob = await door.join('bob');
  room.leave(bob.participant, 'left');
  const again = await door.join('bob');
  // But who was removed has to be let in anew.
  const { participantId } = again.participant;
  await room.moderation.act(application, { action: 'remove', participantId, ban: false });
  expect(await door.knock('bob')).toBe('in-lobby');
});

test('who is refused hears by whom and may knock again; with a ban it may not', async () => {
  const door = await new Doorstep().open();
  const by = { identity: 'mia', displayName: 'mia' };
  await door.knock('ada');
  await door.moderate({ action: 'refuse', knockId: door.idOf('ada'), ban: false });
  expect(door.links.get('ada')?.all('removed')).toMatchObject([{ reason: 'refused', by }]);
  expect(door.links.get('ada')?.closed).toBe(true);
  door.clock.advance(100);
  expect(door.told).toEqual([]);
  expect(await door.knock('ada')).toBe('in-lobby');
  await door.moderate({ action: 'refuse', knockId: door.idOf('ada'), ban: true });
  expect(await door.knock('ada')).toBe('forbidden');
});

test('a socket that breaks keeps its place for a moment; who leaves gives it up at once', async () => {
  const door = await new Doorstep().open();
  await door.knock('ada');
  await door.knock('bob');
  const knockId = door.idOf('ada');
  const { since } = door.told[0] ?? {};
  door.places.get('ada')?.lose();
  door.clock.advance(2000);
  expect(await door.knock('ada')).toBe('in-lobby');
  door.clock.advance(10_000);
  expect(door.told).toMatchObject([{ identity: 'ada', knockId, since }, { identity: 'bob' }]);
  door.places.get('ada')?.lose();
  door.places.get('bob')?.leave('left');
  door.clock.advance(100);
  expect(names(door.told)).toEqual(['ada']);
  door.clock.advance(6000);
  expect(door.told).toEqual([]);
});

test('somebody who comes over a second connection takes the place of the first', async () => {
  const door = await new Doorstep().open();
  await door.knock('ada');
  const first = { link: door.links.get('ada'), place: door.places.get('ada') };
  await door.knock('ada');
  expect(first.link?.all('removed')).toMatchObject([{ reason: 'replaced' }]);
  // The end of the first connection is not that of the second.
  first.place?.lose();
  first.place?.leave('left');
  door.clock.advance(10_000);
  expect(names(door.told)).toEqual(['ada']);
});

test('what happens while a client is away, it finds when it comes back: let in, or refused once', async () => {
  const door = await new Doorstep().open();
  for (const identity of ['ada', 'bob']) {
    await door.knock(identity);
    door.places.get(identity)?.lose();
  }
  await door.moderate({ action: 'admit', knockId: door.idOf('ada') });
  await door.moderate({ action: 'refuse', knockId: door.idOf('bob'), ban: false });
  door.clock.advance(100);
  expect(door.told).toEqual([]);
  expect(await door.knock('ada')).toBe('in');
  expect(await door.knock('bob')).toBe('refused');
  expect(door.links.get('bob')?.all('removed')).toMatchObject([{ reason: 'refused' }]);
  expect(await door.knock('bob')).toBe('in-lobby');
});

test('a lock keeps knockers out; who waits already can be let in through it', async () => {
  const door = await new Doorstep().open();
  await door.knock('ada');
  await door.moderate({ action: 'lock', locked: true });
  expect(await door.knock('bob')).toBe('room-locked');
  await door.moderate({ action: 'admit', knockId: door.idOf('ada') });
  expect(await door.knock('ada')).toBe('in');
});

test('who waits and is away for a moment keeps its place while the room is locked, and hears a refusal with its reason', async () => {
  const door = await new Doorstep().open();
  for (const identity of ['ada', 'bob', 'cyd']) {
    await door.knock(identity);
    door.places.get(identity)?.lose();
  }
  const knockId = door.idOf('ada');
  await door.moderate({ action: 'refuse', knockId: door.idOf('bob'), ban: true, reason: 'wrong class' });
  await door.moderate({ action: 'refuse', knockId: door.idOf('cyd'), ban: false });
  await door.moderate({ action: 'lock', locked: true });
  expect(await door.knock('ada')).toBe('in-lobby');
  expect(door.told).toMatchObject([{ identity: 'ada', knockId }]);
  expect(await door.knock('bob')).toBe('refused');
  const message = 'mia does not let you in for as long as the meeting lasts: wrong class';
  expect(door.links.get('bob')?.all('removed')).toMatchObject([{ reason: 'refused', message }]);
  expect(await door.knock('cyd')).toBe('refused');
  // Once each. The ban and the lock hold as for any other.
  expect([await door.knock('bob'), await door.knock('cyd')]).toEqual(['forbidden', 'room-locked']);
});

test('who was refused while it was away hears it also where nobody waits any more', async () => {
  const door = await new Doorstep().open();
  await door.knock('ada');
  door.places.get('ada')?.lose();
  await door.moderate({ action: 'refuse', knockId: door.idOf('ada'), ban: false });
  await door.moderate({ action: 'settings', changes: { lobby: false } });
  expect(await door.knock('ada')).toBe('refused');
  expect(await door.knock('ada')).toBe('in');
});

test('a ban holds for who waits: whoever of that name was sent away in the room', async () => {
  const door = await new Doorstep().open();
  await door.knock('ada');
  door.places.get('ada')?.lose();
  const ban = { identity: 'ada', displayName: 'ada', by: { displayName: 'Campus' }, at: door.clock.date() };
  door.room.moderation.standing.bans.add(ban, { rooms: ['room'], hidden: false });
  expect(await door.knock('ada')).toBe('forbidden');
});

test('turning the lobby off lets in all who wait', async () => {
  const door = await new Doorstep().open();
  for (const identity of ['ada', 'bob']) await door.knock(identity);
  await door.moderate({ action: 'settings', changes: { lobby: false } });
  for (const identity of ['ada', 'bob']) {
    expect(door.links.get(identity)?.all('admitted')).toHaveLength(1);
    expect(await door.knock(identity)).toBe('in');
  }
});

test('who becomes a moderator is told who waits, and who is no moderator any more hears nothing', async () => {
  const door = await new Doorstep().open();
  await door.knock('ada');
  await door.moderate({ action: 'admit' });
  const { participant, link } = await door.join('ada', {}, door.hall.link());
  await door.knock('bob');
  expect(link.all('lobby')).toEqual([]);
  const { participantId } = participant;
  await door.moderate({ action: 'grant', participantId, changes: { moderator: true } });
  expect(names(link.all('lobby').at(-1)?.waiting ?? [])).toEqual(['bob']);
  await door.moderate({ action: 'grant', participantId, changes: { moderator: false } });
  const before = link.all('lobby').length;
  await door.knock('cyd');
  door.clock.advance(200);
  expect(link.all('lobby')).toHaveLength(before);
  // Who comes in as a moderator hears it with the join.
  const mod = await door.join('mod', {}, undefined, { moderator: true });
  expect(names(mod.link.all('lobby').at(-1)?.waiting ?? [])).toEqual(['bob', 'cyd']);
});

test('where many come at once moderators hear of it in few lists; the hundred and first is refused', async () => {
  const door = await new Doorstep().open();
  const before = door.mia?.link.all('lobby').length ?? 0;
  for (let index = 0; index < 100; index += 1) expect(await door.knock(`guest-${index}`)).toBe('in-lobby');
  expect(await door.knock('late')).toBe('room-full');
  door.clock.advance(100);
  expect(door.mia?.link.all('lobby').length).toBe(before + 2);
  expect(door.told).toHaveLength(100);
});

test('who waits, or was just let in, keeps the room; when nobody is left it ends', async () => {
  const door = new Doorstep({ roomGraceMs: 0, emptyRoomMs: 0 });
  door.registry.create('room', roomSettings.parse({ lobby: true }));
  expect(await door.knock('ada')).toBe('in-lobby');
  door.clock.advance(60_000);
  expect(door.registry.rooms).toHaveLength(1);
  await door.moderate({ action: 'admit' });
  door.clock.advance(10_000);
  expect(door.registry.rooms).toHaveLength(1);
  door.clock.advance(20_000);
  expect(door.registry.rooms).toHaveLength(0);
  expect(door.clock.pending).toBe(0);
});

test('the end of the room is told to those who wait; where the server stops they come back to another', async () => {
  const door = await new Doorstep({ roomGraceMs: 0 }).open();
  await door.knock('ada');
  await door.moderate({ action: 'end' });
  door.clock.advance(0);
  expect(door.links.get('ada')?.all('roomClosed')).toMatchObject([{ reason: 'ended', rejoin: false }]);

  const other = await new Doorstep({ roomGraceMs: 0 }).open();
  await other.knock('ada');
  if (other.mia) other.room.leave(other.mia.participant, 'left');
  other.clock.advance(5000);
  expect(other.registry.rooms).toHaveLength(1);
  const drained = other.registry.drain(0);
  other.clock.advance(0);
  await drained;
  expect(other.links.get('ada')?.all('roomClosed')).toMatchObject([{ reason: 'server-stopping', rejoin: true }]);
  await settled();
  expect([door.clock.pending, other.clock.pending]).toEqual([0, 0]);
});

test('before a full room people wait as before any other; it is who was let in that is told', async () => {
  const lobby = new Lobby();
  const room = lobby.registry.create('room', roomSettings.parse({ lobby: true, maxParticipants: 1 }));
  const mia = await lobby.join('mia', {}, undefined, { moderator: true });
  await expect(lobby.join('ada')).rejects.toMatchObject({ code: 'in-lobby' });
  expect(room.door.knocks).toMatchObject([{ identity: 'ada' }]);
  room.door.admit();
  await expect(lobby.join('ada')).rejects.toMatchObject({ code: 'room-full' });
  room.leave(mia.participant, 'left');
  expect((await lobby.join('ada')).room).toBe(room);
});
