import { expect, test } from 'vitest';
import { type Actor, type Deed, moderatorOf } from '../../../src/room/Actor.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

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

test('who is muted while its microphone is just being published comes up muted, and hears by whom', async () => {
  const lobby = new Lobby();
  const { room, participant: ada, link } = await lobby.join('ada');
  lobby.hold(/^produce/);
  const [speaking, showing] = [ada.publish(microphone()), ada.publish(camera())];
  await settled();
  await room.moderation.act(application, { action: 'mute', source: 'microphone' });
  await lobby.release();
  const { publicationId, muted, producer } = await speaking;
  expect([muted, lobby.engine.producers.find(({ producerId }) => producerId === producer.producerId)?.paused]).toEqual([
    true,
    true,
  ]);
  expect(link.all('muted')).toMatchObject([{ publicationId, by: { displayName: 'Campus' } }]);
  expect((await showing).muted, 'nobody has muted the camera').toBe(false);
  await ada.updatePublication({ requestId: 'r', publicationId, muted: false });
  expect(ada.publications.every((each) => !each.muted)).toBe(true);
});

test('moderation that was handed to somebody goes when it is removed; what was taken from it stays taken', async () => {
  const lobby = new Lobby();
  const { room, participant: bob } = await lobby.join('bob');
  const { participantId } = bob;
  const changes = { moderator: true, canChat: false };
  await room.moderation.act(application, { action: 'grant', participantId, changes });
  expect((await lobby.join('bob')).participant.grants).toMatchObject(changes);
  const again = room.participants.find(({ identity }) => identity === 'bob')?.participantId ?? 'nobody';
  await room.moderation.act(application, { action: 'remove', participantId: again, ban: false });
  expect((await lobby.join('bob')).participant.grants).toMatchObject({ moderator: false, canChat: false });
});

test('rights that change while somebody is just coming in are the last that it hears of', async () => {
  const lobby = new Lobby();
  const { room, participant: ada } = await lobby.join('ada');
  await ada.publish(camera());
  const link = lobby.hall.link();
  const grant = (participantId: string, moderator: boolean) =>
    room.moderation.act(application, { action: 'grant', participantId, changes: { moderator } });
  await grant((await lobby.join('bob')).participant.participantId, true);
  lobby.hold(/consume/);
  const coming = lobby.join('bob', {}, link);
  await settled();
  const arriving = room.participants.find(({ identity, closed }) => identity === 'bob' && !closed);
  await grant(arriving?.participantId ?? 'nobody', false);
  await lobby.release();
  const { participant } = await coming;
  expect(participant).toBe(arriving);
  expect(participant.grants.moderator).toBe(false);
  expect(link.all('grantsChanged').at(-1)?.grants.moderator ?? false).toBe(false);
});

test('who is banned is remembered with the name, by whom, when and why, until the ban is lifted', async () => {
  const lobby = new Lobby();
  const { room, participant: bob } = await lobby.join('bob');
  const { participant: mod } = await lobby.join('mod', {}, undefined, { moderator: true });
  const by: Actor = { kind: 'participant', participant: mod };
  const { participantId, displayName } = bob;
  const at = lobby.clock.date();
  await room.moderation.act(by, { action: 'remove', participantId, ban: true, reason: 'Enough' });
  lobby.clock.advance(1000);
  const { participant: cyd } = await lobby.join('cyd');
  await room.moderation.act(application, { action: 'remove', participantId: cyd.participantId, ban: true });
  const ofBob = { identity: 'bob', displayName, by: moderatorOf(by), at, reason: 'Enough' };
  const ofCyd = { identity: 'cyd', displayName: cyd.displayName, by: { displayName: 'Campus' }, at: at + 1000 };
  expect(room.moderation.standing.bans.told, 'the latest first').toEqual([ofCyd, ofBob]);
  await room.moderation.act(by, { action: 'unban', identity: 'cyd' });
  expect(room.moderation.standing.bans.page({ limit: 9 })).toEqual({ bans: [ofBob] });
});

test('moderators do not learn by bans who was hidden, nor lift these: only the application does', async () => {
  const lobby = new Lobby();
  const { room, participant: mod } = await lobby.join('mod', {}, undefined, { moderator: true });
  const { participant: eve } = await lobby.join('eve', {}, undefined, { hidden: true });
  await room.moderation.act(application, { action: 'remove', participantId: eve.participantId, ban: true });
  const { bans } = room.moderation.standing;
  expect([bans.told.length, bans.page({ limit: 9 }).bans.map(({ identity }) => identity)]).toEqual([0, ['eve']]);
  const unban = { action: 'unban', identity: 'eve' } as const;
  await expect(room.moderation.act({ kind: 'participant', participant: mod }, unban)).rejects.toMatchObject({
    code: 'not-found',
  });
  await room.moderation.act(application, unban);
  expect((await lobby.join('eve')).participant.closed).toBe(false);
});

test('what a hidden moderator does tells nobody who it is; the application moderates hidden people as well', async () => {
  const lobby = new Lobby();
  const { room, participant: ada, link } = await lobby.join('ada');
  const { participant: eve, link: hers } = await lobby.join('eve', {}, undefined, { hidden: true, moderator: true });
  const by: Actor = { kind: 'participant', participant: eve };
  await room.moderation.act(by, { action: 'ask-to-unmute', participantId: ada.participantId });
  expect(link.all('unmuteAsked')[0]?.by).toEqual({ displayName: 'a moderator' });
  const { participantId } = eve;
  const remove = { action: 'remove', participantId, ban: false } as const;
  await expect(room.moderation.act({ kind: 'participant', participant: ada }, remove)).rejects.toMatchObject({
    code: 'not-found',
  });
  await room.moderation.act(application, remove);
  expect(hers.all('removed')).toMatchObject([{ reason: 'removed' }]);
});
