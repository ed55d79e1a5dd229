import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { problem } from '../support/problem.ts';
import { setStage } from '../support/stage.ts';
import { startTestServer } from '../support/testServer.ts';

const folder = mkdtempSync(join(tmpdir(), 'plenum-http-'));
const clientFolder = join(folder, 'client');
mkdirSync(join(clientFolder, 'assets'), { recursive: true });
writeFileSync(join(clientFolder, 'index.html'), '<!doctype html><title>page</title>');
writeFileSync(join(clientFolder, 'assets', 'app-1234.js'), 'export {};');
writeFileSync(join(folder, 'secret.txt'), 'secret');
afterAll(() => rmSync(folder, { recursive: true }));

const stage = setStage({ clientFolder });

const error = (code: string) => ({ error: { code, message: expect.stringMatching(/\S/) } });
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
      'PROPFIND /of-mine HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      /^HTTP\/1.1 404 /,
    ],
  ];
  test.each(cases)('%s is answered in constant words', async (_what, bytes, start) => {
    for (const url of [stage.server.url, stage.server.adminUrl]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.end(bytes);
      const answer = await text(socket);
      expect(answer).toMatch(start);
      if (!start.test('HTTP/1.1 404 ')) expect(answer).toMatch(/^content-type: application\/problem\+json/im);
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
