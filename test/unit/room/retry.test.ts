import { expect, test } from 'vitest';
import { camera, Lobby, settled } from '../../support/Lobby.ts';

/** What the worker refuses to do for a subscription. */

test('a consumer that could not be made is tried again by itself, and less and less often', async () => {
  const lobby = new Lobby();
  const ada = await lobby.join('ada');
  const bob = await lobby.join('bob');
  lobby.hold(/consume/);
  const { publicationId } = await ada.participant.publish(camera());
  await lobby.fail();
  for (const wait of [1000, 2000, 4000]) {
    lobby.clock.advance(wait - 1);
    expect(lobby.held).toEqual([]);
    lobby.clock.advance(1);
    expect(lobby.held).toHaveLength(1);
    if (wait < 4000) await lobby.fail();
  }
  await lobby.release();
  const added = bob.link.all('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
  expect(added).toMatchObject([{ publicationId, waiting: true }]);
});

test('what is no longer wanted is not tried again', async () => {
  const lobby = new Lobby();
  const ada = await lobby.join('ada');
  const bob = await lobby.join('bob');
  lobby.hold(/consume/);
  await ada.participant.publish(camera());
  await lobby.fail();
  bob.room.setView(bob.participant, { version: 1, view: { videos: [] } });
  lobby.clock.advance(60_000);
  expect(lobby.held).toEqual([]);
});

test('a start that failed is tried again when the client asks again', async () => {
  const lobby = new Lobby();
  const ada = await lobby.join('ada');
  const bob = await lobby.join('bob');
  await ada.participant.publish(camera());
  await settled();
  const [consumer] = lobby.engine.consumers;
  const ids = [consumer?.id ?? ''];
  lobby.hold(/resume/);
  const first = bob.participant.subscriptions.start(ids);
  await settled();
  await lobby.fail();
  await first;
  expect(consumer?.paused).toBe(true);
  const second = bob.participant.subscriptions.start(ids);
  await settled();
  await lobby.release();
  await second;
  expect(consumer?.paused).toBe(false);
});
