import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../src/audit/AuditLog.ts';
import { auditModeration } from '../../../src/audit/moderation.ts';
import { type LeaveReason, plainRoomSettings } from '../../../src/protocol/index.ts';
import type { Actor } from '../../../src/room/Actor.ts';
import { settled } from '../../support/Lobby.ts';
import { OpenRoom } from '../../support/OpenRoom.ts';
import { application } from '../../support/school.ts';

describe('the host of a meeting', () => {
  test('is who comes first, and hears of it; who comes later is a guest', async () => {
    const room = new OpenRoom();
    const ada = await room.join('ada');
    expect(ada.link.all('grantsChanged')).toMatchObject([{ grants: { moderator: true } }]);
    const bob = await room.join('bob');
    expect(bob.link.all('grantsChanged')).toEqual([]);
    expect(room.moderators()).toEqual(['ada']);
  });

  test('is one, where many come at the same time with tokens from before', async () => {
    const room = new OpenRoom();
    await Promise.all(['ada', 'bob', 'cyd'].map((identity) => room.join(identity)));
    expect(room.moderators()).toHaveLength(1);
  });

  test.each(['create transport', 'create router'])(
    'is let past the lobby, and nobody who comes with it (%s)',
    async (what) => {
      const limits = { emptyTimeoutSeconds: 0, maxParticipants: 3, lobby: true };
      const room = new OpenRoom({ roomSettings: { ...plainRoomSettings, ...limits } });
      const { registry, engine } = room.lobby;
      room.lobby.hold(new RegExp(what));
      const all = ['ada', 'eve', 'fay'];
      const joins = Promise.allSettled(all.map((identity) => room.join(identity)));
      await settled();
      while (room.lobby.held.length > 0) await room.lobby.release();
      const reasons = (await joins).flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      expect(reasons).toMatchObject([{ code: 'in-lobby' }, { code: 'in-lobby' }]);
      expect(room.moderators()).toEqual(['ada']);
      const there = registry.getOrCreate('room');
      const waiting = () => there.door.knocks.map(({ identity }) => identity);
      expect([there.participants.length, there.places.taken, registry.participants]).toEqual([1, 1, 1]);
      expect(engine.transports).toHaveLength(2);
      expect(waiting()).toEqual(['eve', 'fay']);
      room.lobby.hold(/^$/);
      // They come in when they are let in, as if they had come a moment later.
      await room.act({ action: 'admit' });
      for (const identity of ['eve', 'fay']) await room.join(identity);
      expect([room.moderators(), waiting(), there.places.taken]).toEqual([['ada'], [], 3]);
      for (const identity of all) room.leave(identity, 'removed');
      room.lobby.clock.advance(300_000);
      expect([registry.rooms, engine.transports, engine.problems]).toEqual([[], [], []]);
    },
  );

  test('is nobody whom another door lets in, and nobody where a moderator is there', async () => {
    const room = new OpenRoom();
    await room.lobby.join('plain');
    expect(room.moderators()).toEqual([]);
    await room.lobby.join('mod', {}, undefined, { moderator: true });
    await room.join('ada');
    expect(room.moderators()).toEqual(['mod']);
  });

  test('is somebody besides a hidden moderator, of whom nobody knows', async () => {
    const room = new OpenRoom();
    await room.lobby.join('watcher', {}, undefined, { moderator: true, hidden: true });
    await room.join('ada');
    expect(room.moderators()).toEqual(['watcher', 'ada']);
  });

  test('stays it over a reload, also where others moderate, were there, or are just coming', async () => {
    const room = new OpenRoom();
    await room.join('ada');
    await room.join('bob');
    await room.grant('bob', true);
    room.leave('ada');
    await room.join('cyd');
    await room.join('ada');
    expect(room.moderators()).toEqual(['bob', 'ada']);
    room.leave('bob');
    room.leave('ada');
    await room.join('dan');
    await room.join('ada');
    expect(room.moderators()).toEqual(['ada']);
  });

  test.each<[LeaveReason, number]>([
    ['left', 15_000],
    ['disconnected', 300_000],
    ['silent', 300_000],
    ['failed', 300_000],
    ['moved', 300_000],
  ])('is waited for when it goes (%s); then the one who was there longest is one', async (reason, ms) => {
    const room = new OpenRoom();
    await room.join('ada');
    await room.lobby.join('plain');
    const { link } = await room.join('bob');
    await room.join('cyd');
    room.leave('ada', reason);
    room.lobby.clock.advance(ms - 1);
    await room.join('eve');
    expect(room.moderators()).toEqual([]);
    room.lobby.clock.advance(1);
    expect(room.moderators()).toEqual(['bob']);
    expect(link.all('grantsChanged')).toMatchObject([{ grants: { moderator: true }, by: { displayName: 'Plenum' } }]);
    await room.join('ada');
    expect(room.moderators()).toEqual(['bob', 'ada']);
  });

  test('who has become it without anybody having asked for it is written down', async () => {
    const room = new OpenRoom();
    const written: AuditEntry[] = [];
    auditModeration(room.lobby.registry, { record: (entry) => void written.push(entry) });
    await room.join('ada');
    await room.join('bob');
    const { participantId } = room.person('bob');
    room.leave('ada');
    room.lobby.clock.advance(15_000);
    const params = { participantId, changes: { moderator: true } };
    const line = { actor: { kind: 'server' }, action: 'grant', params, room: 'room', target: 'bob', outcome: 'done' };
    expect(written).toEqual([line]);
  });

  test('is who comes next, where nobody is there who could be', async () => {
    const room = new OpenRoom();
    await room.lobby.join('plain');
    await room.join('ada');
    room.leave('ada');
    room.lobby.clock.advance(15_000);
    await room.join('eve');
    expect(room.moderators()).toEqual(['eve']);
  });

  test('is not who was removed, or from whom moderation was taken, however it comes back', async () => {
    const room = new OpenRoom();
    await room.join('ada');
    await room.join('bob');
    await room.act({ action: 'remove', participantId: room.person('ada').participantId, ban: false });
    expect(room.moderators()).toEqual(['bob']);
    await room.grant('bob', false);
    room.leave('bob');
    await room.lobby.join('plain');
    room.lobby.clock.advance(300_000);
    await room.join('ada');
    await room.join('bob');
    expect(room.moderators()).toEqual([]);
    await room.join('cyd');
    expect(room.moderators()).toEqual(['cyd']);
  });

  test.each(['gives up', 'the application demotes it'])(
    'moderates no more (%s): a guest does, and no stranger',
    async (how) => {
      const room = new OpenRoom();
      const { participant, room: there } = await room.join('ada');
      const { link } = await room.join('bob');
      await room.join('cyd');
      await room.act({ action: 'lock', locked: true });
      const by: Actor = how === 'gives up' ? { kind: 'participant', participant } : application;
      const { participantId } = participant;
      await there.moderation.act(by, { action: 'grant', participantId, changes: { moderator: false } });
      expect(room.moderators()).toEqual(['bob']);
      expect(link.all('grantsChanged')).toMatchObject([{ grants: { moderator: true }, by: { displayName: 'Plenum' } }]);
      await expect(room.join('eve')).rejects.toMatchObject({ code: 'room-locked' });
    },
  );

  test('who comes in is not the host of a guest that was there before, also where nobody has been appointed', async () => {
    const room = new OpenRoom();
    const { room: main } = await room.join('ada');
    await room.join('bob');
    await room.act({ action: 'move', participantId: room.person('ada').participantId, room: 'room--1' });
    await room.join('ada', { room: 'room--1', tokenRoom: 'room' });
    room.lobby.clock.advance(300_000);
    room.person('ada', 'room--1').close('left');
    expect(room.moderators()).toEqual([]);
    main.changeSettings({ lobby: true }, application);
    await expect(room.join('eve')).rejects.toMatchObject({ code: 'in-lobby' });
    expect(room.moderators()).toEqual(['bob']);
  });

  test('is one in the room to which it is moved; who is a guest stays one there', async () => {
    const room = new OpenRoom();
    await room.join('ada');
    await room.join('bob');
    const move = (identity: string) => {
      const { participantId } = room.person(identity);
      return room.act({ action: 'move', participantId, room: 'room--1' });
    };
    await move('bob');
    await room.join('bob', { room: 'room--1', tokenRoom: 'room' });
    expect(room.moderators('room--1')).toEqual([]);
    await move('ada');
    await room.join('ada', { room: 'room--1', tokenRoom: 'room' });
    expect(room.moderators('room--1')).toEqual(['ada']);
    // As long as it is there, nobody takes its place in the first room, nor in others next to it.
    await room.join('cyd', { room: 'room', tokenRoom: 'room' });
    room.lobby.clock.advance(300_000);
    await room.join('dan', { room: 'room--2', tokenRoom: 'room--2' });
    expect([...room.moderators(), ...room.moderators('room--2')]).toEqual([]);
  });

  test('of a room next to the main one is none there, nor keeps it from having one', async () => {
    const room = new OpenRoom();
    await room.join('eve', { room: 'room--1', tokenRoom: 'room--1' });
    expect(room.moderators('room--1')).toEqual(['eve']);
    await room.join('ada');
    expect(room.moderators()).toEqual(['ada']);
    const { registry } = room.lobby;
    const by: Actor = { kind: 'participant', participant: room.person('ada') };
    await registry.getOrCreate('room').moderation.act(by, {
      ...{ action: 'move', participantId: room.person('ada').participantId, room: 'room--1' },
    });
    const { participant } = await room.join('ada', { room: 'room--1', tokenRoom: 'room' });
    const { participantId } = room.person('eve', 'room--1');
    const there: Actor = { kind: 'participant', participant };
    await registry.getOrCreate('room--1').moderation.act(there, { action: 'move', participantId, room: 'room' });
    await room.join('eve', { room: 'room', tokenRoom: 'room--1' });
    expect(room.moderators()).toEqual([]);
    expect(room.moderators('room--1')).toEqual(['ada']);
  });

  test('is waited for no more when the room ends', async () => {
    const room = new OpenRoom();
    await room.join('ada');
    await room.join('bob');
    room.leave('ada', 'silent');
    room.lobby.registry.find('room')?.close('ended', false);
    expect(room.lobby.clock.pending, 'timers are left').toBe(0);
  });
});
