import { describe, expect, test } from 'vitest';
import { plainRoomSettings } from '../../../src/protocol/index.ts';
import type { Actor } from '../../../src/room/Actor.ts';
import { OpenRoom } from '../../support/OpenRoom.ts';
import { application } from '../../support/school.ts';

describe('the host, where the room is locked or has a lobby,', () => {
  test('opens the locked room to itself, and to no stranger', async () => {
    const room = new OpenRoom();
    await room.join('ada');
    await room.join('bob');
    await room.act({ action: 'lock', locked: true });
    room.leave('ada', 'silent');
    await expect(room.join('eve')).rejects.toMatchObject({ code: 'room-locked' });
    await room.join('ada');
    expect(room.moderators()).toEqual(['ada']);
  });

  test.each(['locked', 'lobby'])('is no stranger who comes to people that have none (%s)', async (closed) => {
    const room = new OpenRoom();
    const { room: there, participant } = await room.join('ada');
    await room.join('bob');
    await room.grant('bob', true);
    const by: Actor = { kind: 'participant', participant };
    await there.moderation.act(by, {
      ...{ action: 'grant', participantId: participant.participantId, changes: { moderator: false } },
    });
    there.changeSettings({ [closed]: true }, application);
    room.leave('bob');
    room.lobby.clock.advance(15_000);
    const code = closed === 'lobby' ? 'in-lobby' : 'room-locked';
    await expect(room.join('eve')).rejects.toMatchObject({ code });
    expect(room.moderators()).toEqual([]);
    await room.join('bob');
    expect(room.moderators()).toEqual(['bob']);
  });

  test.each(['locked', 'lobby'])('is no stranger who comes to people with tokens (%s)', async (closed) => {
    const room = new OpenRoom();
    const { room: there } = await room.lobby.join('plain');
    there.changeSettings({ [closed]: true }, application);
    const code = closed === 'lobby' ? 'in-lobby' : 'room-locked';
    await expect(room.join('eve')).rejects.toMatchObject({ code });
    there.changeSettings({ [closed]: false }, application);
    await room.join('eve');
    expect(room.moderators()).toEqual(['eve']);
    // Who has become one stays one, also for those who are there.
    there.changeSettings({ [closed]: true }, application);
    room.leave('eve', 'silent');
    await room.join('eve');
    expect(room.moderators()).toEqual(['eve']);
  });

  test('is the first who comes where nobody is there of whom others know, through lock and lobby', async () => {
    const room = new OpenRoom({ roomSettings: { ...plainRoomSettings, emptyTimeoutSeconds: 0, lobby: true } });
    await room.lobby.join('watcher', {}, undefined, { hidden: true });
    await room.act({ action: 'lock', locked: true });
    await room.join('ada');
    expect(room.moderators()).toEqual(['ada']);
    await expect(room.join('eve')).rejects.toMatchObject({ code: 'room-locked' });
  });
});
