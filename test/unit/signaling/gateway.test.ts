import { once } from 'node:events';
import { expect, test } from 'vitest';
import { FakeClock } from '../../support/FakeClock.ts';
import { ask, closing, connect, open } from '../../support/gatewayStage.ts';
import { requestExamples } from '../../support/requestExamples.ts';
import { waitFor } from '../../support/waitFor.ts';
import { wideLimits } from '../../support/wideLimits.ts';

/** What comes over real sockets, with nothing behind them that costs much. */

interface Refusal extends Error {
  data?: unknown;
}

async function refusal(port: number, token: string, auth = {}, from = '127.0.0.1'): Promise<Refusal> {
  const error: unknown = await connect(port, token, from, auth).catch((reason: unknown) => reason);
  if (error instanceof Error) return error;
  throw new Error('it was let in');
}

const limited = { code: 'rate-limited', message: expect.any(String), retryAfterMs: expect.any(Number) };
const tiny = { perSecond: 1, burst: 2 };

test('requests are answered as ever', async () => {
  const { port } = await open();
  const ada = await connect(port, 'room.ada');
  expect(await ask(ada, 'sendChat', requestExamples.sendChat())).toMatchObject({ error: { code: 'wrong-phase' } });
  expect(await ask(ada, 'nonsense', {})).toMatchObject({ error: { code: 'unknown-request' } });
});

test('a socket that asks too much is refused with when to try again, and is heard after that; others notice nothing', async () => {
  const { port } = await open({ limitRequests: { ...wideLimits.limitRequests, socket: tiny } });
  const [ada, bob] = await Promise.all([connect(port, 'room.ada'), connect(port, 'room.bob')]);
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(ada, 'nonsense', {})));
  expect(answers.map(({ error }) => error.code)).toEqual([
    'unknown-request',
    'unknown-request',
    'rate-limited',
    'rate-limited',
    'rate-limited',
  ]);
  expect(answers.at(-1)).toEqual({ ok: false, error: limited });
  expect(await ask(bob, 'nonsense', {})).toMatchObject({ error: { code: 'unknown-request' } });
  // Exactly as long as it was told to wait.
  await new Promise((resolve) => setTimeout(resolve, answers.at(-1).error.retryAfterMs));
  expect(await ask(ada, 'nonsense', {})).toMatchObject({ error: { code: 'unknown-request' } });
});

test('a socket that goes on all the same is disconnected, and only that one', async () => {
  const { port, gateway } = await open({ limitRequests: { ...wideLimits.limitRequests, socket: tiny } });
  const [ada, bob] = await Promise.all([connect(port, 'room.ada'), connect(port, 'room.bob')]);
  for (let index = 0; index < 200; index += 1) ada.emit('nonsense', {});
  expect(await new Promise((resolve) => ada.once('disconnect', resolve))).toBe('io server disconnect');
  expect(bob.connected).toBe(true);
  await waitFor('one socket', () => gateway.sockets === 1);
});

test('too many connections of one address are told so, then nothing; others come in', async () => {
  // So slow that none is forgiven while the test runs.
  const address = { perSecond: 0.001, burst: 10 };
  const { port, verified } = await open({ limitConnects: { ...wideLimits.limitConnects, address } });
  for (let index = 0; index < 10; index += 1) (await connect(port, `room.p${index}`)).disconnect();
  const told = await refusal(port, 'room.late');
  expect(told.data).toEqual({ ...limited, message: 'too many connections in too short a time' });
  expect((await refusal(port, 'room.later')).data).toBeUndefined();
  expect(verified(), 'the tokens of those were not looked at').toBe(10);
  const before = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`);
  expect([before.status, await before.json()]).toEqual([403, { code: 4, message: 'Too many connections' }]);
  await connect(port, 'room.other', '127.0.0.2');
});

test('too many connections of one person', async () => {
  const identity = { perSecond: 0.001, burst: 2 };
  const { port } = await open({ limitConnects: { ...wideLimits.limitConnects, identity } });
  for (let index = 0; index < 2; index += 1) await connect(port, 'room.ada');
  expect((await refusal(port, 'room.ada')).data).toMatchObject({ code: 'rate-limited' });
  await connect(port, 'room.bob');
});

test('more connections at a time than one address may have are told so; who goes makes place; others come in', async () => {
  // Half of them for those who have not joined.
  const { port, gateway } = await open({ maxAddressSockets: 5 });
  const [first] = await Promise.all(['ada', 'bob', 'eve'].map((name) => connect(port, `room.${name}`)));
  const told = await refusal(port, 'room.late');
  expect(told.data).toEqual({ ...limited, message: 'too many connections of your address at a time' });
  await connect(port, 'room.other', '127.0.0.2');
  await waitFor('the one that was refused to go', () => gateway.sockets === 4);
  first?.disconnect();
  await waitFor('one to go', () => gateway.sockets === 3);
  await connect(port, 'room.late');
});

test('who joins makes place for newcomers of its address, and who comes back has a place', async () => {
  const { port } = await open({ maxAddressSockets: 3, resumeGrace: 60 });
  const people = await Promise.all(['ada', 'bob'].map((name) => connect(port, `room.${name}`)));
  expect((await refusal(port, 'room.eve')).data).toEqual({
    ...limited,
    message: expect.stringMatching(/your address/),
  });
  for (const each of people) expect(await ask(each, 'join', requestExamples.join())).toMatchObject({ ok: true });
  const eve = await connect(port, 'room.eve');
  expect(await ask(eve, 'join', requestExamples.join())).toMatchObject({ ok: true });
  expect((await refusal(port, 'room.late')).data).toMatchObject({ code: 'rate-limited' });
  const key = (await eve.welcome).resumeKey;
  const back = await connect(port, 'room.eve', undefined, { resume: { key, seq: 0, revision: 0 } });
  expect(await back.welcome).toMatchObject({ session: expect.stringMatching(/resumed|snapshot/) });
});

test("the key of a visit that is another's, of another room, or has not begun is no place", async () => {
  const { port, gateway } = await open({ maxAddressSockets: 4, resumeGrace: 60, maxClients: 4 });
  const keyOf = async (who: Awaited<ReturnType<typeof connect>>) => {
    const { resumeKey: key } = await who.welcome;
    return { resume: { key, seq: 0, revision: 0 } };
  };
  const ada = await connect(port, 'room.ada');
  expect(await ask(ada, 'join', requestExamples.join())).toMatchObject({ ok: true });
  const [joined, waiting] = [await keyOf(ada), await keyOf(await connect(port, 'room.bob'))];
  await connect(port, 'room.cid');
  const tries: [token: string, auth: object][] = [
    ['room.eve', joined],
    ['other.ada', joined],
    ['room.bob', waiting],
    ['room.eve', waiting],
  ];
  const crowded = { ...limited, message: expect.stringMatching(/your address/) };
  for (const [token, auth] of tries) expect((await refusal(port, token, auth)).data, token).toEqual(crowded);
  await waitFor('those who were refused to go', () => gateway.sockets === 3);
  await connect(port, 'room.dan', '127.0.0.2');
  for (const [index, [token, auth]] of tries.entries()) {
    const { data } = await refusal(port, token, auth, `127.0.0.${3 + index}`);
    expect(data, token).toMatchObject({ code: 'server-full' });
  }
  const back = await connect(port, 'room.ada', undefined, joined);
  expect(await back.welcome).toMatchObject({ session: expect.stringMatching(/resumed|snapshot/) });
});

test('more connections at a time than one person may have for a room', async () => {
  const { port, gateway } = await open({ maxIdentitySockets: 2 });
  const [first] = await Promise.all([connect(port, 'room.ada'), connect(port, 'room.ada')]);
  expect((await refusal(port, 'room.ada')).data).toEqual({ ...limited, message: expect.stringMatching(/same person/) });
  // In another room the identity may be somebody else.
  await connect(port, 'other.ada');
  await connect(port, 'room.bob');
  first?.disconnect();
  await waitFor('one to go', () => gateway.sockets === 3);
  await connect(port, 'room.ada');
});

test('who is connected and never joins is disconnected after a time, who has joined is not', async () => {
  const clock = new FakeClock();
  const { port, gateway } = await open({ prepareTimeout: 60, clock });
  const [ada, bob] = await Promise.all([connect(port, 'room.ada'), connect(port, 'room.bob')]);
  expect(await ask(bob, 'join', requestExamples.join())).toMatchObject({ ok: true });
  clock.advance(59_999);
  await ask(ada, 'nonsense', {});
  expect(gateway.sockets).toBe(2);
  const gone = new Promise((resolve) => ada.once('disconnect', resolve));
  clock.advance(1);
  expect(await gone).toBe('io server disconnect');
  clock.advance(600_000);
  expect(await ask(bob, 'raiseHand', requestExamples.raiseHand())).toMatchObject({ ok: true });
});

/** Speaks engine.io by hand; resolves to what came until the connection was closed. */
async function raw(port: number, frames: readonly (string | Uint8Array<ArrayBuffer>)[]): Promise<string[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  closing.push(() => socket.close());
  const heard: string[] = [];
  const closed = new Promise<string[]>((resolve) => socket.addEventListener('close', () => resolve(heard)));
  socket.addEventListener('message', ({ data }) => {
    heard.push(String(data));
    // The answer to CONNECT.
    if (String(data).startsWith('42')) for (const frame of frames) socket.send(frame);
  });
  await once(socket, 'open');
  socket.send('40{"token":"room.ada"}');
  return closed;
}

test.each<[string, (string | Uint8Array<ArrayBuffer>)[]]>([
  ['an event with attachments', ['4510-["publish",{"_placeholder":true,"num":0}]', new Uint8Array(1000)]],
  ['an attachment', [new Uint8Array(1000)]],
  ['an acknowledgement', ['430[{}]']],
  ['a second handshake', ['40{"token":"room.bob"}']],
  ['another namespace', ['40/admin,{}']],
  ['an event with a number for a name', ['42[1,{}]']],
  ['what is too large', [`42["nonsense","${'x'.repeat(140_000)}"]`]],
])('what no client sends closes the connection: %s', async (_what, frames) => {
  const { port, gateway, verified } = await open();
  const heard = await raw(port, frames);
  expect(heard.filter((message) => message.startsWith('42')).map((message) => message.slice(0, 11))).toEqual([
    '42["welcome',
  ]);
  expect(heard.join()).not.toMatch(/Error|at .*:\d+:\d+/);
  expect(verified()).toBe(1);
  await waitFor('no socket', () => gateway.sockets === 0);
});

test('so many requests of one participant are worked on at a time; leaving is always heard', async () => {
  const { port, lobby } = await open({ maxPending: 2 });
  const [ada, bob] = await Promise.all([connect(port, 'room.ada'), connect(port, 'room.bob')]);
  for (const socket of [ada, bob]) {
    expect(await ask(socket, 'join', requestExamples.join())).toMatchObject({ ok: true });
  }
  lobby.hold(/./);
  const waiting = [1, 2].map(() => ask(ada, 'publish', requestExamples.publish()));
  await waitFor('both to be worked on', () => lobby.held.length === 2);
  expect(await ask(ada, 'publish', requestExamples.publish())).toEqual({ ok: false, error: limited });
  expect(await ask(bob, 'raiseHand', requestExamples.raiseHand())).toMatchObject({ ok: true });
  lobby.hold(/nothing/);
  await lobby.release();
  expect(await Promise.all(waiting)).toMatchObject([{ ok: true }, { ok: true }]);
  expect(await ask(ada, 'publish', requestExamples.publish())).toMatchObject({ ok: true });
  expect(await ask(ada, 'leave', {})).toMatchObject({ ok: true });
});

test('data counts together for those in one room, whatever their sockets', async () => {
  const room = { perSecond: 0.001, burst: 4 };
  const { port, lobby } = await open({ limitData: { ...wideLimits.limitData, room } });
  for (const token of ['one.ada', 'one.bob', 'two.eve']) {
    expect(await ask(await connect(port, token), 'join', requestExamples.join())).toMatchObject({ ok: true });
  }
  const people = lobby.registry.rooms.flatMap(({ participants }) => participants);
  const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) => people.find(({ identity }) => identity === name)?.link);
  ada?.dataLimit.take(4);
  expect(bob?.dataLimit.waitMs(1)).toBeGreaterThan(900_000);
  expect(eve?.dataLimit.waitMs(1)).toBe(0);
});

test('pages of listed origins may connect, by polling as well; others get a constant refusal', async () => {
  const { port } = await open({ allowedOrigins: ['https://app.example.org'] });
  const poll = async (origin: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
    return [answer.status, answer.headers.get('access-control-allow-origin'), (await answer.text()).slice(0, 60)];
  };
  expect(await poll('https://app.example.org')).toEqual([200, 'https://app.example.org', expect.any(String)]);
  const refused = [403, null, '{"code":4,"message":"Origin not allowed"}'];
  expect(await poll('https://app.example.org.evil.example')).toEqual(refused);
  expect(await poll('null')).toEqual(refused);
  expect((await poll(`http://127.0.0.1:${port}`)).slice(0, 2)).toEqual([200, null]);
});
