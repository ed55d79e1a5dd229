import { expect, test } from 'vitest';
import { FakeClock } from '../../support/FakeClock.ts';
import { ask, connect, open } from '../../support/gatewayStage.ts';
import { arrive, enter } from '../../support/rawEntrance.ts';
import { waitFor } from '../../support/waitFor.ts';

/** Over real sockets: what a client sends that is no message. */

const times = <T>(count: number, what: T): T[] => Array.from({ length: count }, () => what);

test.each([
  ['answers to heartbeats', '3'],
  ['packets without a meaning', '6'],
])(
  '%s that nobody asked for close the connection, also of somebody who has not said who it is',
  async (_what, packet) => {
    const { port, gateway } = await open();
    const bob = await connect(port, 'room.bob');
    const stranger = await arrive(port);
    const ada = await enter(port, 'room.ada');
    for (const { socket, closed } of [stranger, ada]) {
      socket.send(times(200, packet));
      await closed;
    }
    expect(await ask(bob, 'nonsense', {})).toMatchObject({ error: { code: 'unknown-request' } });
    await waitFor('one socket', () => gateway.sockets === 1);
  },
);

test('so do pings of the WebSocket', async () => {
  const { port, gateway } = await open();
  for (const { socket, closed } of [await arrive(port), await enter(port, 'room.ada')]) {
    socket.ping(200);
    await closed;
  }
  await waitFor('no socket', () => gateway.sockets === 0);
});

test('a few of each are taken', async () => {
  const { port } = await open();
  const { socket, closed } = await enter(port, 'room.ada');
  socket.ping(20);
  socket.send([...times(20, '3'), ...times(20, '6')]);
  const answered = new Promise<string>((resolve) => {
    socket.onText = (text) => text.startsWith('431') && resolve('answered');
  });
  socket.send(['421["nonsense",{}]']);
  expect(await Promise.race([answered, closed])).toBe('answered');
});

test('who is told to go and sends on without a goodbye is cut', async () => {
  const { port, gateway } = await open();
  const { socket, closed } = await enter(port, 'room.ada');
  const told = new Promise<void>((resolve) => {
    socket.onGoodbye = resolve;
  });
  socket.send(['41']);
  await told;
  expect(gateway.sockets).toBe(0);
  socket.send(times(400, '42["nonsense",{}]'));
  await closed;
});

test('who is told to go and says nothing more is cut after a moment', async () => {
  const clock = new FakeClock();
  const { port } = await open({ clock });
  const { socket, closed } = await enter(port, 'room.ada');
  const told = new Promise<void>((resolve) => {
    socket.onGoodbye = resolve;
  });
  socket.send(['41']);
  await told;
  clock.advance(3000);
  await closed;
});
