import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { io } from 'socket.io-client';
import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { createApiToken } from '../../src/auth/apiToken.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { ServerProcess } from '../support/ServerProcess.ts';
import { waitFor } from '../support/waitFor.ts';

/**
 * Secrets are planted, everything that goes wrong with them is made to go wrong, and all that the server says to anybody but
 * their owner is searched for them.
 */

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

const canary = (what: string) => `canary-${what}-${randomBytes(24).toString('hex')}`;

/** By what they are. */
type Canaries = Map<string, string>;

function search(said: string, canaries: Canaries): string[] {
  return [...canaries].flatMap(([what, secret]) => {
    // A part of it would be a leak as well, but the header and the claims of a token are no secret.
    const random = secret.startsWith('canary-') ? secret.split('-').at(-1) : secret.split('.').at(-1);
    const parts = [secret, random?.slice(0, 8) || secret, random?.slice(-8) || secret];
    return parts.some((part) => said.includes(part)) ? [what] : [];
  });
}

/** A handshake that is refused; what is said of it. */
async function refused(url: string, auth: Record<string, unknown>, query = {}): Promise<string> {
  const socket = io(url, { auth, query, transports: ['websocket'], forceNew: true, reconnection: false });
  try {
    return await new Promise((resolve, reject) => {
      socket.once('connect_error', (error) => resolve(JSON.stringify([error.message, Reflect.get(error, 'data')])));
      socket.once('connect', () => reject(new Error('the handshake was taken')));
    });
  } finally {
    socket.disconnect();
  }
}

async function answerOf(url: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(url, init);
  return JSON.stringify([answer.status, [...answer.headers], await answer.text()]);
}

// Together: each waits at the end until the server gives up its webhooks.
test.concurrent.for(['json', 'text'])(
  'a server that logs at level debug as %s says no secret, whatever is done with it',
  { timeout: 60_000 },
  async (format, { onTestFinished }) => {
    const clients: RawClient[] = [];
    onTestFinished(() => {
      for (const client of clients) client.close();
    });
    const secret = canary('token-signer');
    const canaries: Canaries = new Map([['the token secret', secret]]);
    const keep = (what: string, value: string) => {
      canaries.set(what, value);
      return value;
    };
    const folder = mkdtempSync(join(tmpdir(), 'plenum-secrets-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const keyFile = join(folder, 'keys.json');
    // No number: of a word that is none, Node quotes what is around it.
    const k = keep('a token key', `xx${randomBytes(31).toString('hex')}`);
    writeFileSync(keyFile, JSON.stringify({ keys: [{ kty: 'oct', kid: 'one', k }] }));
    const server = new ServerProcess({
      args: ['--log-level', 'debug', '--log-format', format, '--resume-grace', '5'],
      env: {
        PLENUM_TOKEN_SECRET: secret,
        PLENUM_TOKEN_KEYS: keyFile,
        // Nobody listens there.
        PLENUM_WEBHOOK_URLS: `http://127.0.0.1:9/${keep('the path of the webhooks', canary('hook'))}`,
        PLENUM_WEBHOOK_SECRETS: `whsec_${keep('the webhook secret', randomBytes(32).toString('base64'))}`,
        PLENUM_WEBHOOK_ALLOW_PRIVATE: '127.0.0.1',
      },
    });
    onTestFinished(() => server.cleanUp());
    const url = (await server.ready()).replace('localhost', '127.0.0.1');
    const adminUrl = await server.adminUrl();
    const said: string[] = [];

    // A meeting, with what goes wrong in one.
    const enter = async (identity: string) => {
      const token = keep(`the token of ${identity}`, await createAccessToken(secret, { room: 'secrets', identity }));
      const client = await RawClient.connect(url, token);
      clients.push(client);
      const answer = await client.join();
      keep(`the resume key of ${identity}`, client.point.key);
      keep(`the ICE password of ${identity}`, answer.sendTransport.iceParameters.password);
      return { client, token };
    };
    const ada = await enter('ada');
    const bob = await enter('bob');
    await bob.client.request('publish', fakeMicrophone(newRequestId()));
    await ada.client.request('sendChat', { requestId: newRequestId(), text: 'hello' });
    for (const [name, ...args] of [
      [ada.token],
      ['publish', ada.token],
      ['publish', { requestId: 'x', source: ada.token, rtpParameters: { secret } }],
      ['restartIce', { requestId: 'x', transport: ada.client.point.key }],
      ['unpublish', { requestId: 'x', publicationId: ada.client.point.key }],
      ['join', { requestId: 'x', token: ada.token, key: ada.client.point.key }],
    ] as const) {
      said.push(JSON.stringify(await ada.client.ask(name, ...args)));
    }

    // Handshakes that are refused.
    const hourAgo = { room: 'secrets', identity: 'eve', ttlSeconds: 1 };
    const other = canary('another-signer');
    const bad = {
      'a token that is none': canary('no-token'),
      'a token of another secret': await createAccessToken(other, { ...hourAgo, ttlSeconds: 60 }),
      'a token that was changed': `${ada.token.slice(0, -4)}AAAA`,
      'a token that is too long': canary('long').repeat(1000),
    };
    for (const [what, token] of Object.entries(bad)) said.push(await refused(url, { token: keep(what, token) }));
    for (const auth of [
      { token: { token: ada.token } },
      { token: ada.token, protocolVersion: ada.token },
      { key: secret },
    ]) {
      said.push(await refused(url, auth));
    }
    said.push(await refused(url, { token: bad['a token that is none'] }, { token: ada.token, secret }));
    const key = keep('a resume key that nobody has', canary('resume'));
    const stranger = await RawClient.connect(url, ada.token, { resume: { key, seq: 0, revision: 0 } });
    clients.push(stranger);
    expect(await stranger.next('welcome')).toMatchObject({ session: 'refused' });
    stranger.close();

    // A socket that breaks, a visit that goes on with its key, another one that is taken with the wrong person's token.
    const { point } = bob.client;
    bob.client.drop();
    said.push(await refused(url, { token: bad['a token that is none'], resume: point }));
    const back = await RawClient.connect(url, bob.token, { resume: point });
    clients.push(back);
    expect(await back.next('welcome')).toMatchObject({ session: 'resumed' });

    // A file of keys with a slip right before a key.
    writeFileSync(keyFile, `{"keys":[{"kty":"oct","kid":"one","k":${k}}]}`);
    await waitFor('the slip to be noticed', async () => {
      said.push(await refused(url, { token: bad['a token that is none'] }));
      return server.output.includes('the file of token keys cannot be used');
    });

    // A worker that dies. It and the others were given nothing either.
    const environments = server.workers().map((pid) => readFileSync(`/proc/${pid}/environ`, 'latin1'));
    expect(environments.length).toBeGreaterThan(0);
    expect(search(environments.join(), canaries), 'in the environment of workers').toEqual([]);
    const [worker = 0] = server.workers();
    process.kill(worker, 'SIGKILL');
    await waitFor('the worker to be replaced', () => server.output.includes('media worker replaced'));

    // HTTP, right and wrong.
    const headers = {
      authorization: `Bearer ${ada.token}`,
      cookie: `key=${point.key}`,
      'content-type': 'application/json',
    };
    const post = (body: string, more: Record<string, string> = {}) => ({
      method: 'POST',
      headers: { ...headers, ...more },
      body,
    });
    for (const path of [
      '/health',
      '/ready',
      '/metrics',
      '/',
      `/${ada.token}`,
      `/r/%ff${point.key}`,
      `/health?token=${secret}`,
    ]) {
      for (const base of [url, adminUrl]) said.push(await answerOf(`${base}${path}`, { headers }));
    }
    for (const init of [
      post(`{"token":"${ada.token}"`),
      post(JSON.stringify({ room: `${secret}/`, name: point.key, secret: `\u0000${ada.token}` })),
      post(secret, { 'content-type': `text/${point.key}` }),
      post('{}', { origin: `https://${canaries.get('the token of ada')?.slice(-20)}.example` }),
      { method: 'DELETE', headers },
    ]) {
      said.push(await answerOf(`${url}/api/token`, init));
    }
    const apiToken = keep('an API token', await createApiToken(secret, { subject: 'crm', grants: { rooms: 'read' } }));
    for (const token of [apiToken, `${apiToken}x`, ada.token, secret]) {
      const init = { headers: { authorization: `Bearer ${token}`, 'idempotency-key': token } };
      said.push(await answerOf(`${url}/api/v1/rooms/${token.slice(-20)}`, init));
      const body = JSON.stringify({ name: token, settings: { [token.slice(0, 60)]: token } });
      said.push(await answerOf(`${url}/api/v1/rooms`, { ...init, ...post(body, init.headers) }));
    }
    for (const path of ['/metrics', '/health']) said.push(await answerOf(`${adminUrl}${path}`));

    // What is written down of who did what, and what is said of the API.
    const grants = { rooms: 'write', participants: 'write' } as const;
    const writer = keep('an API token that may write', await createApiToken(secret, { subject: 'crm', grants }));
    const asWriter = { authorization: `Bearer ${writer}`, 'idempotency-key': writer.slice(-40) };
    said.push(await answerOf(`${url}/api/v1/rooms`, { ...post('{"name":"written-down"}', asWriter) }));
    said.push(await answerOf(`${url}/api/v1/rooms/written-down`, { method: 'DELETE', headers: asWriter }));
    const moderation = { action: 'remove', participantId: 'nobody' };
    said.push(JSON.stringify(await ada.client.ask('moderate', { requestId: newRequestId(), moderation })));
    for (const path of ['openapi.json', 'docs', 'docs/json']) said.push(await answerOf(`${url}/api/v1/${path}`));

    await server.end(() => process.kill(server.pid, 'SIGINT'));
    // It was heard of: what is not logged cannot leak.
    for (const event of [
      'a handshake was refused',
      'a request was refused',
      'participant came back',
      'media worker died',
      'webhook not delivered',
      '"written-down"',
    ]) {
      expect(server.output).toContain(event);
    }
    expect(search(server.output, canaries), 'in the log').toEqual([]);
    expect(search(said.join('\n'), canaries), 'in answers').toEqual([]);
  },
);

describe('a start says no secret', () => {
  async function outputOf(args: string[], env: Record<string, string>): Promise<string> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PLENUM_'));
    const options = { env: { ...Object.fromEntries(inherited), ...env }, timeout: 20_000 };
    return promisify(execFile)(process.execPath, [main, ...args], options).then(
      ({ stdout, stderr }) => stdout + stderr,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
  }

  const secret = canary('signer');
  const pem = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;
  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['--help', ['--help', '--token-secret', secret], { PLENUM_TOKEN_SECRET: secret }, /Usage/],
    ['a secret as a flag', ['--token-secret', secret], {}, /--token-secret is no flag.*PLENUM_TOKEN_SECRET/],
    ['a secret that is too short', [], { PLENUM_TOKEN_SECRET: secret.slice(0, 31) }, /at least 32 bytes/],
    ['a flag of nearly that name', [`--token-secrets=${secret}`], {}, /did you mean PLENUM_TOKEN_SECRET/],
    ['a secret of two words', ['--token-secret', 'two', secret], {}, /is no option/],
    [
      'another option that is wrong',
      ['--port', 'x'],
      { PLENUM_TOKEN_SECRET: secret, PLENUM_TOKEN_SECRETS: secret },
      /--port is "x"/,
    ],
    [
      'a key itself instead of its path',
      ['--tls-cert', 'x.pem', '--port', '0', '--rtc-port', '0'],
      { PLENUM_TLS_KEY: pem },
      /PLENUM_TLS/,
    ],
    [
      'a file of keys itself instead of its path',
      ['--port', '0', '--rtc-port', '0'],
      { PLENUM_TOKEN_KEYS: JSON.stringify({ keys: [{ kty: 'oct', kid: 'one', k: secret }] }) },
      /PLENUM_TOKEN_KEYS is \(not shown\); it must be the path/,
    ],
    [
      'a key with its certificate',
      [],
      { PLENUM_TLS_KEY: pem, PLENUM_TLS_CERT: pem, PLENUM_PORT: '0', PLENUM_RTC_PORT: '0' },
      /must be the path/,
    ],
  ])('%s', async (_what, args, env, says) => {
    const output = await outputOf(args, env);
    expect(output).toMatch(says);
    expect(output).not.toContain(secret.slice(0, 31));
    expect(output).not.toContain(secret.slice(-24));
  });
});
