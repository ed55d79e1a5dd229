import { describe, expect, test } from 'vitest';
import { fakeCapabilities, fakeVideoParameters } from '../../support/fakeMedia.ts';
import { camera, Lobby, microphone, settled } from '../../support/Lobby.ts';

describe('what is told of subscriptions', () => {
  test('one that is gone before its news left is never spoken of', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada', { view: { videos: [] } });
    const bob = await lobby.join('bob');
    const first = await bob.participant.publish(camera());
    const second = await bob.participant.publish(camera());
    lobby.hold(/consume/);
    const entry = { width: 320, height: 180, priority: 1 };
    const videos = [first, second].map(({ publicationId }) => ({ publicationId, ...entry }));
    ada.room.setView(ada.participant, { version: 1, view: { videos } });
    await lobby.release(0);
    ada.room.setView(ada.participant, { version: 2, view: { videos: videos.slice(1) } });
    await lobby.release();
    expect(ada.link.all('subscriptionsRemoved')).toEqual([]);
    const added = ada.link.all('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
    expect(added.map(({ publicationId }) => publicationId)).toEqual([second.publicationId]);
  });

  test('a state waits for the news of what it is about', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada', { view: { videos: [] } });
    const bob = await lobby.join('bob');
    const { publicationId } = await bob.participant.publish(camera());
    const other = await bob.participant.publish(camera());
    lobby.hold(/consume/);
    const entry = { width: 320, height: 180, priority: 1 };
    const videos = [publicationId, other.publicationId].map((id) => ({ publicationId: id, ...entry }));
    ada.room.setView(ada.participant, { version: 1, view: { videos } });
    await lobby.release(0);
    lobby.engine.consumers[0]?.tellState({ layers: undefined, producerSends: true });
    lobby.clock.advance(1000);
    expect(ada.link.all('subscriptionState')).toEqual([]);
    await lobby.release();
    lobby.clock.advance(250);
    expect(ada.link.all('subscriptionState').map(({ states }) => states)).toEqual([
      // The client has yet to build its side.
      [{ publicationId, status: 'active' }],
    ]);
  });

  test('the state of one that was made anew is told anew', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    const bob = await lobby.join('bob');
    const { publicationId } = await bob.participant.publish(camera());
    await settled();
    const flow = () => {
      lobby.engine.consumers[0]?.tellState({ layers: undefined, producerSends: true });
      lobby.clock.advance(250);
    };
    flow();
    flow();
    expect(ada.link.all('subscriptionState')).toHaveLength(1);
    ada.room.setView(ada.participant, { version: 1, view: { videos: [] } });
    lobby.clock.advance(10_000);
    ada.room.setView(ada.participant, { version: 2, view: 'auto' });
    await settled();
    flow();
    expect(ada.link.all('subscriptionState').map(({ states }) => states[0])).toEqual([
      { publicationId, status: 'active' },
      { publicationId, status: 'hidden' },
      { publicationId, status: 'active' },
    ]);
  });

  test('what cannot be decoded is said after the answer to the join, however long that takes', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    const rtpParameters = fakeVideoParameters(1, 'AV1');
    const { publicationId } = await ada.participant.publish({ ...camera(), rtpParameters });
    await ada.participant.publish(microphone());
    lobby.hold(/consume/);
    const link = lobby.hall.link();
    const bob = lobby.join('bob', { recvRtpCapabilities: fakeCapabilities(['VP8']) }, link);
    await settled();
    lobby.clock.advance(1000);
    expect(link.received).toEqual([]);
    await lobby.release();
    expect((await bob).answer.subscriptions.map(({ kind }) => kind)).toEqual(['audio']);
    lobby.clock.advance(250);
    expect(link.all('subscriptionState').map(({ states }) => states)).toEqual([
      [{ publicationId, status: 'cannot-decode' }],
    ]);
  });

  test('what comes during a join does not hold up its answer, and video of it waits for the client', async () => {
    const lobby = new Lobby();
    const ada = await lobby.join('ada');
    const first = await ada.participant.publish(camera());
    lobby.hold(/consume/);
    const joining = lobby.join('bob');
    await settled();
    const later = await ada.participant.publish(camera());
    await lobby.release(0);
    const { answer, link } = await joining;
    const flows = { publicationId: first.publicationId, waiting: false };
    expect(answer.subscriptions).toMatchObject([flows]);
    await lobby.release();
    const waits = { publicationId: later.publicationId, waiting: true };
    expect(link.all('subscriptionsAdded')).toMatchObject([{ subscriptions: [waits] }]);
  });
});

describe('views', () => {
  test('an older version, or the same with other content, is refused; the same again is not', async () => {
    const lobby = new Lobby();
    const { room, participant } = await lobby.join('ada');
    const view = { videos: [] };
    expect(room.setView(participant, { version: 2, view })).toEqual({ version: 2 });
    expect(room.setView(participant, { version: 2, view })).toEqual({ version: 2 });
    const conflict = expect.objectContaining({ code: 'conflict' });
    expect(() => room.setView(participant, { version: 2, view: 'auto' })).toThrow(conflict);
    expect(() => room.setView(participant, { version: 1, view })).toThrow(conflict);
    expect(room.setView(participant, { version: 7, view: 'auto' })).toEqual({ version: 7 });
  });
});
