import { describe, expect, test } from 'vitest';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

const closed = { name: 'PlenumError', code: 'closed' };

describe('the limit of a room', () => {
  test('holds for those who come at once, and counts nobody twice', async () => {
    const lobby = new Lobby({ maxParticipants: 3 });
    lobby.hold(/transport/);
    const joins = ['ada', 'bob', 'cyd', 'dan'].map((identity) => lobby.join(identity));
    const outcomes = Promise.allSettled(joins);
    await settled();
    await lobby.release();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    await expect(joins[3]).rejects.toMatchObject({ code: 'room-full' });
  });

  test('while the first view of somebody is being made, the others still have their places', async () => {
    const lobby = new Lobby({ maxParticipants: 3 });
    const ada = await lobby.join('ada');
    await ada.participant.publish(camera());
    lobby.hold(/consume/);
    const bob = lobby.join('bob');
    await settled();
    const cyd = lobby.join('cyd');
    await settled();
    await lobby.release();
    await expect(Promise.all([bob, cyd])).resolves.toHaveLength(2);
  });

  test('somebody who comes again has a place already', async () => {
    const lobby = new Lobby({ maxParticipants: 1 });
    const first = await lobby.join('ada');
    const [second, third] = await Promise.all([lobby.join('ada').catch(String), lobby.join('ada')]);
    expect(first.participant.closed).toBe(true);
    expect(second).not.toContain('room-full');
    expect(third.room.participants).toEqual([third.participant]);
  });

  test('a refused join keeps no room open', async () => {
    const lobby = new Lobby({ maxParticipants: 1 });
    lobby.hold(/router/);
    const join = lobby.join('ada');
    await settled();
    await Promise.all([expect(join).rejects.toThrow('the worker refused'), lobby.fail()]);
    lobby.clock.advance(5000);
    expect(lobby.registry.rooms).toHaveLength(0);
    expect(lobby.clock.pending).toBe(0);
  });
});

describe('a second visit of an identity', () => {
  test('replaces the first, which is told why before its connection ends', async () => {
    const lobby = new Lobby();
    const first = await lobby.join('ada');
    const second = await lobby.join('ada');
    expect(first.participant.closed).toBe(true);
    expect(first.link.all('removed')).toMatchObject([{ reason: 'replaced', seq: 1 }]);
    expect(first.link.closes).toBe(1);
    expect(second.answer.room.participants.map(({ participantId }) => participantId)).toEqual([
      second.participant.participantId,
    ]);
  });

  test('stays also where the worker is done with the first one last', async () => {
    const lobby = new Lobby();
    await lobby.join('bob');
    lobby.hold(/create transport/);
    const earlier = lobby.hall.link();
    const first = expect(lobby.join('ada', {}, earlier)).rejects.toMatchObject(closed);
    await settled();
    const second = lobby.join('ada');
    await settled();
    await lobby.release(2);
    await lobby.release(2);
    const { participant } = await second;
    await lobby.release();
    await first;
    expect(participant.closed).toBe(false);
    expect(earlier.all('removed')).toHaveLength(1);
    expect(lobby.engine.transports).toHaveLength(4);
  });

  test('whoever was replaced says nothing more', async () => {
    const lobby = new Lobby();
    const { room, participant } = await lobby.join('ada');
    await lobby.join('ada');
    expect(() => room.sendChat(participant, 'still here')).toThrow(expect.objectContaining(closed));
    expect(() => room.setView(participant, { version: 1, view: 'auto' })).toThrow(expect.objectContaining(closed));
    expect(() => participant.raiseHand(1)).toThrow(expect.objectContaining(closed));
    expect(() => participant.updateMetadata({})).toThrow(expect.objectContaining(closed));
    await expect(participant.publish(camera())).rejects.toMatchObject(closed);
  });
});

describe('muting', () => {
  test('that the worker refuses is not shown, and is tried again', async () => {
    const lobby = new Lobby();
    const { participant, link } = await lobby.join('ada');
    const { publicationId } = await participant.publish(microphone());
    lobby.hold(/pause/);
    const muted = () => link.all('roomChanged').flatMap(({ publications = [] }) => publications.map((p) => p.muted));
    const muting = participant.updatePublication({ requestId: 'a', publicationId, muted: true });
    await settled();
    lobby.clock.advance(100);
    await Promise.all([expect(muting).rejects.toThrow('the worker refused'), lobby.fail()]);
    lobby.clock.advance(100);
    expect(muted().at(-1)).toBe(false);
    const again = participant.updatePublication({ requestId: 'b', publicationId, muted: true });
    await settled();
    await lobby.release();
    await again;
    expect(lobby.engine.producers[0]?.paused).toBe(true);
    lobby.clock.advance(100);
    expect(muted().at(-1)).toBe(true);
  });

  test('the last word counts, also where an earlier one fails', async () => {
    const lobby = new Lobby();
    const { participant } = await lobby.join('ada');
    const publication = await participant.publish(microphone());
    lobby.hold(/pause/);
    const first = publication.setMuted(true);
    const second = publication.setMuted(false);
    const third = publication.setMuted(true);
    await settled();
    await Promise.all([expect(first).rejects.toThrow(), lobby.fail()]);
    await lobby.release();
    await lobby.release();
    await Promise.all([second, third]);
    expect(publication.muted).toBe(true);
    expect(lobby.engine.producers[0]?.paused).toBe(true);
  });
});

describe('the end of a room', () => {
  test('comes after a grace without anybody, which a new visit ends', async () => {
    const lobby = new Lobby({ roomGraceMs: 1000 });
    const ada = await lobby.join('ada');
    ada.participant.close('left');
    lobby.clock.advance(999);
    const again = await lobby.join('ada');
    lobby.clock.advance(10_000);
    expect(again.room).toBe(ada.room);
    again.participant.close('left');
    lobby.clock.advance(1000);
    await settled();
    expect(lobby.registry.rooms).toEqual([]);
    expect([...lobby.engine.open]).toEqual([]);
  });

  test('not by its router: those who are there and those who come get their media from another one', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    lobby.hold(/create transport/);
    const bob = lobby.join('bob');
    await settled();
    lobby.engine.routers[0]?.fail();
    lobby.hold(/nothing/);
    await lobby.release();
    lobby.clock.advance(100);
    const [router] = lobby.engine.routers;
    expect((await bob).participant.router).toBe(router);
    expect(ada.participant.router).toBe(router);
    expect(ada.link.all('mediaReset')).toHaveLength(1);
    expect(ada.link.all('roomClosed')).toEqual([]);
    expect(lobby.engine.problems).toEqual([]);
    expect(lobby.logged).toEqual([]);
  });

  test('while its router is still being made leaves no router behind', async () => {
    const lobby = new Lobby();
    lobby.hold(/create router/);
    const ada = lobby.join('ada');
    await settled();
    lobby.registry.close();
    await Promise.all([expect(ada).rejects.toMatchObject(closed), lobby.release()]);
    expect([...lobby.engine.open]).toEqual([]);
    expect(() => lobby.registry.getOrCreate('room')).toThrow(expect.objectContaining({ code: 'draining' }));
  });
});

test('one transport that cannot be made takes the other with it', async () => {
  const lobby = new Lobby();
  lobby.hold(/create transport/);
  const ada = lobby.join('ada');
  await settled();
  const outcome = expect(ada).rejects.toThrow('the worker refused');
  await lobby.release(0);
  await lobby.fail();
  await outcome;
  expect(lobby.engine.transports).toEqual([]);
});

test('speakers are those of the room who are not muted', async () => {
  const lobby = new Lobby();
  const ada = await lobby.join('ada');
  const bob = await lobby.join('bob');
  const loud = await ada.participant.publish(microphone());
  const muted = await bob.participant.publish({ ...microphone(), muted: true });
  const levels = [muted, loud].map(({ publicationId }) => ({ producerId: publicationId, level: -20 }));
  lobby.engine.routers[0]?.tellLevels([...levels, { producerId: 'gone', level: -1 }]);
  lobby.clock.advance(0);
  const speakers = [{ participantId: ada.participant.participantId, level: -20 }];
  expect(bob.link.all('speakers')).toEqual([{ speakers }]);
});

test('publications have a limit, also for those that are still being made; a source has its kind', async () => {
  const lobby = new Lobby({ maxPublications: 2 });
  const { participant } = await lobby.join('ada');
  const made = await Promise.allSettled([1, 2, 3].map(() => participant.publish(camera())));
  expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(made[2]).toMatchObject({ reason: { code: 'too-many-publications' } });
  participant.unpublish(participant.publications[0]?.publicationId ?? '');
  await expect(participant.publish({ ...camera(), kind: 'audio' })).rejects.toMatchObject({ code: 'bad-request' });
  await expect(participant.publish(camera())).resolves.toBeDefined();
});

test('what ends while its publisher is hidden and shown again is told all the same', async () => {
  const lobby = new Lobby({ fullRoster: 1 });
  const ada = await lobby.join('ada');
  const bob = await lobby.join('bob');
  const cyd = await lobby.join('cyd', { view: { videos: [] } });
  const ended = await ada.participant.publish(camera());
  await ada.participant.publish(camera());
  lobby.clock.advance(1000);
  // There is a place for one of them: whoever has raised a hand, or else whoever publishes.
  bob.participant.raiseHand(1);
  ada.participant.unpublish(ended.publicationId);
  bob.participant.raiseHand(null);
  ada.participant.raiseHand(1);
  lobby.clock.advance(1000);
  const deltas = cyd.link.all('roomChanged');
  expect(deltas.flatMap(({ publications = [] }) => publications).map((info) => info.publicationId)).toContain(
    ended.publicationId,
  );
  const gone = deltas.flatMap(({ unpublished = [] }) => unpublished);
  expect(gone).toEqual([{ publicationId: ended.publicationId }]);
});
