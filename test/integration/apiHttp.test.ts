import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { createApiToken } from '../../src/auth/apiToken.ts';
import { largestDataBytes } from '../../src/protocol/index.ts';
import { problemPath } from '../../src/protocol/problems.ts';
import { type ApiRequest, allApiGrants, apiOf, apiToken, askApi } from '../support/apiStage.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';

/** The API of the real server, as HTTP speaks it. */

const origin = 'https://admin.example';
const stage = setStage({ config: { workers: 1, allowedOrigins: [origin], maxDataBytes: largestDataBytes } });

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  const api = apiOf(stage);
  for await (const { name } of api.rooms()) await api.endRoom(name);
});

test.each(['/openapi.json', '/docs/json'])('%s is sent only to who does not have it yet', async (path) => {
  const first = await askApi(stage.server.url, path);
  expect(first.body).toMatchObject({ openapi: '3.1.0' });
  const etag = first.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await askApi(stage.server.url, path, { headers: { 'if-none-match': held } });
    expect([again.status, again.headers.get('etag'), again.body], held).toEqual([304, etag, '']);
  }
  const changed = await askApi(stage.server.url, path, { headers: { 'if-none-match': '"other"' } });
  expect([changed.status, changed.body]).toEqual([200, first.body]);
});

test('a page of a listed origin may read where something was made, whether it was before, and when to come again', async () => {
  const answer = await askApi(stage.server.url, '/rooms', {
    method: 'POST',
    token: await apiToken(),
    body: { name: 'made' },
    headers: { origin },
  });
  expect(answer.headers.get('location')).toBe('/api/v1/rooms/made');
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  expect(answer.headers.get('access-control-expose-headers')).toBe('location, idempotency-replayed, retry-after');
});

const post = (body: unknown, more: Partial<ApiRequest> = {}): ApiRequest => ({ method: 'POST', body, ...more });

describe('what is refused says why, and what to do', () => {
  const cases: [string, string, ApiRequest, number, string, RegExp][] = [
    ['a slash at the end', '/rooms/x/', {}, 404, 'not-found', /ends with a slash/],
    ['another method', '/rooms/x/chat', {}, 405, 'method-not-allowed', /takes POST/],
    ['OPTIONS', '/rooms', { method: 'OPTIONS' }, 405, 'method-not-allowed', /takes GET, HEAD, POST/],
    ['a slash in a name', '/rooms/a%2Fb', {}, 400, 'bad-request', /1 to 64 letters/],
    ['dots for a name', '/rooms/%2E%2E%2Fhealth', {}, 400, 'bad-request', /1 to 64 letters/],
    ['a name of other letters', '/rooms/caf%C3%A9', {}, 400, 'bad-request', /1 to 64 letters/],
    ['a name with a zero byte', '/rooms/a%00b', {}, 400, 'bad-request', /1 to 64 letters/],
    ['a name of no letters', '/rooms/%ff', {}, 400, 'bad-request', /cannot be decoded/],
    ['a long name', `/rooms/${'x'.repeat(65)}`, {}, 400, 'bad-request', /1 to 64 letters/],
    ['a very long name', `/rooms/${'x'.repeat(201)}`, {}, 414, 'bad-request', /longer than 200 characters/],
    ['a cursor that is too long', `/rooms?after=${'x'.repeat(513)}`, {}, 400, 'bad-request', /a cursor is/],
    ['a page twice', '/rooms?limit=1&limit=2', {}, 400, 'bad-request', /query\.limit: /],
    ['a question that is none', '/rooms?planet=mars', {}, 400, 'bad-request', /query: .*planet/],
    ['no JSON', '/rooms', post('{'), 400, 'bad-request', /not JSON/],
    ['no body', '/rooms', post(''), 400, 'bad-request', /body: /],
    [
      'another type',
      '/rooms',
      post('<a/>', { headers: { 'content-type': 'text/xml' } }),
      415,
      'unsupported-media-type',
      /application\/json/,
    ],
    ['a large body', '/rooms', post({ name: 'x'.repeat(65_536) }), 413, 'message-too-large', /64 KiB/],
    ['a field that is none', '/rooms', post({ name: 'x', planet: 'mars' }), 400, 'bad-request', /planet/],
    ['a field of another type', '/rooms', post({ name: 5 }), 400, 'bad-request', /body\.name: /],
    [
      'a body where none is taken',
      '/rooms/x',
      { method: 'DELETE', body: { ban: true } },
      400,
      'bad-request',
      /takes none/,
    ],
    [
      'a key that is none',
      '/rooms',
      post({ name: 'x' }, { headers: { 'idempotency-key': 'two words' } }),
      400,
      'bad-request',
      /Idempotency-Key: /,
    ],
  ];
  test.each(cases)('%s', async (_, path, request, status, code, detail) => {
    const answer = await askApi(stage.server.url, path, { token: await apiToken(), ...request });
    expect(answer.body).toMatchObject({
      ...{ type: `${problemPath}${code}`, title: expect.any(String), status, code },
      detail: expect.stringMatching(detail),
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('other tokens, and none', async () => {
    const token = (options: object) =>
      createApiToken(testSecret, { subject: 'crm', grants: allApiGrants, ttlSeconds: 60, ...options });
    const given: [string | undefined, RegExp][] = [
      [undefined, /Authorization: Bearer/],
      ['nonsense', /malformed/],
      [`${await token({})}x`, /another secret/],
      [
        await createApiToken(randomBytes(32).toString('hex'), { subject: 'crm', grants: {}, ttlSeconds: 60 }),
        /another secret/,
      ],
      [await createAccessToken(testSecret, { room: 'x', identity: 'ada' }), /"aud"/],
    ];
    for (const [each, detail] of given) {
      const answer = await askApi(stage.server.url, '/rooms', { token: each });
      expect([answer.status, answer.body]).toEqual([
        401,
        expect.objectContaining({ code: 'unauthorized', detail: expect.stringMatching(detail) }),
      ]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="plenum-api"/);
    }
  });
});

test('a body that says nothing may be called JSON', async () => {
  const token = await apiToken();
  const json = { 'content-type': 'application/json' };
  await askApi(stage.server.url, '/rooms', post({ name: 'empty' }, { token }));
  const mute = await askApi(stage.server.url, '/rooms/empty/mute', { method: 'POST', token, headers: json });
  expect(mute.status).toBe(204);
  const end = await askApi(stage.server.url, '/rooms/empty', { method: 'DELETE', token, body: {} });
  expect(end.status).toBe(204);
});

test('as much data is taken as --max-data-bytes says, however it is written, and no more', async () => {
  const token = await apiToken();
  const send = (body: unknown) => askApi(stage.server.url, '/rooms/large/data', post(body, { token }));
  await askApi(stage.server.url, '/rooms', post({ name: 'large' }, { token }));
  // Each of these characters is a byte, and has six in JSON.
  for (const body of [
    { text: '\u0001'.repeat(largestDataBytes) },
    { base64: Buffer.alloc(largestDataBytes).toString('base64') },
  ]) {
    expect(await send(body)).toMatchObject({ status: 202, body: { recipients: 0 } });
  }
  const refused = await send({ text: 'x'.repeat(largestDataBytes + 1) });
  expect(refused.body).toMatchObject({ status: 413, code: 'message-too-large', detail: /196608/ });
});

test('HEAD says what GET would, without its body', async () => {
  const token = await apiToken();
  const [get, head] = await Promise.all(
    ['GET', 'HEAD'].map((method) => askApi(stage.server.url, '/rooms/nothing', { method, token })),
  );
  expect([head?.status, head?.body]).toEqual([404, '']);
  expect(head?.headers.get('content-length')).toBe(get?.headers.get('content-length'));
});

describe('an idempotency key', () => {
  const make = async (name: string, key: string) =>
    askApi(
      stage.server.url,
      '/rooms',
      post({ name }, { token: await apiToken(), headers: { 'idempotency-key': key } }),
    );

  test('gives two at the same time the same room, or the second one the wait', async () => {
    const answers = await Promise.all([make('twice', 'same'), make('twice', 'same')]);
    const made = answers.find(({ status }) => status === 201);
    for (const answer of answers) {
      if (answer.status === 201) expect(answer.body).toEqual(made?.body);
      else expect(answer.body).toMatchObject({ status: 409, code: 'idempotency-in-progress' });
    }
    const again = await make('twice', 'same');
    expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([201, 'true', made?.body]);
  });

  test('is for one request', async () => {
    await make('one', 'mine');
    const other = await make('other', 'mine');
    expect(other.body).toMatchObject({ status: 422, code: 'idempotency-mismatch' });
  });
});
