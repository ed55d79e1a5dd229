import type { InjectOptions } from 'fastify';
import { describe, expect, test } from 'vitest';
import { apiOperations } from '../../../src/protocol/api.ts';
import { grantsAccess } from '../../../src/protocol/apiGrants.ts';
import type { ApiOperation } from '../../../src/protocol/apiOperation.ts';
import { errorCodes } from '../../../src/protocol/index.ts';
import { addressOf, lines, operationNames, startApi } from '../../support/apiInstance.ts';
import { allApiGrants } from '../../support/apiStage.ts';

/** The API without rooms behind it: who may ask what, and how it refuses. */

test('a request whose body says nothing but what goes without saying may have none', async () => {
  const asked: unknown[] = [];
  const muteEverybody = ({ body }: { body: unknown }) => void asked.push(body);
  const { ask } = await startApi({ handlers: { muteEverybody } });
  const called = { headers: { 'content-type': 'application/json' }, payload: '' };
  expect((await ask('POST', '/rooms/daily/mute')).status).toBe(204);
  expect((await ask('POST', '/rooms/daily/mute', called)).status, 'one that is called JSON').toBe(204);
  expect(asked).toEqual([{ source: 'microphone' }, { source: 'microphone' }]);
  for (const none of [{}, called]) expect((await ask('POST', '/rooms', none)).body.code).toBe('bad-request');
});

test('what is said in a body where none is taken is not passed over', async () => {
  let done = 0;
  const endRoom = () => {
    done += 1;
    return undefined;
  };
  const { ask } = await startApi({ handlers: { endRoom } });
  for (const payload of [{ ban: true }, ['ban'], '"ban"', 'false']) {
    const headers = { 'content-type': 'application/json' };
    const { status, body } = await ask('DELETE', '/rooms/daily', { headers, payload });
    expect([status, body.detail]).toEqual([400, expect.stringMatching(/takes none/)]);
  }
  expect(done).toBe(0);
  expect((await ask('DELETE', '/rooms/daily', { payload: {} })).status).toBe(204);
});

describe.each(operationNames)('%s', (name) => {
  const operation: ApiOperation = apiOperations[name];
  const url = addressOf(operation);

  test('is refused without a token, with a bad one, and without its right; nothing is read of the body', async () => {
    const { right, method } = operation;
    const payload = { headers: { 'content-type': 'application/json' }, payload: '{' };
    const { ask } = await startApi();
    for (const authorization of ['', 'Basic Z29vZA==', 'good', 'Bearer bad']) {
      const answer = await ask(method, url, { ...payload, headers: { ...payload.headers, authorization } });
      expect([answer.status, answer.body.code], authorization).toEqual([401, 'unauthorized']);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/);
    }
    // Everything else, and of this area one step less.
    const { [right.area]: _it, ...others } = allApiGrants;
    const less = right.access === 'write' && right.area !== 'data' ? { ...others, [right.area]: 'read' } : others;
    for (const grants of [{}, others, less]) {
      expect(grantsAccess(grants, right)).toBe(false);
      const answer = await (await startApi({ grants })).ask(method, url, payload);
      expect([answer.status, answer.body.code], JSON.stringify(grants)).toEqual([403, 'forbidden']);
    }
  });

  test('is refused to a token that is confined to other rooms, as far as it names one', async () => {
    const { ask } = await startApi({ grants: { ...allApiGrants, onlyRooms: ['weekly'], roomPrefix: 'crm-' } });
    const answer = await ask(operation.method, url);
    if (operation.path.includes(':room')) expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    else expect(answer.status).not.toBe(403);
  });

  test('goes on to what is done for it with its right alone', async () => {
    const { right, method } = operation;
    const { ask } = await startApi({ grants: { [right.area]: right.access } });
    const answer = await ask(method, url, method === 'POST' || method === 'PATCH' ? { payload: {} } : {});
    expect([400, 404]).toContain(answer.status);
  });
});

describe('problem details', () => {
  const problem = (code: keyof typeof errorCodes, status: number, more = {}) => ({
    ...{ type: `/api/v1/problems/${code}`, title: errorCodes[code], status, code, detail: expect.any(String) },
    ...more,
  });
  const json = { 'content-type': 'application/json' };

  test.each<[string, InjectOptions, object]>([
    ['an unknown address', { url: '/api/v1/planets' }, problem('not-found', 404)],
    ['an unknown address below /api', { url: '/api/planets' }, problem('not-found', 404)],
    ['/api itself', { url: '/api' }, problem('not-found', 404)],
    ['a wrong method', { url: '/api/v1/rooms', method: 'DELETE' }, problem('method-not-allowed', 405)],
    ['an address that cannot be decoded', { url: '/api/v1/rooms/%ff' }, problem('bad-request', 400)],
    [
      'another type',
      { url: '/api/v1/rooms', method: 'POST', headers: { 'content-type': 'text/plain' }, payload: '{}' },
      problem('unsupported-media-type', 415),
    ],
    ['no JSON', { url: '/api/v1/rooms', method: 'POST', headers: json, payload: '{' }, problem('bad-request', 400)],
    [
      'too much',
      { url: '/api/v1/rooms', method: 'POST', headers: json, payload: JSON.stringify({ name: 'x'.repeat(70_000) }) },
      problem('message-too-large', 413),
    ],
    [
      'another shape',
      { url: '/api/v1/rooms', method: 'POST', payload: { name: 'a b', settings: { locked: 'yes', planet: 1 } } },
      problem('bad-request', 400, {
        errors: expect.arrayContaining([
          { at: 'body.name', message: expect.stringMatching(/room name/) },
          { at: 'body.settings.locked', message: expect.stringMatching(/boolean/) },
        ]),
      }),
    ],
    [
      'a query that is none',
      { url: '/api/v1/rooms?limit=1000&planet=1' },
      problem('bad-request', 400, {
        errors: expect.arrayContaining([{ at: 'query.limit', message: expect.any(String) }]),
      }),
    ],
    [
      'a room that cannot be',
      { url: `/api/v1/rooms/${'x'.repeat(65)}` },
      problem('bad-request', 400, { errors: [{ at: 'params.room', message: expect.any(String) }] }),
    ],
    ['a room that there is not', { url: '/api/v1/rooms/x' }, problem('not-found', 404)],
  ])('%s', async (_what, request, expected) => {
    const { app } = await startApi();
    const answer = await app.inject({ ...request, headers: { authorization: 'Bearer good', ...request.headers } });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toEqual(expected);
    expect(answer.statusCode).toBe(answer.json().status);
    expect(answer.body.length).toBeLessThan(2000);
  });

  test('a wrong method is told the right ones', async () => {
    const { ask } = await startApi();
    expect((await ask('PUT', '/rooms/x')).headers.allow).toBe('GET, HEAD, PATCH, DELETE');
    expect((await ask('GET', '/rooms/x/chat')).headers.allow).toBe('POST');
  });

  test('a failure says nothing of itself; the log does', async () => {
    const { ask } = await startApi({
      handlers: {
        readRoom: () => {
          throw new Error('what only the log may say');
        },
      },
    });
    const answer = await ask('GET', '/rooms/x');
    expect(answer.body).toEqual(problem('internal', 500));
    expect(lines.join()).toContain('what only the log may say');
  });

  test('too many requests hear when to come back', async () => {
    const { ask, allow } = await startApi();
    allow(0);
    const answer = await ask('GET', '/rooms');
    expect([answer.headers['retry-after'], answer.body]).toEqual([
      '2',
      problem('rate-limited', 429, { retryAfterMs: 1500 }),
    ]);
  });

  test('each type leads to what it means', async () => {
    const { app } = await startApi();
    for (const [code, meaning] of Object.entries(errorCodes)) {
      expect((await app.inject(`/api/v1/problems/${code}`)).body).toBe(`${code}: ${meaning}\n`);
    }
  });
});
