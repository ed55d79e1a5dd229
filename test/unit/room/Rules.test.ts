import { describe, expect, test } from 'vitest';
import { roomSettings } from '../../../src/protocol/index.ts';
import type { Actor } from '../../../src/room/Actor.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

const application: Actor = { kind: 'application', name: 'Campus' };
const startedAt = 1_800_000_000_000;

/** What everybody in the room was told last of the room's end. */
const lastEnd = ({ hall }: Lobby) =>
  hall.announced
    .flatMap(({ payload }) => (payload instanceof Object && 'endsAt' in payload ? payload.endsAt : []))
    .at(-1);

describe('a time limit', () => {
  const timed = roomSettings.parse({ maxDurationSeconds: 60, emptyTimeoutSeconds: 3600 });

  test('counts from when the first has come, whoever is there then', async () => {
    const lobby = new Lobby();
    const room = lobby.registry.create('room', timed);
    expect(room.endsAt).toBeUndefined();
    lobby.clock.advance(10_000);
    const ada = await lobby.join('ada');
    expect(ada.answer.room).toMatchObject({ endsAt: startedAt + 70_000, settings: timed });
    lobby.clock.advance(30_000);
    ada.participant.close('left');
    const bob = await lobby.join('bob');
    expect(bob.answer.room.endsAt).toBe(startedAt + 70_000);
    lobby.clock.advance(29_999);
    expect(bob.link.closed).toBe(false);
    lobby.clock.advance(1);
    expect(bob.link.all('roomClosed')).toMatchObject([{ reason: 'time-limit', rejoin: false }]);
    expect(lobby.registry.rooms).toEqual([]);
  });

  test('that is changed counts from then as well, ends a room for which it is over, and goes with null', async () => {
    const lobby = new Lobby();
    const { room, link } = await lobby.join('ada');
    lobby.clock.advance(100_000);
    room.changeSettings({ maxDurationSeconds: 200 }, application);
    lobby.clock.advance(100);
    expect([room.endsAt, lastEnd(lobby)]).toEqual([startedAt + 200_000, startedAt + 200_000]);
    room.changeSettings({ maxDurationSeconds: null }, application);
    lobby.clock.advance(500_000);
    expect([room.endsAt, lastEnd(lobby)]).toEqual([undefined, null]);
    room.changeSettings({ maxDurationSeconds: 300 }, application);
    expect(link.closed, 'whoever changes it gets an answer first').toBe(false);
    lobby.clock.advance(0);
    expect(link.all('roomClosed')).toMatchObject([{ reason: 'time-limit' }]);
    expect(lobby.clock.pending, 'timers are left').toBe(0);
  });
});

describe('a room in which nobody is', () => {
  const limits = { roomGraceMs: 5000, emptyRoomMs: 300_000 };

  test('waits for its first participant, then for the next one', async () => {
    const lobby = new Lobby(limits);
    lobby.registry.create('room', roomSettings.parse({}));
    lobby.clock.advance(299_999);
    const { participant } = await lobby.join('ada');
    participant.close('left');
    lobby.clock.advance(4999);
    expect(lobby.registry.rooms).toHaveLength(1);
    lobby.clock.advance(1);
    expect(lobby.registry.rooms).toEqual([]);
    lobby.registry.create('room', roomSettings.parse({}));
    lobby.clock.advance(300_000);
    expect(lobby.registry.rooms, 'nobody has come').toEqual([]);
  });

  test('waits as long as its settings say, also when they change meanwhile', async () => {
    const lobby = new Lobby(limits);
    const room = lobby.registry.create('room', roomSettings.parse({ emptyTimeoutSeconds: 10 }));
    const { participant } = await lobby.join('ada');
    participant.close('left');
    lobby.clock.advance(9999);
    room.changeSettings({ emptyTimeoutSeconds: 20 }, application);
    lobby.clock.advance(10_000);
    expect(lobby.registry.rooms).toHaveLength(1);
    lobby.clock.advance(1);
    expect(lobby.registry.rooms).toEqual([]);
    expect(() => room.changeSettings({ locked: true }, application)).toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
  });
});

describe('who comes first', () => {
  const limits = { roomGraceMs: 5000, emptyRoomMs: 300_000 };

  test('finds a room that ends at once when it is empty, and leaves it behind so', async () => {
    const lobby = new Lobby(limits);
    lobby.registry.create('room', roomSettings.parse({ emptyTimeoutSeconds: 0, maxDurationSeconds: 60 }));
    lobby.clock.advance(299_999);
    const { participant } = await lobby.join('ada');
    participant.close('left');
    lobby.clock.advance(0);
    expect(lobby.registry.rooms).toEqual([]);
  });

  test('and whose join fails has not begun the time limit', async () => {
    const lobby = new Lobby(limits);
    const room = lobby.registry.create('room', roomSettings.parse({ maxDurationSeconds: 60 }));
    lobby.hold(/transport/);
    const failing = expect(lobby.join('ada')).rejects.toThrow('the worker refused');
    await settled();
    await lobby.fail();
    await failing;
    expect(room.endsAt).toBeUndefined();
    lobby.clock.advance(299_999);
    expect(lobby.registry.rooms).toEqual([room]);
    lobby.clock.advance(1);
    expect(lobby.registry.rooms).toEqual([]);
  });

  test('and is hidden waits for others, begins no time limit, and does not keep the room after them', async () => {
    const lobby = new Lobby(limits);
    const { room, link } = await lobby.join('eve', {}, undefined, { hidden: true });
    room.changeSettings({ maxDurationSeconds: 3600 }, application);
    lobby.clock.advance(200_000);
    expect(room.endsAt).toBeUndefined();
    const { participant, answer } = await lobby.join('ada');
    expect(answer.room.endsAt).toBe(startedAt + 3_800_000);
    participant.close('left');
    lobby.clock.advance(4999);
    await lobby.join('rec', {}, undefined, { hidden: true });
    expect(link.closed).toBe(false);
    lobby.clock.advance(1);
    expect(link.all('roomClosed')).toMatchObject([{ reason: 'ended' }]);
    expect(lobby.clock.pending, 'timers are left').toBe(0);
  });
});

test('so many come in as the settings say, and never more than the server takes; who is there stays', async () => {
  const lobby = new Lobby({ maxParticipants: 3 });
  const room = lobby.registry.create('room', roomSettings.parse({ maxParticipants: 2 }));
  await lobby.join('ada');
  await lobby.join('bob');
  const full = expect.objectContaining({ code: 'room-full', message: 'the room is full: it takes 2 participants' });
  await expect(lobby.join('cyd')).rejects.toEqual(full);
  room.changeSettings({ maxParticipants: 1 }, application);
  expect(room.size).toBe(2);
  await lobby.join('ada');
  room.changeSettings({ maxParticipants: 100 }, application);
  await lobby.join('cyd');
  await expect(lobby.join('dan')).rejects.toMatchObject({ code: 'room-full' });
});

test("a room is made once; where the application's server alone makes rooms, no join does", async () => {
  const lobby = new Lobby({}, {}, { roomCreation: 'api', maxRooms: 1 });
  await expect(lobby.join('ada')).rejects.toMatchObject({ code: 'not-found' });
  const room = lobby.registry.create('room', roomSettings.parse({}));
  expect(lobby.registry.find('room')).toBe(room);
  expect(() => lobby.registry.create('room', room.settings)).toThrow(expect.objectContaining({ code: 'conflict' }));
  expect(() => lobby.registry.create('other', room.settings)).toThrow(expect.objectContaining({ code: 'server-full' }));
  await lobby.join('ada');
  void lobby.registry.drain(startedAt);
  await lobby.join('bob');
  expect(() => lobby.registry.create('other', room.settings)).toThrow(expect.objectContaining({ code: 'draining' }));
});

test('rooms are set up as the server says, whether a join, a move or the API makes them, as far as that says nothing', async () => {
  const defaults = roomSettings.parse({ startMuted: true, maxDurationSeconds: 600 });
  const lobby = new Lobby({}, {}, { roomSettings: defaults });
  const { room, participant } = await lobby.join('ada');
  expect(room.settings).toEqual(defaults);
  const { participantId } = participant;
  await room.moderation.act(application, { action: 'move', participantId, room: 'other' });
  expect(lobby.registry.find('other')?.settings).toEqual(defaults);
  expect(lobby.registry.create('third', { locked: true }).settings).toEqual({ ...defaults, locked: true });
  const { maxDurationSeconds: _, ...unlimited } = defaults;
  const own = lobby.registry.create('fourth', { maxDurationSeconds: null, startMuted: false });
  expect(own.settings).toEqual({ ...unlimited, startMuted: false });
});

test('a change that changes nothing is not told', async () => {
  const lobby = new Lobby();
  const { room } = await lobby.join('ada');
  lobby.clock.advance(1000);
  const before = lobby.hall.announced.length;
  room.changeSettings({ locked: false, maxParticipants: null }, application);
  lobby.clock.advance(1000);
  expect(lobby.hall.announced).toHaveLength(before);
});

test('who comes in is muted at first, where the room wants that, and unmutes as it likes', async () => {
  const lobby = new Lobby();
  lobby.registry.create('room', roomSettings.parse({ startMuted: true }));
  const { participant } = await lobby.join('ada');
  expect((await participant.publish(camera())).muted).toBe(false);
  const first = await participant.publish(microphone());
  const { publicationId } = first;
  const producer = lobby.engine.producers.find(({ producerId }) => producerId === publicationId);
  expect([first.muted, producer?.paused]).toEqual([true, true]);
  await participant.updatePublication({ requestId: 'r', publicationId, muted: false });
  expect(first.muted).toBe(false);
  participant.unpublish(publicationId);
  expect((await participant.publish(microphone())).muted, 'she has come in long ago').toBe(false);
});

test('who comes in with the microphone off and unmutes later is heard at once', async () => {
  const lobby = new Lobby();
  lobby.registry.create('room', roomSettings.parse({ startMuted: true }));
  const { participant } = await lobby.join('ada');
  lobby.clock.advance(5000);
  expect((await participant.publish(microphone())).muted).toBe(false);
});

test('a share that is just being made is refused when only moderators may share from now on', async () => {
  const lobby = new Lobby();
  const { room, participant } = await lobby.join('ada');
  lobby.hold(/produce/);
  const share = participant.publish({ ...camera(), source: 'screen' });
  await settled();
  room.changeSettings({ screenShare: 'moderators' }, application);
  const refused = expect(share).rejects.toMatchObject({ code: 'forbidden' });
  await lobby.release();
  await refused;
  expect(lobby.engine.producers).toEqual([]);
});
