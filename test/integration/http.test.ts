import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { type ErrorCode, errorCodes } from '../../src/protocol/index.ts';
import { RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const folder = mkdtempSync(join(tmpdir(), 'plenum-http-'));
const clientFolder = join(folder, 'client');
mkdirSync(join(clientFolder, 'assets'), { recursive: true });
writeFileSync(join(clientFolder, 'index.html'), '<!doctype html><title>page</title>');
writeFileSync(join(clientFolder, 'assets', 'app-1234.js'), 'export {};');
writeFileSync(join(folder, 'secret.txt'), 'secret');
afterAll(() => rmSync(folder, { recursive: true }));

const stage = setStage({ clientFolder });

const post = (body: unknown, { url = stage.server.url, type = 'application/json' } = {}) =>
  fetch(`${url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
/** What only the page of that person knows. */
const secretOf = (who: string) => `the secret of ${who}`.padEnd(20, '.');
const error = (code: string) => ({ error: { code, message: expect.stringMatching(/\S/) } });
/** Below /api. */
const problem = (code: ErrorCode, status: number) => ({
  type: `/api/v1/problems/${code}`,
  title: errorCodes[code],
  status,
  detail: expect.stringMatching(/\S/),
  code,
});

/** fetch() would tidy the path up before it sends it. */
function rawGet(path: string): Promise<{ status: number | undefined; body: string }> {
  const { hostname, port } = new URL(stage.server.url);
  return new Promise((resolve, reject) => {
    const get = request({ hostname, port, path, method: 'GET' }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, body }));
    });
    get.on('error', reject);
    get.end();
  });
}

describe('health', () => {
  test.each([
    ['/health', 'ok'],
    ['/ready', 'ready'],
  ])(
    '%s tells a stranger no more than that, and operators of workers, rooms and participants',
    async (path, status) => {
      const read = async () => (await fetch(`${stage.server.adminUrl}${path}`)).json();
      const idle = { status, version: expect.any(String), workers: { running: 2, size: 2 }, rooms: 0, participants: 0 };
      expect(await read()).toMatchObject(idle);
      await Promise.all([stage.joined('one', 'ada'), stage.joined('one', 'bob'), stage.joined('two', 'eve')]);
      expect(await read()).toMatchObject({ rooms: 2, participants: 3 });
      await stage.clear();
      expect(await read()).toMatchObject(idle);
      for (const url of [stage.server.url, stage.server.adminUrl]) {
        const answer = await fetch(`${url}${path}`);
        expect(answer.status).toBe(200);
        expect(answer.headers.get('cache-control')).toBe('no-store');
        if (url === stage.server.url) expect(await answer.json()).toEqual({ status });
      }
    },
  );
});

describe('/api/token', () => {
  test('an open door gives a token that opens the room', async () => {
    const answer = await post({ room: 'door', name: 'Ada Lovelace' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { token, identity } = await answer.json();
    expect(identity).toMatch(/^guest-/);
    const ada = await RawClient.connect(stage.server.url, token);
    expect(await ada.next('welcome')).toMatchObject({ room: 'door', identity, displayName: 'Ada Lovelace' });
    ada.close();
  });

  test('with the same secret a page is the same person, and with an identity, which all can read, another one', async () => {
    const identityOf = async (more: object) => {
      const answer = await post({ room: 'door', name: 'Ada', ...more });
      expect(answer.status).toBe(200);
      return (await answer.json()).identity;
    };
    const identity = await identityOf({ secret: secretOf('ada') });
    expect(await identityOf({ secret: secretOf('ada') })).toBe(identity);
    for (const more of [{ secret: secretOf('eve') }, { secret: identity }, { identity }, {}]) {
      expect(await identityOf(more)).not.toBe(identity);
    }
    for (const secret of ['short', 'x'.repeat(129), 7]) {
      expect((await post({ room: 'door', name: 'Ada', secret })).status).toBe(400);
    }
  });

  test('of those who come into a room without a moderator the first is its host, and the same person again', async () => {
    const tokenOf = async (who: string): Promise<string> =>
      (await (await post({ room: 'hosted', name: who, secret: secretOf(who) })).json()).token;
    const enter = async (token: string) => {
      const client = await stage.clientWith(token);
      const { participantId, room } = await client.join();
      const moderator = room.participants.find((each) => each.participantId === participantId)?.moderator;
      return { client, moderator };
    };
    // All of them ask before anybody is there, as after a restart of the server.
    const tokens = await Promise.all(['ada', 'bob', 'eve'].map(tokenOf));
    const entered = await Promise.all(tokens.map(enter));
    expect(entered.filter(({ moderator }) => moderator)).toHaveLength(1);
    const at = entered.findIndex(({ moderator }) => moderator);
    const host = ['ada', 'bob', 'eve'][at] ?? '';
    const { client } = entered[at] ?? {};
    expect(client?.received('grantsChanged')).toMatchObject([{ grants: { moderator: true } }]);
    // A reload, before and after the news of leaving, and a connection that breaks.
    const again = await enter(await tokenOf(host));
    expect(again.moderator).toBe(true);
    await again.client.request('leave', {});
    expect((await enter(await tokenOf('mia'))).moderator).toBe(false);
    const back = await enter(await tokenOf(host));
    expect(back.moderator).toBe(true);
    back.client.drop();
    expect((await enter(await tokenOf('zoe'))).moderator).toBe(false);
    expect((await enter(await tokenOf(host))).moderator).toBe(true);
  });

  const name = 'Ada';
  test.each<[string, unknown]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', []],
    ['null', 'null'],
    ['no room', { name }],
    ['no name', { room: 'r' }],
    ['a room that cannot be', { room: '../r', name }],
    ['a room of 65', { room: 'x'.repeat(65), name }],
    ['a name of 60 kB', { room: 'r', name: 'x'.repeat(60_000) }],
    ['a secret of 60 kB', { room: 'r', name, secret: 'x'.repeat(60_000) }],
    ['control characters', { room: 'r', name: 'a\u0000b' }],
    ['bidirectional overrides', { room: 'r', name: 'a\u202eb' }],
    ['only blanks', { room: 'r', name: '   ' }],
    ['numbers', { room: 1, name: 2 }],
    ['a prototype', '{"room":"r","name":"Ada","__proto__":{"polluted":1}}'],
    ['a constructor', '{"room":"r","name":"Ada","constructor":{"prototype":{"polluted":1}}}'],
    ['deep nesting', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('a wrong body is refused: %s', async (_what, body) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(JSON.parse(text)).toEqual(problem('bad-request', 400));
    expect(text.length).toBeLessThan(700);
    expect('polluted' in {}).toBe(false);
  });

  test('a body of another type or above 64 KiB is refused', async () => {
    const form = await post('room=r&name=Ada', { type: 'application/x-www-form-urlencoded' });
    expect([form.status, await form.json()]).toEqual([415, problem('unsupported-media-type', 415)]);
    const large = await post({ room: 'r', name: 'x'.repeat(70_000) });
    expect([large.status, await large.json()]).toEqual([413, problem('message-too-large', 413)]);
  });

  test('a closed door gives none, and takes only tokens of its secret', async () => {
    const server = await startTestServer({ config: { open: false, workers: 1 } });
    try {
      const answer = await post({ room: 'r', name: 'Ada' }, { url: server.url });
      expect([answer.status, await answer.json()]).toEqual([403, problem('forbidden', 403)]);
      const ada = await RawClient.connect(server.url, await server.token('r', 'ada'));
      await ada.join();
      ada.close();
      await waitFor('the empty room', () => server.app.registry.rooms.length === 0);
    } finally {
      await server.close();
    }
  });
});

describe('origins', () => {
  const ask = (origin: string, url: string, method = 'POST') =>
    fetch(`${url}/api/token`, {
      method,
      headers: { origin, 'content-type': 'application/json', 'access-control-request-method': 'POST' },
      ...(method === 'POST' && { body: JSON.stringify({ room: 'r', name: 'Ada' }) }),
    });

  test('the own page gets a token, a page of another origin none', async () => {
    expect((await ask(stage.server.url, stage.server.url)).status).toBe(200);
    const refusal = await ask('https://evil.example', stage.server.url);
    expect([refusal.status, await refusal.json()]).toEqual([403, problem('forbidden', 403)]);
    expect(refusal.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a page of a listed origin gets one, after its preflight', async () => {
    const server = await startTestServer({ config: { workers: 1, allowedOrigins: ['https://app.example'] } });
    try {
      for (const [method, status] of [
        ['OPTIONS', 204],
        ['POST', 200],
      ] as const) {
        const answer = await ask('https://app.example', server.url, method);
        expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
          status,
          'https://app.example',
        ]);
      }
      expect((await ask('https://app.example:8443', server.url)).status).toBe(403);
    } finally {
      await server.close();
    }
  });
});

describe('what is no HTTP', () => {
  const cases: [string, string, RegExp][] = [
    ['garbage', 'garbage-of-mine\r\n\r\n', /^HTTP\/1.1 400 Bad Request\r\n/],
    ['headers of 20 kB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'of-mine'.repeat(3000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
    [
      'two lengths',
      'POST /api/token HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      /^HTTP\/1.1 400 /,
    ],
    [
      'a length and chunks',
      'POST /api/token HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1.1 400 /,
    ],
    [
      'a method that nobody has',
      'PROPFIND /of-mine HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
      /^HTTP\/1.1 404 /,
    ],
  ];
  test.each(cases)('%s is answered in constant words', async (_what, bytes, start) => {
    for (const url of [stage.server.url, stage.server.adminUrl]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.end(bytes);
      const answer = await text(socket);
      expect(answer).toMatch(start);
      expect(answer).not.toMatch(/of-mine|\bat |node:|x-powered-by|^server:/im);
      expect(answer.length).toBeLessThan(1500);
    }
  });
});

describe('pages', () => {
  test('/ and /r/<room> give the client, which may load nothing from elsewhere', async () => {
    for (const path of ['/', '/r/x', `/r/${'x'.repeat(64)}`, '/r/a%20b', '/r/x?name=Ada&join=1']) {
      const answer = await fetch(`${stage.server.url}${path}`);
      expect([answer.status, await answer.text()], path).toEqual([200, '<!doctype html><title>page</title>']);
      expect(answer.headers.get('content-type')).toMatch('text/html');
      expect(answer.headers.get('content-security-policy')).toMatch("default-src 'none'");
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
    const script = await fetch(`${stage.server.url}/assets/app-1234.js`);
    expect(script.headers.get('cache-control')).toMatch('immutable');
  });

  test.each(['/nothing', '/assets/nothing.js', '/api', '/api/nothing', '/r', '/r/x/y', '/assets/', '/socket.io/x'])(
    'unknown paths are 404: %s',
    async (path) => {
      const answer = await fetch(`${stage.server.url}${path}`);
      expect(answer.status).toBe(path.startsWith('/socket.io') ? 400 : 404);
      const expected = path.startsWith('/api') ? problem('not-found', 404) : error('not-found');
      if (answer.status === 404) expect(await answer.json()).toEqual(expected);
    },
  );

  test('a wrong method is 404, and below /api 405 with those that there are', async () => {
    const wrong = await fetch(`${stage.server.url}/api/token`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await wrong.json()).toEqual(problem('method-not-allowed', 405));
    expect((await fetch(`${stage.server.url}/health`, { method: 'DELETE' })).status).toBe(404);
  });

  test('a server without the built client says the same of unknown paths', async () => {
    const server = await startTestServer({ config: { workers: 1 } });
    try {
      const answer = await fetch(`${server.url}/nothing`);
      expect([answer.status, await answer.json()]).toEqual([404, error('not-found')]);
      expect(await (await fetch(server.url)).text()).toMatch('has not been built');
    } finally {
      await server.close();
    }
  });

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/....//secret.txt',
    '/r/../../secret.txt',
    '/r/..%2f..%2fsecret.txt',
    '//secret.txt',
    '/%00',
    '/assets/%00../secret.txt',
    '/%',
    '/r/%ff',
    `/r/${'x'.repeat(10_000)}`,
    `/${'../'.repeat(30)}etc/passwd`,
  ])('nothing outside the client is served: %j', async (path) => {
    const { status, body } = await rawGet(path);
    expect(body).not.toMatch(/secret|root:/);
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
    if (status !== 200) expect(JSON.parse(body)).toMatchObject({ error: { code: expect.any(String) } });
  });
});
