import { afterEach, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { RawClient } from '../support/RawClient.ts';
import { ServerProcess } from '../support/ServerProcess.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** A server whose limit of open files is low: it says that it is full before anything breaks, and recovers by itself. */

const started: ServerProcess[] = [];
const clients: RawClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of started.splice(0)) server.cleanUp();
});

const files = 160;

async function start(...args: string[]) {
  const server = new ServerProcess({ files, args, env: { PLENUM_TOKEN_SECRET: testSecret } });
  started.push(server);
  const url = (await server.ready()).replace('localhost', '127.0.0.1');
  const adminUrl = await server.adminUrl();
  const health = async () => (await fetch(`${adminUrl}/health`)).json();
  return {
    server,
    health,
    ready: async () => (await fetch(`${url}/ready`)).status,
    join: async (identity: string) => {
      const client = await RawClient.connect(url, await createAccessToken(testSecret, { room: 'files', identity }));
      clients.push(client);
      await client.join();
      return client;
    },
  };
}

/** Why people were refused, with how many of each. */
function reasons(results: readonly PromiseSettledResult<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    const code = String(result.reason.data?.code ?? result.reason.code ?? result.reason.message);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

test('as many as fit get in, each further one is told that the server is full, and those who leave make room', async () => {
  const { server, health, join, ready } = await start();
  const { maxSockets } = await health();
  expect(maxSockets).toBeGreaterThan(30);
  expect(maxSockets).toBeLessThan(files - 48);
  const first: RawClient[] = [];
  for (let n = 0; n < maxSockets; n += 1) first.push(await join(`person-${n}`));
  for (let n = 0; n < 5; n += 1) {
    const refused = await Promise.allSettled(Array.from({ length: 10 }, (_, each) => join(`late-${n}-${each}`)));
    expect(reasons(refused)).toEqual({ 'server-full': 10 });
  }
  expect(await ready()).toBe(503);
  expect(await health()).toMatchObject({ participants: maxSockets, workers: { running: 2 } });
  // Those who are in can do what they like.
  const [ada, bob] = first;
  await ada?.request('sendChat', { requestId: 'hello', text: 'still here' });
  await bob?.next('chat', ({ text }) => text === 'still here');
  for (const client of first.splice(0, 10)) client.close();
  await waitFor('room', async () => (await health()).sockets === maxSockets - 10);
  expect(await ready()).toBe(200);
  const later = await Promise.allSettled(Array.from({ length: 10 }, (_, each) => join(`later-${each}`)));
  expect(reasons(later)).toEqual({});
  expect(server.problems()).toEqual([]);
});

test('more connections than it can have at once break nothing, and a worker that dies then is replaced', async () => {
  const { server, health, join, ready } = await start();
  const { maxSockets } = await health();
  const rush = await Promise.allSettled(Array.from({ length: files * 3 }, (_, n) => join(`person-${n}`)));
  const joined = rush.filter(({ status }) => status === 'fulfilled').length;
  expect(joined).toBeGreaterThan(maxSockets / 2);
  expect(joined).toBeLessThanOrEqual(maxSockets);
  const fill = await Promise.allSettled(Array.from({ length: maxSockets - joined }, (_, n) => join(`filler-${n}`)));
  expect(reasons(fill)).toEqual({});
  expect(await ready()).toBe(503);
  expect(server.problems()).toEqual([]);
  const [worker = 0] = server.workers();
  process.kill(worker, 'SIGKILL');
  await waitFor('another worker', () => server.workers().length === 2 && !server.workers().includes(worker));
  await waitFor('it to be known', async () => (await health()).workers.running === 2);
  for (const client of clients.splice(0)) client.close();
  await waitFor('an empty server', async () => (await health()).sockets === 0);
  await join('ada');
  expect(server.problems().map(({ msg }) => msg)).toEqual(['media worker died']);
});

test('workers have the same limit: as many participants are placed there as have descriptors for media over TCP', async () => {
  const { join, server } = await start('--workers', '1');
  const fit = Math.floor((files - 32 - 24) / 2);
  for (let n = 0; n < fit; n += 1) await join(`person-${n}`);
  await expect(join('late')).rejects.toMatchObject({ code: 'server-full' });
  clients[0]?.close();
  await waitFor('room', () =>
    join('late').then(
      () => true,
      () => false,
    ),
  );
  expect(server.problems()).toEqual([]);
});
