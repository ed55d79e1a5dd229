import { once } from 'node:events';
import { connect } from 'node:net';
import { SignJWT } from 'jose';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { protocolVersion } from '../../src/protocol/index.ts';
import { RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();

/** The error that a handshake is refused with. */
async function refusal(auth: Record<string, unknown>, namespace = ''): Promise<{ message: string; data?: unknown }> {
  const socket = io(`${stage.server.url}${namespace}`, {
    auth,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  try {
    return await new Promise((resolve, reject) => {
      socket.once('connect_error', resolve);
      socket.once('connect', () => reject(new Error('the handshake was taken')));
    });
  } finally {
    socket.disconnect();
  }
}

const unauthorized = { data: { code: 'unauthorized', message: expect.stringMatching(/token/) } };

test.each<[string, Record<string, unknown>]>([
  ['no token', {}],
  ['null', { token: null }],
  ['an empty one', { token: '' }],
  ['an object', { token: { $ne: '' } }],
  ['garbage', { token: 'garbage' }],
  ['three dots', { token: 'a.b.c' }],
  ['60 kB', { token: 'x'.repeat(60_000) }],
  ['a control character', { token: 'a\u0000b' }],
])('a handshake without a good token is refused: %s', async (_what, auth) => {
  expect(await refusal(auth)).toMatchObject(unauthorized);
});

async function signed(claims: Record<string, unknown>, { secret = testSecret, alg = 'HS256' } = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ room: 'here', sub: 'ada', aud: 'plenum', iat: now, nbf: now, exp: now + 60, ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}

const hourAgo = Math.floor(Date.now() / 1000) - 3600;

test.each<[string, () => Promise<string>]>([
  ['expired', () => signed({ nbf: hourAgo, exp: hourAgo + 60 })],
  ['not yet valid', () => signed({ nbf: hourAgo + 7200, exp: hourAgo + 9000 })],
  ['without an end', () => signed({ exp: undefined })],
  ['for another audience', () => signed({ aud: 'elsewhere' })],
  ['without an audience', () => signed({ aud: undefined })],
  ['without a room', () => signed({ room: undefined })],
  ['for a room that cannot be', () => signed({ room: '../here' })],
  ['without an identity', () => signed({ sub: undefined })],
  ['with control characters in the identity', () => signed({ sub: 'a\u0000' })],
  ['with a display name of 60 kB', () => signed({ name: 'x'.repeat(60_000) })],
  ['with control characters in the name', () => signed({ name: 'a\u202e' })],
  ['signed with another secret', () => signed({}, { secret: 'x'.repeat(32) })],
  ['signed with another algorithm', () => signed({}, { alg: 'HS512', secret: testSecret.repeat(2) })],
  [
    'not signed',
    async () => {
      const [, claims] = (await signed({})).split('.');
      return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`;
    },
  ],
  ['cut short', async () => (await signed({})).slice(0, -2)],
])('a token that is %s opens nothing', async (_what, token) => {
  const error = await refusal({ token: await token() });
  expect(error).toMatchObject({ data: { code: 'unauthorized', message: expect.stringMatching(/token/) } });
  expect(JSON.stringify(error)).not.toContain(testSecret);
});

test('an expired token is said to be expired', async () => {
  const token = await signed({ nbf: hourAgo, exp: hourAgo + 60 });
  expect((await refusal({ token })).message).toMatch(/expired/);
});

test('clocks that differ by half a minute do no harm; of 90 s the refusal says that it is the clock', async () => {
  const clockOf = (seconds: number) => {
    const made = Math.floor(Date.now() / 1000) + seconds;
    return signed({ iat: made, nbf: made, exp: made + 60 });
  };
  for (const seconds of [30, -30]) {
    const client = await RawClient.connect(stage.server.url, await clockOf(seconds));
    expect(await client.next('welcome')).toMatchObject({ identity: 'ada' });
    client.close();
  }
  const ahead = await refusal({ token: await clockOf(90) });
  expect(ahead).toMatchObject({
    data: { code: 'unauthorized', message: expect.stringMatching(/not valid yet.*clock/) },
  });
  const behind = await refusal({ token: await clockOf(-150) });
  expect(behind).toMatchObject({ data: { code: 'unauthorized', message: expect.stringMatching(/expired.*clock/) } });
});

test('a token opens its own room only, whatever else the client sends', async () => {
  const token = await createAccessToken(testSecret, { room: 'mine', identity: 'ada' });
  const ada = await RawClient.connect(stage.server.url, token, { room: 'other', identity: 'bob' });
  expect(await ada.next('welcome')).toMatchObject({ room: 'mine', identity: 'ada' });
  expect((await ada.join()).room).toMatchObject({ room: 'mine', participants: [{ identity: 'ada' }] });
  ada.close();
});

test('another version of the protocol is refused, the same is taken', async () => {
  const token = await stage.server.token('version', 'ada');
  for (const version of [0, protocolVersion + 1, 1e9]) {
    const error = await refusal({ token, protocolVersion: version });
    expect(error).toMatchObject({
      data: { code: 'other-version', message: expect.stringMatching(/load the page again/) },
    });
  }
  const ada = await RawClient.connect(stage.server.url, token, { protocolVersion });
  expect(await ada.next('welcome')).toMatchObject({ protocolVersion });
  ada.close();
});

test.each(['1', 1.5, null, {}])('a version that is no whole number is refused as such: %j', async (version) => {
  const token = await stage.server.token('version', 'ada');
  const error = await refusal({ token, protocolVersion: version });
  expect(error).toMatchObject({ data: { code: 'bad-request', message: expect.stringMatching(/protocolVersion/) } });
});

test('there is no other namespace', async () => {
  const token = await stage.server.token('version', 'ada');
  expect((await refusal({ token }, '/admin')).message).toMatch(/namespace/i);
});

test('a client that has only polling gets in too', async () => {
  const token = await stage.server.token('polling', 'ada');
  const socket = io(stage.server.url, {
    auth: { token },
    transports: ['polling'],
    forceNew: true,
    reconnection: false,
  });
  await new Promise((resolve) => socket.once('welcome', resolve));
  const answer = await socket.timeout(5000).emitWithAck('sendChat', {});
  expect(answer).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  socket.disconnect();
});

test('a connection on which a request is never complete is closed within 5 s', async () => {
  const { hostname, port } = new URL(stage.server.url);
  const starts = ['', 'GET /health HTTP/1.1\r\n', 'POST /api/token HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{'];
  const since = Date.now();
  const held = starts.map(async (start) => {
    const socket = connect(Number(port), hostname);
    socket.write(start);
    socket.resume();
    await once(socket, 'close');
    return Date.now() - since;
  });
  for (const after of await Promise.all(held)) {
    expect(after).toBeLessThan(5000);
    expect(after).toBeGreaterThan(3500);
  }
});

test('sockets that never say who they are hold nothing, and are closed within 5 s', async () => {
  const url = `${stage.server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const since = Date.now();
  const silent = new WebSocket(url);
  const answering = new WebSocket(url);
  // Answers the heartbeats of engine.io, and never says CONNECT.
  answering.onmessage = ({ data }) => {
    if (data === '2') answering.send('3');
  };
  const closed = [silent, answering].map(
    (socket) => new Promise((resolve) => socket.addEventListener('close', resolve)),
  );
  await waitFor('both to be there', () => stage.server.app.gateway.sockets === 2);
  expect(stage.server.app.registry.participants).toBe(0);
  await Promise.all(closed);
  expect(Date.now() - since).toBeLessThan(5000);
  expect(Date.now() - since).toBeGreaterThan(3500);
});
