import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { PlenumApi } from '../../src/auth/PlenumApi.ts';
import type { Grants, ModerationInput } from '../../src/protocol/index.ts';
import { apiToken } from '../support/apiStage.ts';
import { fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { ServerProcess } from '../support/ServerProcess.ts';
import { testSecret } from '../support/testServer.ts';

/** What is written down of moderation, by a server as it is started, up to its end. */

const started: ServerProcess[] = [];
const clients: RawClient[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of started.splice(0)) server.cleanUp();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plenum-audit-'));
  folders.push(folder);
  return join(folder, 'audit.jsonl');
}

function start(...args: string[]): ServerProcess {
  const server = new ServerProcess({ args: ['--workers', '1', ...args], env: { PLENUM_TOKEN_SECRET: testSecret } });
  started.push(server);
  return server;
}

async function enter(server: ServerProcess, identity: string, grants: Partial<Grants> = {}) {
  const url = (await server.ready()).replace('localhost', '127.0.0.1');
  const token = await createAccessToken(testSecret, { room: 'room', identity, grants });
  const client = await RawClient.connect(url, token);
  clients.push(client);
  return Object.assign(client, { answer: await client.join() });
}

const asks = (who: RawClient, moderation: ModerationInput) =>
  who.ask('moderate', { requestId: newRequestId(), moderation });

const linesOf = (text: string): Record<string, unknown>[] =>
  text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));

test('each action has its line in the file, refused ones as well, and none is lost at the end', async () => {
  const file = newFile();
  const server = start('--audit-log', file);
  const mod = await enter(server, 'mod', { moderator: true });
  const ada = await enter(server, 'ada');
  const { publicationId } = await ada.request('publish', fakeMicrophone(newRequestId()));
  const { participantId } = ada.answer;

  await asks(ada, { action: 'remove', participantId: mod.answer.participantId });
  await asks(mod, { action: 'mute', participantId });
  await asks(mod, { action: 'unpublish', publicationId });
  await asks(mod, { action: 'remove', participantId: 'nobody' });
  // In flight when the server is told to stop: it is written down where it was done.
  const last = asks(mod, { action: 'remove', participantId, ban: true }).then(
    ({ ok }) => ok,
    () => false,
  );
  expect((await server.end(() => process.kill(server.pid, 'SIGINT'))).code).toBe(0);
  const removed = ada.received('removed').length > 0 || (await last);

  const actor = { kind: 'participant', identity: 'mod', participantId: mod.answer.participantId };
  const common = { log: 'audit', time: expect.any(String), address: '127.0.0.1', room: 'room' };
  const ofMod = { ...common, actor };
  const lines = linesOf(readFileSync(file, 'utf8'));
  expect(lines.slice(0, 4)).toEqual([
    {
      ...common,
      actor: { kind: 'participant', identity: 'ada', participantId },
      action: 'remove',
      params: { participantId: mod.answer.participantId, ban: false },
      target: 'mod',
      outcome: 'forbidden',
    },
    { ...ofMod, action: 'mute', params: { participantId, source: 'microphone' }, target: 'ada', outcome: 'done' },
    { ...ofMod, action: 'unpublish', params: { publicationId }, target: 'ada', outcome: 'done' },
    { ...ofMod, action: 'remove', params: { participantId: 'nobody', ban: false }, outcome: 'not-found' },
  ]);
  const done = { ...ofMod, action: 'remove', params: { participantId, ban: true }, target: 'ada', outcome: 'done' };
  expect(lines.slice(4).filter(({ outcome }) => outcome === 'done')).toEqual(removed ? [done] : []);
  // It names people and where they are.
  expect(statSync(file).mode & 0o777).toBe(0o600);

  // The next run goes on behind it.
  const next = start('--audit-log', file);
  const again = await enter(next, 'mod', { moderator: true });
  await asks(again, { action: 'lock', locked: true });
  await next.end(() => process.kill(next.pid, 'SIGINT'));
  expect(linesOf(readFileSync(file, 'utf8'))).toHaveLength(lines.length + 1);
});

test('what the application does names whom it concerns, also by what they publish, where they wait and who is banned', async () => {
  const server = start();
  const ada = await enter(server, 'ada');
  const { publicationId } = await ada.request('publish', fakeMicrophone(newRequestId()));
  const url = (await server.ready()).replace('localhost', '127.0.0.1');
  const api = new PlenumApi({ url, token: () => apiToken(), retries: 0 });
  await api.updateRoom('room', { lobby: true });
  await expect(enter(server, 'bob')).rejects.toMatchObject({ code: 'in-lobby' });
  const [knock] = await api.readLobby('room');
  await api.refuse('room', knock?.knockId ?? '', { ban: true });
  await api.liftBan('room', 'bob');
  await api.endPublication('room', publicationId);
  await api.moveParticipant('room', ada.answer.participantId, 'other');
  await server.end(() => process.kill(server.pid, 'SIGINT'));
  const found = linesOf(server.output).map(({ action, room, target, params }) => ({ action, room, target, params }));
  expect(found.filter(({ target }) => target !== undefined)).toMatchObject([
    { action: 'refuse', room: 'room', target: 'bob' },
    { action: 'liftBan', room: 'room', target: 'bob', params: { identity: 'bob' } },
    { action: 'endPublication', room: 'room', target: 'ada' },
    { action: 'moveParticipant', room: 'room', target: 'ada', params: { room: 'other' } },
  ]);
});

test('without an option it is on standard output, however little is logged', async () => {
  const server = start('--log-level', 'error');
  const mod = await enter(server, 'mod', { moderator: true });
  await asks(mod, { action: 'lock', locked: true });
  await server.end(() => process.kill(server.pid, 'SIGINT'));
  expect(linesOf(server.output)).toMatchObject([{ log: 'audit', action: 'lock', params: { locked: true } }]);
});

test('a file that cannot be written stops the start, with a word of what to do', async () => {
  const server = start('--audit-log', '/nowhere/audit.jsonl');
  expect((await server.end()).code).toBe(1);
  expect(server.output).toMatch(/audit log \/nowhere\/audit\.jsonl cannot be written .*ENOENT.*--audit-log/);
});

test('a disk that is full later harms no call and not the end, and the log says it', async () => {
  const server = start('--audit-log', '/dev/full');
  const mod = await enter(server, 'mod', { moderator: true });
  for (const locked of [true, false]) expect(await asks(mod, { action: 'lock', locked })).toMatchObject({ ok: true });
  const { code, after } = await server.end(() => process.kill(server.pid, 'SIGINT'));
  expect(code).toBe(0);
  expect(after).toBeLessThan(5000);
  expect(server.problems()).toMatchObject([{ msg: 'the audit log cannot be written', err: { code: 'ENOSPC' } }]);
});
