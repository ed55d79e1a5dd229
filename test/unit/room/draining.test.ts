import { expect, test } from 'vitest';
import { Lobby, settled } from '../../support/Lobby.ts';

const draining = expect.objectContaining({ code: 'draining' });

test('a registry that drains takes people into the rooms that it has, tells each of them, and makes no other', async () => {
  const lobby = new Lobby({ roomGraceMs: 5000 });
  const ada = await lobby.join('ada');
  let drained = false;
  void lobby.registry.drain(60_000).then(() => {
    drained = true;
  });
  expect(ada.link.all('draining')).toMatchObject([{ until: 60_000 }]);
  expect(() => lobby.registry.getOrCreate('another')).toThrow(draining);
  const bob = await lobby.join('bob');
  expect(bob.room).toBe(ada.room);
  expect(bob.link.all('draining')).toMatchObject([{ until: 60_000 }]);
  lobby.clock.advance(59_000);
  ada.participant.close('left');
  lobby.clock.advance(0);
  await settled();
  expect(drained).toBe(false);
  // Nobody is waited for who may come back: the room ends with its last participant.
  bob.participant.close('left');
  lobby.clock.advance(0);
  await settled();
  expect(drained).toBe(true);
  expect(() => lobby.registry.getOrCreate('room')).toThrow(draining);
  expect([...lobby.engine.open]).toEqual([]);
});

test('who is on the way in is waited for, and told once, when the join is answered', async () => {
  const lobby = new Lobby();
  lobby.hold(/create transport/);
  const joining = lobby.join('ada');
  await settled();
  let drained = false;
  void lobby.registry.drain(1000).then(() => {
    drained = true;
  });
  lobby.clock.advance(10);
  await settled();
  expect(drained).toBe(false);
  await lobby.release();
  const ada = await joining;
  expect(ada.link.all('draining')).toMatchObject([{ until: 1000 }]);
  ada.participant.close('left');
  lobby.clock.advance(0);
  await settled();
  expect(drained).toBe(true);
});

test('with nobody in any room it is over at once', async () => {
  const empty = new Lobby();
  await empty.registry.drain(1000);
  const deserted = new Lobby({ roomGraceMs: 5000 });
  (await deserted.join('ada')).participant.close('left');
  const drained = deserted.registry.drain(1000);
  deserted.clock.advance(0);
  await drained;
  expect(deserted.registry.rooms).toEqual([]);
});
