import { expect, test } from 'vitest';
import { ask, connect, open } from '../../support/gatewayStage.ts';
import { arrive, enter } from '../../support/rawEntrance.ts';
import { requestExamples } from '../../support/requestExamples.ts';
import { waitFor } from '../../support/waitFor.ts';

/** Over real sockets: what waits to be read, of those who are in, who go, and who have not said yet who they are. */

async function join(port: number, token: string) {
  const { socket } = await enter(port, token);
  const joined = new Promise<void>((resolve) => {
    socket.onText = (text) => text.startsWith('430[{"ok":true') && resolve();
  });
  socket.send([`420${JSON.stringify(['join', requestExamples.join()])}`]);
  await joined;
  return socket;
}

/** Sockets from several addresses, each of which has more to be read than is read in some turns of the event loop. */
async function crowd(port: number, most: number) {
  const places = Array.from({ length: 9 }, (_, index) => `127.0.0.${index + 10}`);
  const sockets = await Promise.all(places.map((place) => enter(port, `crowd.${place.replaceAll('.', '-')}`, place)));
  return () => {
    for (const { socket } of sockets) socket.send(Array.from({ length: most }, () => '42["nonsense",{}]'));
  };
}

test.each([
  ['leaves', '42["leave",{}]', 'left'],
  ['says goodbye', '41', 'disconnected'],
])(
  'who %s right before its socket is closed has gone, however much waits; what it said before is heard',
  async (_what, goodbye, reason) => {
    const { port, lobby } = await open({ resumeGrace: 60 });
    const ada = await join(port, 'room.ada');
    const participant = lobby.registry.rooms[0]?.participants.find(({ identity }) => identity === 'ada');
    const gone = new Promise((resolve) => participant?.on('closed', resolve));
    const makeNoise = await crowd(port, 500);
    makeNoise();
    const texts = Array.from({ length: 12 }, (_, index) => `${index}`);
    ada.send([...texts.map((text) => `42["sendChat",{"requestId":"chat-${text}","text":"${text}"}]`), goodbye]);
    ada.close();
    expect(await gone).toBe(reason);
    const said = lobby.hall.announced.filter(({ name }) => name === 'chat');
    expect(said.map(({ payload }) => payload)).toEqual(texts.map((text) => expect.objectContaining({ text })));
  },
);

test('of who breaks off with much that waits nothing but the goodbye is read', async () => {
  const { port, lobby } = await open({ resumeGrace: 60 });
  const ada = await join(port, 'room.ada');
  const participant = lobby.registry.rooms[0]?.participants[0];
  const gone = new Promise((resolve) => participant?.on('closed', resolve));
  const makeNoise = await crowd(port, 500);
  makeNoise();
  const said = '42["sendChat",{"requestId":"chat","text":"too late"}]';
  ada.send([...Array.from({ length: 300 }, () => '42["nonsense",{}]'), said, '42["leave",{}]']);
  ada.close();
  expect(await gone).toBe('left');
  expect(lobby.hall.announced.filter(({ name }) => name === 'chat')).toEqual([]);
});

test('who sends more in one go than may wait is disconnected, and nobody else', async () => {
  const { port, gateway } = await open({ maxWaiting: 50 });
  const bob = await connect(port, 'room.bob');
  const ada = await enter(port, 'room.ada');
  ada.socket.send(Array.from({ length: 400 }, () => '42["nonsense",{}]'));
  await ada.closed;
  expect(await ask(bob, 'nonsense', {})).toMatchObject({ error: { code: 'unknown-request' } });
  await waitFor('one socket', () => gateway.sockets === 1);
});

test('who sends as much as may wait in one go is answered all of it', async () => {
  const { port } = await open({ maxWaiting: 50 });
  const ada = await connect(port, 'room.ada');
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(ada, 'nonsense', {})));
  expect(answers).toHaveLength(50);
});

test.each([
  ['a request', '42["leave",{}]'],
  ['a goodbye', '41'],
  ['another handshake', '40{"token":"room.ada"}'],
])('who has not been let in yet may send nothing but who it is: %s', async (_what, packet) => {
  const { promise: verified, resolve: verify } = Promise.withResolvers<void>();
  let looked = 0;
  const { port, gateway } = await open({
    verifyToken: async () => {
      looked += 1;
      await verified;
      throw new Error('nobody waits for this any more');
    },
  });
  const { socket, closed } = await arrive(port);
  socket.send(['40{"token":"room.ada"}']);
  await waitFor('its token to be looked at', () => looked === 1);
  socket.send([packet]);
  await closed;
  await waitFor('no socket', () => gateway.sockets === 0);
  verify();
  expect(looked).toBe(1);
});

test('those who say who they are take turns by address', async () => {
  const tokens: string[] = [];
  const { port } = await open({
    verifyToken: async (token) => {
      tokens.push(token);
      throw new Error('nobody is let in');
    },
  });
  const strangers = await Promise.all(Array.from({ length: 200 }, () => arrive(port, '127.0.0.2')));
  const person = await arrive(port, '127.0.0.3');
  for (const { socket } of strangers) socket.send(['40{"token":"stranger"}']);
  person.socket.send(['40{"token":"person"}']);
  await waitFor('all to be looked at', () => tokens.length === 201);
  // Those that were read before anybody of another address was there, and one turn of the event loop.
  expect(tokens.indexOf('person')).toBeLessThan(100);
});
