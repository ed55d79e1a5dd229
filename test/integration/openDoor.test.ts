import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { problem } from '../support/problem.ts';
import { RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** Tokens for whoever asks, and who comes in with them as what. */

const stage = setStage();

const post = (body: unknown, { url = stage.server.url, type = 'application/json' } = {}) =>
  fetch(`${url}/api/token`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
/** What only the page of that person knows. */
const secretOf = (who: string) => `the secret of ${who}`.padEnd(20, '.');

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

describe('the door that is open for this machine alone', () => {
  test('gives a page of another name, though it leads here, neither a token nor a connection', async () => {
    const server = await startTestServer({ config: { open: undefined, tokenSecret: undefined, workers: 1 } });
    try {
      const { port } = new URL(server.url);
      const from = async (host: string, path: string, method = 'GET') => {
        const headers = { host, origin: `http://${host}`, 'content-type': 'application/json' };
        const asking = request(`${server.url}${path}`, { method, headers });
        asking.end(method === 'POST' ? JSON.stringify({ room: 'r', name: 'Ada' }) : undefined);
        const [answer] = await once(asking, 'response');
        answer.resume();
        return answer.statusCode;
      };
      const handshake = '/socket.io/?EIO=4&transport=polling';
      for (const [host, ...statuses] of [
        [`localhost:${port}`, 200, 200],
        [`127.0.0.1:${port}`, 200, 200],
        [`rebound.example:${port}`, 421, 403],
      ] as const) {
        expect([host, await from(host, '/api/token', 'POST'), await from(host, handshake)]).toEqual([
          host,
          ...statuses,
        ]);
      }
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
