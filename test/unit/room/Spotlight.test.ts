import { describe, expect, test } from 'vitest';
import type { LeaveReason } from '../../../src/protocol/index.ts';
import type { Actor } from '../../../src/room/Actor.ts';
import type { Room } from '../../../src/room/Room.ts';
import { camera, Lobby, settled } from '../../support/Lobby.ts';

const application: Actor = { kind: 'application', name: 'Campus' };
const show = (room: Room, ...identities: string[]) =>
  room.moderation.act(application, { action: 'spotlight', identities });

describe('who is in the spotlight', () => {
  async function spotlit() {
    const lobby = new Lobby();
    const { room } = await lobby.join('mod');
    const { participant } = await lobby.join('ada');
    await lobby.join('bob');
    await show(room, 'ada', 'bob');
    return { lobby, room, participant };
  }

  test.each<LeaveReason>(['left', 'removed'])('and goes (%s) is out of it', async (reason) => {
    const { room, participant } = await spotlit();
    participant.close(reason);
    expect(room.spotlight).toEqual(['bob']);
    // Whoever shows others has not heard of it yet.
    await show(room, 'ada', 'mod', 'bob');
    expect(room.spotlight).toEqual(['mod', 'bob']);
    await expect(show(room, 'zoe')).rejects.toMatchObject({ code: 'not-found' });
  });

  test.each<LeaveReason>(['disconnected', 'silent', 'failed'])(
    'and is gone by accident (%s) may come back',
    async (reason) => {
      const { lobby, room, participant } = await spotlit();
      participant.close(reason);
      lobby.clock.advance(299_999);
      await show(room, 'bob', 'ada');
      const again = await lobby.join('ada');
      lobby.clock.advance(600_000);
      expect(room.spotlight).toEqual(['bob', 'ada']);
      again.participant.close(reason);
      lobby.clock.advance(300_000);
      expect(room.spotlight).toEqual(['bob']);
    },
  );

  test('is told with who has done it, but not of who is hidden', async () => {
    const { lobby, room, participant } = await spotlit();
    const { participant: ghost } = await lobby.join('ghost', {}, undefined, { hidden: true });
    lobby.clock.advance(1000);
    await room.moderation.act(
      { kind: 'participant', participant: ghost },
      { action: 'spotlight', identities: ['ada'] },
    );
    lobby.clock.advance(1000);
    participant.close('left');
    lobby.clock.advance(1000);
    const told = lobby.hall.announced.flatMap(({ payload }) =>
      payload instanceof Object && 'spotlight' in payload ? [[payload.spotlight, 'by' in payload && payload.by]] : [],
    );
    expect(told).toEqual([
      [['ada', 'bob'], { displayName: 'Campus' }],
      [['ada'], { displayName: 'a moderator' }],
      [[], false],
    ]);
  });

  test('and comes a second time stays in it', async () => {
    const { lobby, room } = await spotlit();
    const again = await lobby.join('ada');
    expect(room.spotlight).toEqual(['ada', 'bob']);
    again.participant.close('left');
    expect(room.spotlight).toEqual(['bob']);
  });

  test('and is away is waited for no more when others are shown, or the room ends', async () => {
    const { lobby, room, participant } = await spotlit();
    participant.close('silent');
    await show(room, 'bob');
    await expect(show(room, 'ada')).rejects.toMatchObject({ code: 'not-found' });
    room.participants.find(({ identity }) => identity === 'bob')?.close('silent');
    room.close('ended', false);
    expect(lobby.clock.pending, 'timers are left').toBe(0);
  });
});

test('whose view is chosen by the server sees the spotlight first, at once', async () => {
  const lobby = new Lobby({ autoViewVideos: 1, audioSpeakers: 0 });
  const ada = await lobby.join('ada');
  await ada.participant.publish(camera());
  const bob = await lobby.join('bob');
  await bob.participant.publish(camera());
  const cyd = await lobby.join('cyd');
  const seen = () => cyd.link.all('subscriptionsAdded').flatMap((notice) => notice.subscriptions);
  expect(cyd.answer.subscriptions.map(({ participantId }) => participantId)).toEqual([ada.participant.participantId]);
  await show(cyd.room, 'bob');
  await settled();
  expect(seen().map(({ participantId }) => participantId)).toEqual([bob.participant.participantId]);
});

test('a large room speaks of those in the spotlight, also where they have nothing else to see', async () => {
  const lobby = new Lobby({ fullRoster: 2 });
  for (const identity of ['ada', 'bob', 'cyd', 'dan']) await lobby.join(identity);
  const { room, answer } = await lobby.join('eve');
  expect(answer.room.participants.map(({ identity }) => identity)).toEqual(['eve']);
  await show(room, 'bob');
  const later = await lobby.join('fay');
  expect(later.answer.room.participants.map(({ identity }) => identity)).toEqual(['bob', 'fay']);
});
