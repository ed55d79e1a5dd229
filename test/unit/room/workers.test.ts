import { describe, expect, test } from 'vitest';
import { PlenumError } from '../../../src/protocol/index.ts';
import { pipeGraceMs } from '../../../src/room/Pipes.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

/** A room over several workers, without workers. */

/** Each participant on a worker of its own; nothing is kept for coming back. */
const spread = (workers = 3) => new Lobby({ hiddenGraceMs: 0 }, { workers, loadedFrom: 1 });
const refusal = new PlenumError('server-full', 'the worker has nothing left');
const tile = (publicationId: string) => ({ publicationId, width: 320, height: 180, priority: 1 });

type Guest = Awaited<ReturnType<Lobby['join']>>;
const look = ({ room, participant }: Guest, version: number, ...publicationIds: string[]) =>
  room.setView(participant, { version, view: { videos: publicationIds.map(tile) } });

describe('pipes', () => {
  test('two who ask for the same at once share one', async () => {
    const lobby = spread(2);
    const ada = await lobby.join('ada');
    const { publicationId } = await ada.participant.publish(camera());
    await lobby.join('bob', { view: { videos: [] } });
    lobby.hold(/pipe/);
    const guests = ['c', 'd', 'e', 'f'].map((name) => lobby.join(name));
    await settled();
    expect(lobby.held).toHaveLength(1);
    await lobby.release();
    await Promise.all(guests);
    expect(lobby.engine.pipes.map(({ producerId }) => producerId)).toEqual([publicationId]);
    expect(lobby.engine.consumers).toHaveLength(4);
  });

  test('nothing is consumed for those who lost interest while it was made, and it goes after its grace', async () => {
    const lobby = spread();
    const ada = await lobby.join('ada');
    const bob = await lobby.join('bob');
    lobby.hold(/pipe/);
    await ada.participant.publish(camera());
    await settled();
    look(bob, 1);
    lobby.hold(/consume/);
    await lobby.release();
    expect(lobby.held).toEqual([]);
    expect(lobby.engine.pipes).toHaveLength(1);
    lobby.clock.advance(pipeGraceMs);
    expect(lobby.engine.pipes).toHaveLength(0);
    expect(lobby.engine.consumers).toHaveLength(0);
  });

  test('nothing is left of one whose publication, or whose participants, went while it was made', async () => {
    for (const goes of ['publication', 'publisher', 'subscriber', 'room'] as const) {
      const lobby = spread();
      const ada = await lobby.join('ada');
      const bob = await lobby.join('bob');
      lobby.hold(/pipe/);
      const { publicationId } = await ada.participant.publish(camera());
      await settled();
      if (goes === 'publication') ada.participant.unpublish(publicationId);
      else if (goes === 'room') ada.room.close('ended', false);
      else (goes === 'publisher' ? ada : bob).participant.close('left');
      lobby.hold(/nothing/);
      await lobby.release();
      lobby.clock.advance(pipeGraceMs);
      expect(lobby.engine.pipes, goes).toHaveLength(0);
      expect(lobby.engine.consumers, goes).toHaveLength(0);
      expect(lobby.engine.problems, goes).toEqual([]);
    }
  });

  test('one that is wanted again within its grace stays, and is counted anew', async () => {
    const lobby = spread();
    const ada = await lobby.join('ada');
    const bob = await lobby.join('bob');
    const { publicationId } = await ada.participant.publish(camera());
    await settled();
    const [pipe] = lobby.engine.pipes;
    for (let version = 1; version < 10; version += 2) {
      look(bob, version);
      lobby.clock.advance(pipeGraceMs - 1);
      look(bob, version + 1, publicationId);
      await settled();
      lobby.clock.advance(60_000);
      expect(lobby.engine.pipes).toEqual([pipe]);
    }
    look(bob, 11);
    lobby.clock.advance(pipeGraceMs);
    expect(lobby.engine.pipes).toEqual([]);
    look(bob, 12, publicationId);
    await settled();
    expect(lobby.engine.pipes).toHaveLength(1);
    expect(lobby.engine.consumers).toHaveLength(1);
  });

  test('one that could not be made is tried again, and nobody else is the worse for it', async () => {
    const lobby = spread();
    const ada = await lobby.join('ada');
    const bob = await lobby.join('bob');
    lobby.hold(/pipe/);
    const { publicationId } = await ada.participant.publish(camera());
    const sound = await ada.participant.publish(microphone());
    await settled();
    expect(lobby.held).toHaveLength(2);
    lobby.hold(/nothing/);
    await lobby.release(1);
    await lobby.fail();
    const received = () => lobby.engine.consumers.map(({ producer }) => producer.producerId);
    expect(received()).toEqual([sound.publicationId]);
    lobby.clock.advance(1000);
    await settled();
    expect(received().toSorted()).toEqual([sound.publicationId, publicationId].toSorted());
    expect(bob.link.all('subscriptionsAdded')).toHaveLength(2);
  });
});

describe('routers', () => {
  test('those opened at the same time are linked once with each other, and with those that were there', async () => {
    const lobby = spread(4);
    await lobby.join('ada');
    lobby.hold(/create router|link/);
    const guests = ['b', 'c', 'd'].map((name) => lobby.join(name));
    await settled();
    // The last that was asked for is there first.
    while (lobby.held.length > 0) await lobby.release(lobby.held.length - 1);
    await Promise.all(guests);
    expect(lobby.engine.routers).toHaveLength(4);
    const pairs = lobby.engine.links.map(({ routers: [one, other] }) => [one.id, other.id].toSorted().join());
    expect(new Set(pairs).size).toBe(6);
    expect(pairs).toHaveLength(6);
  });

  test('nobody waits for the link to one that was closed meanwhile', async () => {
    const lobby = spread();
    await lobby.join('ada');
    const bob = await lobby.join('bob');
    lobby.hold(/link/);
    const eve = lobby.join('eve');
    await settled();
    expect(lobby.held).toHaveLength(2);
    bob.participant.close('left');
    await lobby.release();
    expect((await eve).participant.closed).toBe(false);
    expect(lobby.engine.routers).toHaveLength(2);
    expect(lobby.engine.links).toHaveLength(1);
    expect(lobby.engine.problems).toEqual([]);
  });

  test('one goes with its last participant, but the room keeps one while it waits for somebody', async () => {
    const lobby = spread();
    const guests = [await lobby.join('ada'), await lobby.join('bob'), await lobby.join('eve')];
    for (const left of [2, 1, 1]) {
      guests.shift()?.participant.close('left');
      expect(lobby.engine.routers).toHaveLength(left);
    }
    expect(lobby.engine.links).toEqual([]);
    lobby.clock.advance(5000);
    expect([...lobby.engine.open]).toEqual([]);
    expect(lobby.clock.pending).toBe(0);
  });

  test('the loudest of all are told together, and those of a router that is gone no more', async () => {
    const lobby = spread();
    const ada = await lobby.join('ada');
    const bob = await lobby.join('bob');
    const voices = [await ada.participant.publish(microphone()), await bob.participant.publish(microphone())];
    await settled();
    lobby.clock.advance(5000);
    const heard = () => {
      lobby.clock.advance(1000);
      return ada.link
        .all('speakers')
        .at(-1)
        ?.speakers.map(({ participantId }) => participantId);
    };
    const [first, second] = lobby.engine.routers;
    first?.tellLevels([{ producerId: voices[0]?.publicationId ?? '', level: -30 }]);
    expect(heard()).toEqual([ada.participant.participantId]);
    second?.tellLevels([{ producerId: voices[1]?.publicationId ?? '', level: -20 }]);
    expect(heard()).toEqual([bob.participant.participantId, ada.participant.participantId]);
    bob.participant.close('left');
    expect(heard()).toEqual([ada.participant.participantId]);
  });
});

describe('workers that refuse', () => {
  test('a router, a link or a transport: the next best worker is asked, and nothing stays behind', async () => {
    for (const what of [/create router on worker-1/, /link/, /create transport/]) {
      const lobby = spread(3);
      await lobby.join('ada');
      lobby.hold(what);
      const joining = lobby.join('bob');
      await settled();
      lobby.hold(/nothing/);
      await lobby.fail(refusal);
      const { participant } = await joining;
      expect(lobby.engine.routers.map(({ workerId }) => workerId)).toEqual(['worker-0', 'worker-2']);
      expect(participant.router).toBe(lobby.engine.routers[1]);
      expect(lobby.engine.transports).toHaveLength(4);
      expect([...lobby.engine.places.taken.values()].map(({ size }) => size)).toEqual([1, 0, 1]);
      expect(lobby.logged.map((line) => JSON.parse(line).msg)).toEqual(['a media worker refuses']);
      expect(lobby.engine.problems).toEqual([]);
    }
  });

  test('all of them: the join fails, others go on, and later there is room again', async () => {
    const lobby = spread(2);
    const ada = await lobby.join('ada');
    lobby.hold(/create transport/);
    const joining = lobby.join('bob');
    const refused = expect(joining).rejects.toMatchObject({ code: 'server-full' });
    for (let worker = 0; worker < 2; worker += 1) {
      await settled();
      await lobby.fail(refusal);
    }
    await refused;
    expect(lobby.engine.routers).toHaveLength(1);
    expect(lobby.engine.transports).toHaveLength(2);
    expect(ada.room.size).toBe(1);
    lobby.hold(/nothing/);
    const bob = await lobby.join('bob');
    await ada.participant.publish(camera());
    await settled();
    expect(bob.link.all('subscriptionsAdded')).toHaveLength(1);
  });

  test('what the client is to blame for is not tried elsewhere', async () => {
    const lobby = spread();
    lobby.hold(/create transport/);
    const joining = lobby.join('ada');
    const refused = expect(joining).rejects.toMatchObject({ code: 'unsupported' });
    await settled();
    await lobby.fail(new PlenumError('unsupported', 'no such fingerprint'));
    await refused;
    expect(lobby.held).toEqual([]);
    expect(lobby.logged).toEqual([]);
  });
});
