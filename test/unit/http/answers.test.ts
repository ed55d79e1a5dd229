import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveClient } from '../../../src/http/client.ts';
import { serveOrigins } from '../../../src/http/origins.ts';
import { createInstance } from '../../../src/http/refusals.ts';
import { type SecurityHeaderOptions, serveSecurityHeaders } from '../../../src/http/securityHeaders.ts';
import { errorCodes, PlenumError } from '../../../src/protocol/index.ts';
import { trustOf } from '../../../src/proxies.ts';

/** The routes without a port: what every answer carries, and how it refuses. */

const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
const secret = 'what only the log may say';

async function instance(
  security: SecurityHeaderOptions,
  { allowed = [] as string[], proxies = [] as string[] } = {},
): Promise<FastifyInstance> {
  const trust = trustOf(proxies);
  const app = createInstance(log);
  await serveSecurityHeaders(app, security);
  serveOrigins(app, allowed, trust);
  app.post('/api/echo', async (request) => ({ echo: request.body }));
  app.get('/api/busy', async () => {
    throw new PlenumError('rate-limited', 'too many requests', { retryAfterMs: 1500 });
  });
  app.get('/api/failing', async () => {
    throw new Error(secret);
  });
  await serveClient(app, undefined);
  return app;
}

/** Code and message, in whichever form: problem details below /api. */
function said(body: string): unknown[] {
  const { error, code, detail } = JSON.parse(body);
  return error ? [error.code, error.message] : [code, detail];
}

const plain: SecurityHeaderOptions = { tls: false, frameAncestors: [] };

describe('headers', () => {
  const csp = async (security: SecurityHeaderOptions) => {
    const { headers } = await (await instance(security)).inject('/');
    return { headers, directives: String(headers['content-security-policy']).split(';') };
  };

  test('the page may load from its own server only, and make no script', async () => {
    const { headers, directives } = await csp(plain);
    expect(directives).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
    });
    for (const name of ['strict-transport-security', 'server', 'x-powered-by']) expect(headers[name]).toBeUndefined();
  });

  test('over TLS the browser is to stay with it, for this host alone', async () => {
    const { headers } = await csp({ ...plain, tls: true });
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}$/);
    expect(headers['cross-origin-opener-policy']).toBe('same-origin');
  });

  test('who may show it in a frame', async () => {
    const { headers, directives } = await csp({ ...plain, frameAncestors: ['https://a.example', 'https://b.example'] });
    expect(directives).toContain('frame-ancestors https://a.example https://b.example');
    expect(headers['x-frame-options']).toBeUndefined();
  });

  test('refusals have them too', async () => {
    const app = await instance(plain);
    for (const url of ['/nothing', '/api/failing']) {
      expect((await app.inject(url)).headers, url).toMatchObject({ 'x-content-type-options': 'nosniff' });
    }
  });
});

describe('origins', () => {
  const own = { host: 'meet.example' };
  const listed = 'https://app.example';
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await instance(plain, { allowed: [listed], proxies: ['127.0.0.1'] });
  });
  afterAll(() => app.close());

  const post = (headers: Record<string, string>, url = '/api/echo') =>
    app.inject({ method: 'POST', url, headers: { ...own, ...headers }, payload: { a: 1 } });

  test.each([
    ['no browser', {}],
    ['the own page', { origin: 'https://meet.example' }],
    [
      'the own page behind a proxy',
      { host: 'upstream:3000', 'x-forwarded-host': 'meet.example', origin: 'https://meet.example' },
    ],
  ])('%s is served, and nothing is said to other origins', async (_what, headers: Record<string, string>) => {
    const answer = await post(headers);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers.vary).toBe('origin');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('a listed one is served and told so, exactly', async () => {
    const answer = await post({ origin: listed });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(listed);
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    expect(answer.headers.vary).toBe('origin');
  });

  test('its preflight is answered, for any address', async () => {
    const headers = { origin: listed, 'access-control-request-method': 'POST', ...own };
    for (const url of ['/api/echo', '/api/nothing']) {
      const answer = await app.inject({ method: 'OPTIONS', url, headers });
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': listed,
        'access-control-allow-methods': expect.stringContaining('POST'),
        'access-control-allow-headers': expect.stringContaining('content-type'),
      });
    }
    const refusal = await post({ origin: listed }, '/api/nothing');
    expect([refusal.statusCode, refusal.headers['access-control-allow-origin']]).toEqual([404, listed]);
  });

  const constant = ['forbidden', 'pages of other origins may not use this server'];
  test.each([
    'https://evil.example',
    'http://app.example',
    'https://app.example.evil.example',
    'null',
    '<script>',
    '*',
  ])('any other is refused, whatever it asks: %s', async (origin) => {
    const preflight = { origin, 'access-control-request-method': 'POST', ...own };
    const answers = [
      await post({ origin }),
      await post({ origin }, '/%61pi/echo'),
      await post({ origin }, '/nothing'),
      await app.inject({ method: 'OPTIONS', url: '/api/echo', headers: preflight }),
    ];
    for (const answer of answers) {
      expect([answer.statusCode, said(answer.body)]).toEqual([403, constant]);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('a host that no trusted proxy wrote makes no page the own one', async () => {
    const open = await instance(plain);
    const headers = { ...own, 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' };
    const answer = await open.inject({ method: 'POST', url: '/api/echo', headers, payload: {} });
    expect(answer.statusCode).toBe(403);
  });
});

describe('refusals say nothing of the request and nothing of the server', () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await instance(plain);
  });
  afterAll(() => app.close());

  const words = 'words-of-whoever-asks';
  const json = { 'content-type': 'application/json' };
  const cases: [string, InjectOptions, number, string][] = [
    ['an unknown route', { url: `/${words}` }, 404, 'there is no such page'],
    ['a wrong method', { method: 'DELETE', url: `/api/echo?${words}` }, 404, 'there is no such page'],
    [
      'no JSON',
      { method: 'POST', url: '/api/echo', headers: json, payload: `{${words}` },
      400,
      'the body is not JSON, or has a key like "__proto__"',
    ],
    [
      'nothing',
      { method: 'POST', url: '/api/echo', headers: json, payload: '' },
      400,
      'the body is empty, and must be JSON',
    ],
    [
      'another length',
      { method: 'POST', url: '/api/echo', headers: { ...json, 'content-length': '3' }, payload: '{}' },
      400,
      'the body is not as long as the header Content-Length says',
    ],
    [
      'a prototype',
      { method: 'POST', url: '/api/echo', headers: json, payload: '{"__proto__":1}' },
      400,
      'the body is not JSON, or has a key like "__proto__"',
    ],
    [
      'a path that cannot be decoded',
      { url: `/${words}%ff` },
      400,
      'the address cannot be decoded: it must be UTF-8, with percent signs before what is no ASCII',
    ],
    [
      'another type',
      { method: 'POST', url: '/api/echo', headers: { 'content-type': `text/${words}` }, payload: words },
      415,
      'the server takes application/json only',
    ],
    [
      'too much',
      { method: 'POST', url: '/api/echo', headers: json, payload: `"${words.repeat(10_000)}"` },
      413,
      'the body is larger than 64 KiB',
    ],
    ['a failure of the server', { url: '/api/failing' }, 500, 'the server failed; its log says why'],
  ];
  test.each(cases)('%s', async (_what, request, status, message) => {
    const answer = await app.inject(request);
    expect([answer.statusCode, said(answer.body)]).toEqual([status, [expect.any(String), message]]);
    const type = String(request.url).startsWith('/api/') ? 'application/problem+json' : 'application/json';
    expect(answer.headers['content-type']).toMatch(type);
    for (const name of ['server', 'x-powered-by']) expect(answer.headers[name]).toBeUndefined();
  });

  test('who is to come back later hears when', async () => {
    const answer = await app.inject('/api/busy');
    expect([answer.statusCode, answer.headers['retry-after'], answer.json()]).toEqual([
      429,
      '2',
      {
        type: '/api/v1/problems/rate-limited',
        title: errorCodes['rate-limited'],
        status: 429,
        code: 'rate-limited',
        detail: 'too many requests',
        retryAfterMs: 1500,
      },
    ]);
  });

  test('the log has the cause of the failure', () => {
    expect(lines.some((line) => line.includes(secret))).toBe(true);
  });
});
