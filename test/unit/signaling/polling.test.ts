import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';
import { ask, closing, open } from '../../support/gatewayStage.ts';
import { requestExamples } from '../../support/requestExamples.ts';
import { wideLimits } from '../../support/wideLimits.ts';

/** engine.io's polling, for those whose network lets no WebSocket through. */

const path = '/socket.io/?EIO=4&transport=polling';

async function session(port: number) {
  const url = `http://127.0.0.1:${port}${path}`;
  const opened = await (await fetch(url)).text();
  return `${url}&sid=${JSON.parse(opened.slice(1)).sid}`;
}

/** Everything that is sent goes on being sent, whatever is answered. */
function post(url: string, headers: Record<string, string>) {
  const request = httpRequest(url, { method: 'POST', headers });
  closing.push(() => request.destroy());
  request.flushHeaders();
  return request;
}

test('who has polling only joins, asks and leaves, and stays with it', async () => {
  const { port, lobby } = await open();
  const socket = io(`http://127.0.0.1:${port}`, {
    auth: { token: 'room.ada' },
    transports: ['polling', 'websocket'],
    forceNew: true,
    reconnection: false,
  });
  closing.push(() => socket.disconnect());
  await new Promise((resolve) => socket.once('welcome', resolve));
  expect(await ask(socket, 'join', requestExamples.join())).toMatchObject({ ok: true });
  expect(await ask(socket, 'raiseHand', requestExamples.raiseHand())).toMatchObject({ ok: true });
  expect(socket.io.engine.transport.name).toBe('polling');
  expect(await ask(socket, 'leave', {})).toMatchObject({ ok: true });
  expect(lobby.registry.participants).toBe(0);
});

test('its requests count by address, with an id of a connection as well; others go on', async () => {
  const address = { perSecond: 0.001, burst: 5 };
  const { port } = await open({ limitPolling: { ...wideLimits.limitPolling, address } });
  const url = await session(port);
  const statuses: number[] = [];
  for (let index = 0; index < 6; index += 1) {
    const answer = await fetch(url, { method: 'POST', body: '6' });
    statuses.push(answer.status);
    if (answer.status !== 429) continue;
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toEqual({ code: 4, message: 'Too many requests' });
  }
  expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
  const elsewhere = httpRequest({ host: '127.0.0.1', port, path, localAddress: '127.0.0.2' }).end();
  const [answer] = await once(elsewhere, 'response');
  expect(answer.statusCode).toBe(200);
  answer.resume();
});

test('a body that is too large is refused before it comes, and the connection is closed', async () => {
  const { port } = await open();
  const request = post(await session(port), { 'content-length': '200000', 'content-type': 'text/plain' });
  const closed = new Promise((resolve) => request.once('close', resolve));
  const [answer] = await once(request, 'response');
  expect(answer.statusCode).toBe(413);
  answer.resume();
  request.on('error', () => undefined);
  await closed;
});

test('one that does not say how large it is ends where the largest ends', async () => {
  const { port } = await open();
  const request = post(await session(port), { 'content-type': 'text/plain' });
  const closed = new Promise((resolve) => request.once('close', resolve));
  request.on('error', () => undefined);
  const answered = once(request, 'response');
  for (let index = 0; index < 3; index += 1) request.write('x'.repeat(60_000));
  const [answer] = await answered;
  expect(answer.statusCode).toBe(413);
  answer.resume();
  await closed;
});

test.each([
  ['PUT', '', 405],
  ['DELETE', '', 405],
  ['OPTIONS', '', 405],
  ['GET', '&j=0', 400],
  ['GET', '&%6a=0', 400],
])('no client asks like that: %s %s', async (method, more, status) => {
  const { port, gateway } = await open();
  const answer = await fetch(`http://127.0.0.1:${port}${path}${more}`, { method });
  expect([answer.status, await answer.json()]).toEqual([status, { code: 3, message: 'Bad request' }]);
  expect(gateway.sockets).toBe(0);
});

test('pages of other sites are not answered with an id of a connection either; listed ones may ask first', async () => {
  const { port } = await open({ allowedOrigins: ['https://app.example.org'] });
  const url = await session(port);
  const evil = await fetch(url, { method: 'POST', body: '6', headers: { origin: 'https://evil.example' } });
  expect([evil.status, await evil.text()]).toEqual([403, '{"code":4,"message":"Origin not allowed"}']);
  const headers = { origin: 'https://app.example.org', 'access-control-request-method': 'POST' };
  const asked = await fetch(url, { method: 'OPTIONS', headers });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, 'https://app.example.org']);
  const sent = await fetch(url, { method: 'POST', body: '6', headers });
  expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example.org']);
  expect(sent.headers.get('x-content-type-options')).toBe('nosniff');
});

test('a connection that was begun by polling becomes no WebSocket', async () => {
  const { port } = await open();
  const { searchParams } = new URL(await session(port));
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const heard: string[] = [];
  socket.on('data', (bytes) => heard.push(String(bytes)));
  socket.write(
    [
      `GET /socket.io/?EIO=4&transport=websocket&sid=${searchParams.get('sid')} HTTP/1.1`,
      'Host: a',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '',
      '',
    ].join('\r\n'),
  );
  await once(socket, 'close');
  expect(heard).toEqual([]);
});
