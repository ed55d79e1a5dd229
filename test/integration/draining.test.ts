import { afterEach, expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { RawClient } from '../support/RawClient.ts';
import { ServerProcess, type ServerProcessOptions } from '../support/ServerProcess.ts';
import { testSecret } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** A server that is to be replaced: its meetings go on for a while. */

const started: ServerProcess[] = [];
afterEach(() => {
  for (const server of started.splice(0)) server.cleanUp();
});

async function start(options: ServerProcessOptions = {}) {
  const server = new ServerProcess({ detached: true, env: { PLENUM_TOKEN_SECRET: testSecret }, ...options });
  started.push(server);
  const url = (await server.ready()).replace('localhost', '127.0.0.1');
  return {
    server,
    url,
    join: async (room: string, identity: string) => {
      const client = await RawClient.connect(url, await createAccessToken(testSecret, { room, identity }));
      return Object.assign(client, { answer: await client.join() });
    },
    status: async () => (await fetch(`${url}/ready`)).status,
    get: async (path: string) => (await fetch(`${url}${path}`)).text(),
    tellOperators: async (path: string) => (await fetch(`${await server.adminUrl()}${path}`)).text(),
    /** As npm, a shell or systemd may send it: to the workers too. */
    terminate: () => process.kill(-server.pid, 'SIGTERM'),
  };
}

const passed = (ms: number) => {
  const since = Date.now();
  return waitFor(`${ms} ms to pass`, () => Date.now() - since >= ms);
};

test('SIGTERM: no longer ready and no new meeting, but those that there are go on and take people until the last leaves', async () => {
  const { server, join, get, tellOperators, status, terminate } = await start();
  const ada = await join('meeting', 'ada');
  expect(await status()).toBe(200);
  const workers = server.workers();
  terminate();
  const since = Date.now();
  await waitFor('/ready to say no', async () => (await status()) === 503);
  expect(Date.now() - since).toBeLessThan(1000);
  expect(JSON.parse(await get('/ready'))).toEqual({ status: 'draining' });
  expect(JSON.parse(await get('/health'))).toEqual({ status: 'ok' });
  expect(JSON.parse(await tellOperators('/ready'))).toMatchObject({ status: 'draining', participants: 1 });
  expect(JSON.parse(await tellOperators('/health'))).toMatchObject({ status: 'ok', draining: true });
  expect(await tellOperators('/metrics')).toContain('\nplenum_draining 1\n');
  const { until } = await ada.next('draining');
  expect(Math.abs(until - since - 60_000)).toBeLessThan(2000);
  await expect(join('another', 'eve')).rejects.toMatchObject({ code: 'draining' });
  const bob = await join('meeting', 'bob');
  expect(bob.answer.room.participants).toHaveLength(2);
  expect(await bob.next('draining')).toMatchObject({ until });
  await passed(1500);
  expect(server.workers(), 'the signal reached the workers too').toEqual(workers);
  await ada.request('leave', {});
  await bob.request('sendChat', { requestId: 'hello', text: 'still here' });
  const { code, after } = await server.end(() => bob.socket.emit('leave', {}));
  expect(code).toBe(0);
  expect(after).toBeLessThan(3000);
  expect(server.workers()).toEqual([]);
  expect(server.problems()).toEqual([]);
});

test('who is still there when the time is over is sent to another server', async () => {
  const { server, join, terminate } = await start({ args: ['--drain-seconds', '2'] });
  const ada = await join('meeting', 'ada');
  const { code, after } = await server.end(terminate);
  expect(code).toBe(0);
  expect(after).toBeGreaterThan(1900);
  expect(after).toBeLessThan(5000);
  expect(await ada.next('roomClosed')).toMatchObject({ reason: 'server-stopping', rejoin: true });
  expect(server.workers()).toEqual([]);
  expect(server.problems()).toEqual([]);
});

/** What "at once" is, in milliseconds: test/unit/stopper.test.ts. */
test('the same signal twice at once is one; later it means: now', async () => {
  const { server, join, status, terminate } = await start();
  const ada = await join('meeting', 'ada');
  terminate();
  terminate();
  await ada.next('draining');
  await passed(1100);
  expect(await status()).toBe(503);
  expect(ada.socket.connected).toBe(true);
  const { code, after } = await server.end(terminate);
  expect(code).toBe(0);
  expect(after).toBeLessThan(3000);
  expect(await ada.next('roomClosed')).toMatchObject({ reason: 'server-stopping', rejoin: true });
  expect(server.workers()).toEqual([]);
});

test('Ctrl-C does not wait, also after SIGTERM', async () => {
  const { server, join, terminate } = await start();
  const ada = await join('meeting', 'ada');
  terminate();
  await ada.next('draining');
  const { code, after } = await server.end(() => process.kill(-server.pid, 'SIGINT'));
  expect(code).toBe(0);
  expect(after).toBeLessThan(3000);
  expect(server.workers()).toEqual([]);
});

test('a worker that hangs does not keep the process', async () => {
  const { server, join, terminate } = await start({ args: ['--drain-seconds', '1'] });
  await join('meeting', 'ada');
  const { code, after } = await server.end(() => {
    for (const worker of server.workers()) process.kill(worker, 'SIGSTOP');
    terminate();
  });
  expect(code).toBe(0);
  expect(after).toBeLessThan(6000);
  expect(server.workers()).toEqual([]);
});
