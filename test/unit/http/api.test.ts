import type { FastifyInstance, InjectOptions } from 'fastify';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../src/audit/AuditLog.ts';
import { serveApi } from '../../../src/http/api/index.ts';
import { createInstance } from '../../../src/http/refusals.ts';
import { type ApiHandlers, type ApiOperationName, apiOperations, isWrite } from '../../../src/protocol/api.ts';
import { type ApiGrants, grantsAccess } from '../../../src/protocol/apiGrants.ts';
import type { ApiOperation } from '../../../src/protocol/apiOperation.ts';
import type { ApiRoom } from '../../../src/protocol/apiRooms.ts';
import { errorCodes, PlenumError } from '../../../src/protocol/index.ts';
import { allApiGrants } from '../../support/apiStage.ts';
import { fakeApi } from '../../support/fakeApi.ts';

/** The API without rooms behind it: who may ask what, and how it refuses. */

const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
const apps: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
  lines.length = 0;
});

interface Given {
  grants?: ApiGrants;
  handlers?: Partial<ApiHandlers>;
}

async function start({ grants = allApiGrants, handlers = {} }: Given = {}) {
  const told: AuditEntry[] = [];
  let limit = Number.POSITIVE_INFINITY;
  const app = createInstance(log);
  apps.push(app);
  const service = fakeApi({
    verify: async (token) => {
      if (token !== 'good') throw new PlenumError('unauthorized', 'the API token is malformed');
      return { name: 'crm', grants };
    },
    limits: {
      knock: () => {
        limit -= 1;
        if (limit < 0) throw new PlenumError('rate-limited', 'too many requests', { retryAfterMs: 1500 });
      },
      ask: () => undefined,
    },
    audit: { record: (entry) => void told.push(entry) },
    identityOf: (room, participantId) => `${participantId} in ${room}`,
    handlers,
  });
  await serveApi(app, { service, version: '9.8.7', log });
  await app.ready();
  const ask = async (method: NonNullable<InjectOptions['method']>, path: string, more: Partial<InjectOptions> = {}) => {
    const headers = { authorization: 'Bearer good', ...more.headers };
    const answer = await app.inject({ method, url: `/api/v1${path}`, ...more, headers });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? undefined : answer.json() };
  };
  return { app, ask, told, allow: (count: number) => (limit = count) };
}

const names = Object.keys(apiOperations) as ApiOperationName[];
const addressOf = ({ path }: ApiOperation) =>
  path
    .replace(':room', 'daily')
    .replace(':participantId', 'p1')
    .replace(/:[A-Za-z]+/, 'x');

describe.each(names)('%s', (name) => {
  const operation: ApiOperation = apiOperations[name];
  const url = addressOf(operation);

  test('is refused without a token, with a bad one, and without its right; nothing is read of the body', async () => {
    const { right, method } = operation;
    const payload = { headers: { 'content-type': 'application/json' }, payload: '{' };
    const { ask } = await start();
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
      const answer = await (await start({ grants })).ask(method, url, payload);
      expect([answer.status, answer.body.code], JSON.stringify(grants)).toEqual([403, 'forbidden']);
    }
  });

  test('is refused to a token that is confined to other rooms, as far as it names one', async () => {
    const { ask } = await start({ grants: { ...allApiGrants, onlyRooms: ['weekly'], roomPrefix: 'crm-' } });
    const answer = await ask(operation.method, url);
    if (operation.path.includes(':room')) expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    else expect(answer.status).not.toBe(403);
  });

  test('goes on to what is done for it with its right alone', async () => {
    const { right, method } = operation;
    const { ask } = await start({ grants: { [right.area]: right.access } });
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
    const { app } = await start();
    const answer = await app.inject({ ...request, headers: { authorization: 'Bearer good', ...request.headers } });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toEqual(expected);
    expect(answer.statusCode).toBe(answer.json().status);
    expect(answer.body.length).toBeLessThan(2000);
  });

  test('a wrong method is told the right ones', async () => {
    const { ask } = await start();
    expect((await ask('PUT', '/rooms/x')).headers.allow).toBe('GET, HEAD, PATCH, DELETE');
    expect((await ask('GET', '/rooms/x/chat')).headers.allow).toBe('POST');
  });

  test('a failure says nothing of itself; the log does', async () => {
    const { ask } = await start({
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
    const { ask, allow } = await start();
    allow(0);
    const answer = await ask('GET', '/rooms');
    expect([answer.headers['retry-after'], answer.body]).toEqual([
      '2',
      problem('rate-limited', 429, { retryAfterMs: 1500 }),
    ]);
  });

  test('each type leads to what it means', async () => {
    const { app } = await start();
    for (const [code, meaning] of Object.entries(errorCodes)) {
      expect((await app.inject(`/api/v1/problems/${code}`)).body).toBe(`${code}: ${meaning}\n`);
    }
  });
});

describe('idempotency keys', () => {
  const room: ApiRoom = {
    ...{ name: 'daily', sessionId: 's', createdAt: 1, participants: 0, publications: 0 },
    spotlight: [],
    settings: { locked: false, lobby: false, screenShare: 'everybody', startMuted: false },
  };
  const withKey = (key: string, payload: object = { name: 'daily' }) => ({
    headers: { 'idempotency-key': key },
    payload,
  });

  async function counting() {
    let done = 0;
    const createRoom = () => {
      done += 1;
      if (done > 1) throw new PlenumError('conflict', 'there is a room of that name already');
      return room;
    };
    return { ...(await start({ handlers: { createRoom } })), done: () => done };
  }

  test('the same request gets the same answer, with status and headers, and is done and written down once', async () => {
    const { ask, done, told } = await counting();
    const first = await ask('POST', '/rooms', withKey('"key-1"'));
    expect([first.status, first.body, first.headers.location]).toEqual([201, room, '/api/v1/rooms/daily']);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    // With or without quotation marks, and however the JSON is written.
    const again = await ask('POST', '/rooms', withKey('key-1', { settings: {}, name: 'daily' }));
    expect([again.status, again.body, again.headers.location]).toEqual([201, room, '/api/v1/rooms/daily']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(done()).toBe(1);
    expect(told).toHaveLength(1);
  });

  test('another request with the key is refused, another key is another request', async () => {
    const { ask, done } = await counting();
    await ask('POST', '/rooms', withKey('key-1'));
    const other = await ask('POST', '/rooms', withKey('key-1', { name: 'weekly' }));
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-mismatch']);
    expect((await ask('POST', '/rooms', withKey('key-2'))).status).toBe(409);
    // A refusal is an answer as well.
    const again = await ask('POST', '/rooms', withKey('key-2'));
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([409, 'true']);
    expect(done()).toBe(2);
  });

  test('two at the same time are done once', async () => {
    const going = Promise.withResolvers<void>();
    let done = 0;
    const { ask } = await start({
      handlers: {
        endRoom: async () => {
          done += 1;
          await going.promise;
          return undefined;
        },
      },
    });
    const headers = { 'idempotency-key': 'end-1' };
    const first = ask('DELETE', '/rooms/x', { headers });
    const second = await ask('DELETE', '/rooms/x', { headers });
    expect([second.status, second.body.code, second.headers['retry-after']]).toEqual([
      409,
      'idempotency-in-progress',
      '1',
    ]);
    going.resolve();
    expect((await first).status).toBe(204);
    expect((await ask('DELETE', '/rooms/x', { headers })).status).toBe(204);
    expect(done).toBe(1);
  });

  test.each(['', '""', 'a b', '"a', 'ä', 'x'.repeat(256)])('%j is no key', async (key) => {
    const { ask } = await counting();
    expect((await ask('POST', '/rooms', withKey(key))).body.code).toBe('bad-request');
  });
});

describe('the audit log', () => {
  test('has a line of each write, done or refused, and none of what is only read', async () => {
    const { ask, told } = await start({ handlers: { removeParticipant: async () => undefined } });
    await ask('DELETE', '/rooms/daily/participants/p1?ban=true');
    await ask('PATCH', '/rooms/daily', { payload: { settings: { locked: 1 } } });
    await ask('POST', '/rooms/daily/chat', { payload: { text: 'what they say' } });
    await ask('GET', '/rooms');
    await ask('DELETE', '/rooms/daily', { headers: { authorization: 'Bearer bad' } });
    const by = { actor: { kind: 'application', name: 'crm' }, address: '127.0.0.1', room: 'daily' };
    expect(told).toEqual([
      {
        ...by,
        action: 'removeParticipant',
        params: { participantId: 'p1', ban: true },
        target: 'p1 in daily',
        outcome: 'done',
      },
      { ...by, action: 'updateRoom', params: { settings: { locked: 1 } }, target: undefined, outcome: 'bad-request' },
      { ...by, action: 'sendChat', params: {}, target: expect.any(String), outcome: 'not-found' },
    ]);
  });

  test('has those who may not as well, but not those of whom nothing is known', async () => {
    const { ask, told } = await start({ grants: { rooms: 'read' } });
    for (const name of names.filter(isWrite)) {
      const operation: ApiOperation = apiOperations[name];
      await ask(operation.method, addressOf(operation));
    }
    expect(told.map(({ action }) => action)).toEqual(names.filter(isWrite));
    expect(new Set(told.map(({ outcome }) => outcome))).toEqual(new Set(['forbidden']));
  });
});
