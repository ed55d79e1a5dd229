import { expect, test } from 'vitest';
import type { Actor, Deed } from '../../../src/room/Actor.ts';
import { Lobby, microphone } from '../../support/Lobby.ts';

const application: Actor = { kind: 'application', name: 'Campus' };

test("the application's server moderates as a moderator does; those concerned hear its name", async () => {
  const lobby = new Lobby();
  const { room, participant: ada, link } = await lobby.join('ada');
  const { publicationId } = await ada.publish(microphone());
  await room.moderation.act(application, { action: 'mute', source: 'microphone' });
  expect(ada.publications.map(({ muted }) => muted)).toEqual([true]);
  expect(link.all('muted')).toMatchObject([{ publicationId, by: { displayName: 'Campus' } }]);
  expect(link.all('muted')[0]?.by).not.toHaveProperty('identity');
});

test('each action is told once, with whom it concerned and what came of it', async () => {
  const lobby = new Lobby();
  const { room, participant: ada } = await lobby.join('ada');
  const { participant: bob } = await lobby.join('bob');
  const { publicationId } = await bob.publish(microphone());
  const deeds: Deed[] = [];
  lobby.registry.on('moderated', (deed) => deeds.push(deed));
  const by: Actor = { kind: 'participant', participant: ada };
  const unpublish = { action: 'unpublish', publicationId } as const;
  const remove = { action: 'remove', participantId: bob.participantId, ban: false } as const;
  const end = { action: 'end' } as const;
  await room.moderation.act(by, unpublish);
  await expect(room.moderation.act(by, unpublish)).rejects.toMatchObject({ code: 'not-found' });
  await room.moderation.act(by, remove);
  await room.moderation.act(application, end);
  expect(deeds).toEqual([
    { by, room: 'room', action: unpublish, target: 'bob', outcome: 'done' },
    { by, room: 'room', action: unpublish, target: undefined, outcome: 'not-found' },
    { by, room: 'room', action: remove, target: 'bob', outcome: 'done' },
    { by: application, room: 'room', action: end, target: undefined, outcome: 'done' },
  ]);
});

test('a lock keeps nobody out who was in the room: also when the time in which a lost visit is kept has run out', async () => {
  const lobby = new Lobby();
  const { room } = await lobby.join('mod', {}, undefined, { moderator: true });
  const ada = await lobby.join('ada');
  const bob = await lobby.join('bob');
  bob.participant.close('left');
  await room.moderation.act(application, { action: 'lock', locked: true });
  ada.participant.close('disconnected');
  lobby.clock.advance(60_000);
  for (const identity of ['ada', 'bob']) expect((await lobby.join(identity)).participant.closed).toBe(false);
  await expect(lobby.join('cyd')).rejects.toMatchObject({ code: 'room-locked' });
});
