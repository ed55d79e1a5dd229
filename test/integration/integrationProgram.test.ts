import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webhookHeaders } from '../../src/auth/webhookSignature.ts';
import { RawClient } from '../support/RawClient.ts';
import { steadyPort } from '../support/steadyPort.ts';
import { startTestServer, type TestServer, testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** The application's server of the README, as it stands there, with a real media server and people in its meetings. */

const repository = fileURLToPath(new URL('../..', import.meta.url));
const webhookSecret = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

function program(): string {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  const found = blocks.find((block) => block.includes('PlenumApi') && block.includes('createServer'));
  if (!found) throw new Error('the README has no integration');
  return found;
}

let folder: string;
let server: TestServer;
let url: string;
const said: string[] = [];
let stop: () => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plenum-integration-'));
  // What an installation would bring: the package by its name.
  const plenum = join(folder, 'node_modules', 'plenum');
  mkdirSync(plenum, { recursive: true });
  writeFileSync(
    join(plenum, 'package.json'),
    JSON.stringify({ type: 'module', exports: { './server': './server.js' } }),
  );
  const entry = pathToFileURL(join(repository, 'src', 'auth', 'index.ts')).href;
  writeFileSync(join(plenum, 'server.js'), `export * from ${JSON.stringify(entry)};\n`);
  const file = join(folder, 'integration.ts');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(file, program());

  const port = await steadyPort();
  url = `http://127.0.0.1:${port}`;
  server = await startTestServer({
    config: {
      ...{ workers: 1, open: false, roomCreation: 'api' },
      ...{
        webhookUrls: [new URL(`${url}/webhooks`)],
        webhookSecrets: [webhookSecret],
        webhookAllowPrivate: ['127.0.0.1'],
      },
    },
  });
  const secrets = { PLENUM_TOKEN_SECRET: testSecret, PLENUM_WEBHOOK_SECRETS: webhookSecret };
  const env = { PATH: process.env.PATH, PLENUM_URL: server.url, PORT: String(port), ...secrets };
  const child = fork(file, { env, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ended = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => said.push(line));
  }
  stop = async () => {
    child.kill();
    await ended;
  };
  await waitFor(`the program: ${said.join('\n')}`, () => said.includes('ready'));
}, 30_000);

afterAll(async () => {
  await stop();
  await server.close();
  rmSync(folder, { recursive: true });
});

async function post(path: string, body: object = {}): Promise<{ status: number; body: Record<string, string> }> {
  const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
}

test('it has 40 lines', () => {
  const lines = program().split('\n');
  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(40);
});

test('a meeting from its making to its end, of which the program hears', async () => {
  const { body: meeting } = await post('/meetings');
  const room = meeting.name ?? '';
  const enter = async (user: string, host: boolean) => {
    const { body } = await post('/tokens', { room, user, host });
    const client = await RawClient.connect(server.url, body.token ?? '');
    return { client, answer: await client.join() };
  };
  const ada = await enter('ada', true);
  const bob = await enter('bob', false);
  expect(ada.answer.room.settings.startMuted).toBe(true);
  expect((await bob.client.next('welcome')).grants.moderator).toBe(false);
  expect((await post('/meetings/end', { room })).status).toBe(204);
  expect(await bob.client.next('roomClosed')).toMatchObject({ reason: 'ended', by: { displayName: 'crm' } });
  await waitFor('the webhook', () => said.some((line) => line.startsWith(`${room} `)));
  for (const { client } of [ada, bob]) client.close();
});

test('what is wrong is refused', async () => {
  expect(await post('/meetings/end', { room: 'nothing' })).toEqual({ status: 400, body: { code: 'not-found' } });
  expect(await post('/nothing')).toEqual({ status: 404, body: {} });
  expect((await post('/webhooks', { type: 'room.ended' })).status).toBe(401);
  expect((await post('/tokens', { room: 'x'.repeat(1_000_000) })).status).toBe(413);
});

test('an event of a newer server is passed over', async () => {
  const id = 'msg_1';
  const timestamp = Math.floor(Date.now() / 1000);
  const body = JSON.stringify({ id, type: 'planet.found', timestamp: new Date().toISOString(), data: {} });
  const headers = webhookHeaders([webhookSecret], { id, timestamp, body });
  expect((await fetch(`${url}/webhooks`, { method: 'POST', headers, body })).status).toBe(204);
});

test('a body that is cut off ends nothing', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('POST /meetings/end HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n');
  // The program reads the body from now on.
  await once(socket, 'data');
  socket.write('{"ro');
  socket.resetAndDestroy();
  // That reaches the program before what is asked afterwards.
  const { body: meeting } = await post('/meetings');
  expect((await post('/meetings/end', { room: meeting.name })).status).toBe(204);
});
