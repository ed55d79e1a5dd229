import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { PlenumApi } from '../../../src/auth/PlenumApi.ts';
import { PlenumApiError } from '../../../src/auth/PlenumApiError.ts';

/** The client beside a server that does what servers and proxies do at bad times. */

interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer = (response: ServerResponse, attempt: number) => void;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serverWith(answer: Answer, options: { retries?: number; timeoutMs?: number } = {}) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    asked.push({ method, path, headers, body: await text(request) });
    answer(response, asked.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, url, api: new PlenumApi({ url, token: 'token', ...options }) };
}

const give =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));

const problem = (code: string, status: number, more = {}) => ({
  ...{ type: `/api/v1/problems/${code}`, title: 'title', status, detail: 'what it was', code, ...more },
});

test('a call says what it is to say, and its answer is parsed', async () => {
  const { api, asked } = await serverWith(give(200, { rooms: [], next: 'abc', newer: 'field' }));
  expect(await api.listRooms({ prefix: 'a', limit: 5 })).toEqual({ rooms: [], next: 'abc' });
  expect(asked).toMatchObject([{ method: 'GET', path: '/api/v1/rooms?prefix=a&limit=5', body: '' }]);
  expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer token' });
  expect(asked[0]?.headers['idempotency-key']).toBeUndefined();
});

test.each(['', '.', '..', '../mute', 'x?y#z', '%2e%2e'])('%j is no name and no id: nothing is asked', async (wrong) => {
  const { api, asked } = await serverWith(give(204, ''));
  const refused = { code: 'bad-request', message: expect.stringMatching(/1 to 64 letters/) };
  // The server would read these as the room as a whole.
  await expect(api.muteParticipant('daily', wrong)).rejects.toMatchObject(refused);
  await expect(api.admit('daily', wrong)).rejects.toMatchObject(refused);
  await expect(api.endRoom(wrong)).rejects.toMatchObject(refused);
  expect(asked).toEqual([]);
});

test('a write has one key over all its attempts, and each write another', async () => {
  const { api, asked } = await serverWith((response, attempt) => {
    if (attempt === 1) response.destroy();
    else if (attempt === 2) give(503, problem('draining', 503), { 'retry-after': '0' })(response, attempt);
    else if (attempt === 3) give(409, problem('idempotency-in-progress', 409, { retryAfterMs: 1 }))(response, attempt);
    else give(204, '')(response, attempt);
  });
  await api.endRoom('x');
  await api.endRoom('x');
  const keys = asked.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(5);
  expect(new Set(keys.slice(0, 4)).size).toBe(1);
  expect(keys[4]).not.toBe(keys[0]);
  await api.endRoom('x', { idempotencyKey: 'mine' });
  expect(asked.at(-1)?.headers['idempotency-key']).toBe('mine');
});

test('the token may be another one in each attempt', async () => {
  const { url, asked } = await serverWith((response, attempt) =>
    give(attempt === 1 ? 429 : 204, attempt === 1 ? problem('rate-limited', 429, { retryAfterMs: 1 }) : '')(
      response,
      attempt,
    ),
  );
  let made = 0;
  const token = async () => {
    made += 1;
    return `token-${made}`;
  };
  await new PlenumApi({ url, token }).endRoom('x');
  expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
});

test.each([400, 401, 403, 404, 409, 422, 500])('%i is not tried again', async (status) => {
  const { api, asked } = await serverWith(give(status, problem('conflict', status)));
  const error = await api.endRoom('x').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PlenumApiError);
  expect(error).toMatchObject({
    status,
    code: 'conflict',
    message: 'what it was',
    problem: problem('conflict', status),
  });
  expect(asked).toHaveLength(1);
});

test('who is to wait for long is told so', async () => {
  const { api, asked } = await serverWith(give(429, problem('rate-limited', 429, { retryAfterMs: 60_000 })));
  await expect(api.listRooms()).rejects.toMatchObject({ status: 429, retryAfterMs: 60_000 });
  expect(asked).toHaveLength(1);
});

test('what comes from a proxy has a code as well', async () => {
  const { api } = await serverWith(give(502, '<html>Bad Gateway</html>'), { retries: 0 });
  await expect(api.listRooms()).rejects.toMatchObject({ status: 502, code: 'internal', problem: undefined });
});

test('after so many attempts it is given up', async () => {
  const { api, asked } = await serverWith((response) => response.destroy(), { retries: 1 });
  await expect(api.listRooms()).rejects.toMatchObject({ code: 'disconnected' });
  expect(asked).toHaveLength(2);
});

test('a server that does not answer is not waited for, and a signal ends it at once', async () => {
  const silent = await serverWith(() => undefined, { retries: 0, timeoutMs: 50 });
  await expect(silent.api.listRooms()).rejects.toMatchObject({ code: 'timeout' });
  const patient = await serverWith(() => undefined);
  await expect(patient.api.listRooms({}, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
    code: 'aborted',
  });
});

test('a redirection is not followed: it would take the token along', async () => {
  const other = await serverWith(give(200, { rooms: [] }));
  const { api, asked } = await serverWith(give(307, '', { location: `${other.url}/api/v1/rooms?x=y` }));
  const error = await api.listRooms().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PlenumApiError);
  expect(error).toMatchObject({
    ...{ status: 307, code: 'bad-request' },
    message: `the server redirects to ${other.url}/api/v1/rooms, which is not followed: give the right address as url`,
  });
  expect([asked.length, other.asked.length]).toEqual([1, 0]);
});

test.each<[string, Answer]>([
  ['another shape', give(200, { planets: [] })],
  ['the page of a proxy', give(200, '<html>Sign in</html>', { 'content-type': 'text/html' })],
  ['nothing', give(200, '')],
])('an answer that is %s is none, and not asked for again', async (_, answer) => {
  const { api, asked } = await serverWith(answer);
  const error = await api.listRooms().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(PlenumApiError);
  expect(error).toMatchObject({ status: 200, code: 'internal', problem: undefined });
  expect(asked).toHaveLength(1);
});

test('the page of a proxy is no answer either where there is nothing to say', async () => {
  const { api } = await serverWith(give(200, '<html>Sign in</html>'));
  await expect(api.endRoom('x')).rejects.toMatchObject({ status: 200, code: 'internal' });
});

test('what the function throws that gives the token comes to who called, at once', async () => {
  const { url, asked } = await serverWith(give(204, ''));
  const failure = new Error('the vault is sealed');
  let calls = 0;
  const token = () => {
    calls += 1;
    throw failure;
  };
  await expect(new PlenumApi({ url, token }).endRoom('x')).rejects.toBe(failure);
  expect([calls, asked.length]).toEqual([1, 0]);
});

test.each(['', 'two words', 'line\nbreak', 'tökén'])(
  '%j is no token: nothing is asked, and it is not told on',
  async (token) => {
    const { url, asked } = await serverWith(give(204, ''));
    const error = await new PlenumApi({ url, token }).endRoom('x').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'bad-request', message: expect.not.stringMatching(/words|line|tökén/) });
    expect(asked).toEqual([]);
  },
);

test.each(['', 'two words', 'ä', 'x'.repeat(256)])(
  '%j is no idempotency key: nothing is asked',
  async (idempotencyKey) => {
    const { api, asked } = await serverWith(give(204, ''));
    await expect(api.endRoom('x', { idempotencyKey })).rejects.toMatchObject({ code: 'bad-request' });
    expect(asked).toEqual([]);
  },
);

test.each(['/plenum', '/plenum/', '/a/b/'])('a server may be below %s', async (path) => {
  const { url, asked } = await serverWith(give(200, { rooms: [] }));
  await new PlenumApi({ url: `${url}${path}`, token: 'token' }).listRooms({ prefix: 'a' });
  expect(asked[0]?.path).toBe(`${path.replace(/\/$/, '')}/api/v1/rooms?prefix=a`);
});

test.each([
  '',
  'meet.example.org',
  'ftp://meet.example.org',
  'https://user:pass@meet.example.org',
  'https://x/?y',
  'https://x/#y',
])('%j is no address of a server', (url) => {
  expect(() => new PlenumApi({ url, token: 'token' })).toThrow(/^url is an address like/);
});
