import { describe, expect, test } from 'vitest';
import { giveUpMs, restoreMs } from '../../../src/room/Recovery.ts';
import { fakeVideoParameters } from '../../support/fakeMedia.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

/** What becomes of people whose worker goes, without workers. */

/** Each participant on a worker of its own. */
const spread = (workers = 3) => new Lobby({ hiddenGraceMs: 0 }, { workers, loadedFrom: 1 });

const restoring = (publicationId: string, muted = false) => ({
  requestId: 'restore',
  publicationId,
  rtpParameters: fakeVideoParameters(),
  muted,
});

/** Ada, who publishes her camera, and Bob on another worker. */
async function twoApart() {
  const lobby = spread();
  const ada = await lobby.join('ada');
  const bob = await lobby.join('bob');
  const publication = await ada.participant.publish(camera());
  await settled();
  const [adas, bobs] = lobby.engine.routers;
  lobby.clock.advance(1000);
  return { lobby, ada, bob, publication, adas, bobs };
}

describe('when the worker of one goes', () => {
  test('it gets other media, and the others keep theirs', async () => {
    const { lobby, ada, bob, publication, adas, bobs } = await twoApart();
    const before = ada.participant.recvTransport;
    adas?.fail();
    await settled();
    const [reset, ...more] = ada.link.all('mediaReset');
    expect(more).toEqual([]);
    expect(ada.participant.recvTransport).not.toBe(before);
    expect(reset?.sendTransport.transportId).toBe(ada.participant.sendTransport.info.transportId);
    expect(reset?.recvTransport.transportId).toBe(ada.participant.recvTransport.info.transportId);
    expect(bob.link.all('mediaReset')).toEqual([]);
    expect(bob.participant.router).toBe(bobs);
    expect(ada.participant.publications).toEqual([publication]);
    expect(publication.live).toBe(false);
    for (const { link } of [ada, bob]) expect(link.all('roomClosed')).toEqual([]);
    expect(lobby.engine.problems).toEqual([]);
  });

  test('what it publishes comes back under its id, without a word to the room, and its former end is told last', async () => {
    const { lobby, ada, bob, publication, adas } = await twoApart();
    const { publicationId } = publication;
    const [first] = bob.answer.subscriptions.concat(
      bob.link.all('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions),
    );
    const deltas = bob.link.all('roomChanged').length;
    bob.link.received.length = 0;
    adas?.fail();
    await settled();
    expect(bob.link.received).toEqual([]);
    await ada.participant.restorePublication(restoring(publicationId));
    await settled();
    lobby.clock.advance(1000);
    expect(bob.link.all('subscriptionsAdded')).toMatchObject([{ subscriptions: [{ publicationId, waiting: true }] }]);
    expect(bob.link.all('subscriptionsRemoved')).toMatchObject([{ subscriptionIds: [first?.subscriptionId] }]);
    const names = bob.link.received.map(({ name }) => name);
    expect(names.indexOf('subscriptionsRemoved')).toBeGreaterThan(names.indexOf('subscriptionsAdded'));
    expect(bob.link.all('roomChanged')).toEqual([]);
    expect(deltas).toBeGreaterThan(0);
    expect(ada.participant.publications).toEqual([publication]);
    expect(lobby.engine.producers).toMatchObject([{ producerId: publicationId, paused: false }]);
    lobby.clock.advance(restoreMs);
    expect(ada.participant.publications).toEqual([publication]);
    expect(lobby.engine.problems).toEqual([]);
  });

  test('muted stays muted, also where it was muted meanwhile', async () => {
    for (const meanwhile of [false, true]) {
      const { lobby, ada, publication, adas } = await twoApart();
      const { publicationId } = publication;
      const mute = { requestId: 'mute', publicationId, muted: true };
      if (!meanwhile) await ada.participant.updatePublication(mute);
      adas?.fail();
      await settled();
      if (meanwhile) await ada.participant.updatePublication(mute);
      await ada.participant.restorePublication(restoring(publicationId, true));
      expect(publication.muted).toBe(true);
      expect(lobby.engine.producers).toMatchObject([{ producerId: publicationId, paused: true }]);
    }
  });

  test('what is muted while it is being restored is muted', async () => {
    const { lobby, ada, publication, adas } = await twoApart();
    const { publicationId } = publication;
    adas?.fail();
    await settled();
    lobby.hold(/produce/);
    const restored = ada.participant.restorePublication(restoring(publicationId));
    await settled();
    await ada.participant.updatePublication({ requestId: 'mute', publicationId, muted: true });
    lobby.hold(/nothing/);
    await lobby.release();
    await restored;
    expect(lobby.engine.producers).toMatchObject([{ paused: true }]);
  });

  test('what does not come back in time is unpublished', async () => {
    const { lobby, ada, bob, publication, adas } = await twoApart();
    const { publicationId } = publication;
    adas?.fail();
    await settled();
    lobby.clock.advance(restoreMs - 1);
    expect(ada.participant.publications).toHaveLength(1);
    lobby.clock.advance(1);
    expect(ada.participant.publications).toEqual([]);
    lobby.clock.advance(100);
    expect(bob.link.all('roomChanged').at(-1)).toMatchObject({ unpublished: [{ publicationId }] });
    expect(bob.link.all('subscriptionsRemoved')).toHaveLength(1);
    await expect(ada.participant.restorePublication(restoring(publicationId))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  test('what goes on cannot be restored, and nothing twice at once', async () => {
    const { lobby, ada, publication, adas } = await twoApart();
    const { publicationId } = publication;
    const conflict = { code: 'conflict' };
    await expect(ada.participant.restorePublication(restoring(publicationId))).rejects.toMatchObject(conflict);
    adas?.fail();
    await settled();
    lobby.hold(/produce/);
    const first = ada.participant.restorePublication(restoring(publicationId));
    await settled();
    await expect(ada.participant.restorePublication(restoring(publicationId))).rejects.toMatchObject(conflict);
    await lobby.release();
    await first;
  });

  test('while it has no media, publishing is refused and a view is kept', async () => {
    const { lobby, ada, bob, adas } = await twoApart();
    const voice = await bob.participant.publish(microphone());
    const picture = await bob.participant.publish(camera());
    await settled();
    lobby.hold(/create transport/);
    adas?.fail();
    await settled();
    await expect(ada.participant.publish(microphone())).rejects.toMatchObject({ code: 'closed' });
    ada.room.setView(ada.participant, { version: 7, view: { videos: [] } });
    lobby.hold(/nothing/);
    await lobby.release();
    const [reset] = ada.link.all('mediaReset');
    expect(reset?.subscriptions.map(({ publicationId }) => publicationId)).toEqual([voice.publicationId]);
    expect(() => ada.room.setView(ada.participant, { version: 6, view: 'auto' })).toThrow('version 7');
    ada.room.setView(ada.participant, { version: 8, view: 'auto' });
    await settled();
    expect(ada.link.all('subscriptionsAdded').at(-1)).toMatchObject({
      subscriptions: [{ publicationId: picture.publicationId }],
    });
  });

  test('who leaves meanwhile leaves nothing', async () => {
    const { lobby, ada, bob, adas } = await twoApart();
    lobby.hold(/create transport/);
    adas?.fail();
    await settled();
    ada.participant.close('left');
    lobby.hold(/nothing/);
    await lobby.release();
    expect(lobby.engine.transports).toHaveLength(2);
    bob.participant.close('left');
    lobby.clock.advance(5000);
    await settled();
    expect([...lobby.engine.open]).toEqual([]);
    expect(lobby.clock.pending).toBe(0);
    expect(lobby.engine.problems).toEqual([]);
  });
});

describe('when UDP is blocked for one', () => {
  test('it gets other transports, without UDP, and nobody else does', async () => {
    const { lobby, ada, bob, publication } = await twoApart();
    const before = lobby.engine.transports;
    ada.room.faults.make(ada.participant, 'udp-blocked');
    await settled();
    const [reset, ...more] = ada.link.all('mediaReset');
    expect(more).toEqual([]);
    expect(reset?.recvTransport.transportId).toBe(ada.participant.recvTransport.info.transportId);
    expect(bob.link.all('mediaReset')).toEqual([]);
    const made = lobby.engine.transports.filter((transport) => !before.includes(transport));
    expect(made.map(({ tcpOnly }) => tcpOnly)).toEqual([true, true]);
    expect(lobby.engine.transports).toHaveLength(4);
    await ada.participant.restorePublication(restoring(publication.publicationId));
    await settled();
    expect(bob.link.all('subscriptionsAdded').at(-1)).toMatchObject({
      subscriptions: [{ publicationId: publication.publicationId }],
    });
    expect(lobby.engine.problems).toEqual([]);
  });

  test('it stays so on the next worker; asked again, nothing happens', async () => {
    const { lobby, ada } = await twoApart();
    ada.room.faults.make(ada.participant, 'udp-blocked');
    await settled();
    ada.room.faults.make(ada.participant, 'udp-blocked');
    await settled();
    expect(ada.link.all('mediaReset')).toHaveLength(1);
    ada.room.faults.make(ada.participant, 'worker-killed');
    await settled();
    expect(ada.link.all('mediaReset')).toHaveLength(2);
    const { sendTransport, recvTransport } = ada.participant;
    const own = lobby.engine.transports.filter((each) => each === sendTransport || each === recvTransport);
    expect(own.map(({ tcpOnly }) => tcpOnly)).toEqual([true, true]);
  });

  test('also while other media are being made for it', async () => {
    const { lobby, ada, adas } = await twoApart();
    lobby.hold(/create transport/);
    adas?.fail();
    await settled();
    ada.room.faults.make(ada.participant, 'udp-blocked');
    lobby.hold(/nothing/);
    await lobby.release();
    lobby.clock.advance(100);
    await settled();
    expect(ada.link.all('mediaReset')).toHaveLength(1);
    const { sendTransport, recvTransport } = ada.participant;
    const own = lobby.engine.transports.filter((each) => each === sendTransport || each === recvTransport);
    expect(own.map(({ tcpOnly }) => tcpOnly)).toEqual([true, true]);
    expect(lobby.engine.transports).toHaveLength(4);
    expect(lobby.engine.problems).toEqual([]);
  });
});

describe('when all workers of a room go', () => {
  test('in the same moment, everybody gets other media', async () => {
    const { lobby, ada, bob, publication, adas, bobs } = await twoApart();
    adas?.fail();
    bobs?.fail();
    await settled();
    for (const { link } of [ada, bob]) {
      expect(link.all('mediaReset')).toHaveLength(1);
      expect(link.all('roomClosed')).toEqual([]);
    }
    await ada.participant.restorePublication(restoring(publication.publicationId));
    await settled();
    expect(bob.link.all('subscriptionsAdded').at(-1)).toMatchObject({
      subscriptions: [{ publicationId: publication.publicationId, waiting: true }],
    });
    expect(lobby.engine.problems).toEqual([]);
  });

  test('and the next one, too, while it is being filled: the last that holds is told', async () => {
    const { lobby, ada, adas } = await twoApart();
    lobby.hold(/open data/);
    adas?.fail();
    await settled();
    lobby.engine.routers.at(-1)?.fail();
    lobby.hold(/nothing/);
    await lobby.release();
    for (let tries = 0; tries < 3; tries += 1) {
      lobby.clock.advance(100);
      await settled();
    }
    const resets = ada.link.all('mediaReset');
    expect(resets).toHaveLength(1);
    expect(resets[0]?.sendTransport.transportId).toBe(ada.participant.sendTransport.info.transportId);
    expect(lobby.engine.problems).toEqual([]);
  });

  test('and none comes in their place, the room ends, and clients are to come again', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    lobby.hold(/create router/);
    lobby.engine.routers[0]?.fail();
    await settled();
    for (let waited = 0; waited <= giveUpMs; waited += 100) {
      await lobby.fail();
      lobby.clock.advance(100);
      await settled();
    }
    await lobby.fail();
    expect(ada.link.all('roomClosed')).toMatchObject([{ reason: 'media-failed', rejoin: true }]);
    expect(ada.link.closes).toBe(1);
    expect([...lobby.engine.open]).toEqual([]);
    expect(lobby.clock.pending).toBe(0);
  });

  test('and nobody is there, the room waits for somebody as before', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    ada.participant.close('left');
    lobby.engine.routers[0]?.fail();
    const again = await lobby.join('ada');
    expect(again.room).toBe(ada.room);
    expect(lobby.engine.routers).toHaveLength(1);
  });
});
