import { afterEach, expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** What becomes of rooms when a worker dies or hangs. */

const servers: TestServer[] = [];
const clients: RawClient[] = [];
const stopped: number[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT');
  for (const server of servers.splice(0)) await server.close();
});

async function serverWith(workers: number, config: Partial<Config> = {}): Promise<TestServer> {
  const server = await startTestServer({ config: { workers, ...config } });
  servers.push(server);
  return server;
}

async function joined(server: TestServer, room: string, identity: string): Promise<RawClient> {
  const client = await RawClient.connect(server.url, await server.token(room, identity));
  clients.push(client);
  await client.join();
  return client;
}

const ready = async (server: TestServer) => (await fetch(`${server.url}/ready`)).status;
const died = { msg: 'media worker died' };

test('a worker that is killed is replaced; its rooms are told to come again, the others go on', async () => {
  const server = await serverWith(2);
  const { engine } = server.app;
  // The least loaded worker gets the room: each room is alone on one.
  const ada = await joined(server, 'one', 'ada');
  const before = engine.status.pids;
  await ada.request('publish', fakeCamera(newRequestId()));
  const eve = await joined(server, 'two', 'eve');
  const bob = await joined(server, 'one', 'bob');
  const ended = [ada, bob].map((client) => new Promise((resolve) => client.socket.once('disconnect', resolve)));
  // Ada's router came first, so it is on the first worker.
  const [victim = 0] = before;
  process.kill(victim, 'SIGKILL');
  for (const client of [ada, bob]) {
    expect(await client.next('roomClosed')).toMatchObject({ reason: 'media-failed', rejoin: true });
  }
  await Promise.all(ended);
  expect(eve.received('roomClosed')).toEqual([]);
  expect((await eve.ask('publish', fakeCamera(newRequestId()))).ok).toBe(true);
  await joined(server, 'one', 'ada');
  await waitFor('the new worker', () => engine.status.running === 2);
  expect(engine.status.pids).toContain(before[1]);
  expect(engine.status.pids).not.toContain(victim);
  expect(engine.status.tally).toMatchObject({ routers: 2, producers: 1 });
  expect(server.problems.splice(0)).toMatchObject([died]);
});

test('/ready says while there is no worker, and nobody can join then', async () => {
  const server = await serverWith(1);
  const ada = await RawClient.connect(server.url, await server.token('alone', 'ada'));
  clients.push(ada);
  expect(await ready(server)).toBe(200);
  for (const pid of server.app.engine.status.pids) process.kill(pid, 'SIGKILL');
  await waitFor('the notice of it', async () => (await ready(server)) === 503, { intervalMs: 5 });
  const health = await (await fetch(`${server.url}/health`)).json();
  expect(health).toMatchObject({ status: 'ok', workers: { running: 0, size: 1 } });
  await expect(ada.join()).rejects.toMatchObject({ code: 'server-full' });
  await waitFor('a new worker', async () => (await ready(server)) === 200);
  await ada.join();
  expect(server.problems.splice(0)).toMatchObject([died]);
});

test('joins and publications on their way when the worker dies are answered', async () => {
  const server = await serverWith(1);
  const ada = await joined(server, 'way', 'ada');
  const others = await Promise.all(
    Array.from({ length: 5 }, async (_, index) =>
      RawClient.connect(server.url, await server.token('way', `person-${index}`)),
    ),
  );
  clients.push(...others);
  const [pid = 0] = server.app.engine.status.pids;
  // Stopped first, so that the requests are surely on their way when it dies.
  process.kill(pid, 'SIGSTOP');
  const asked = [
    ada.ask('publish', fakeCamera(newRequestId())),
    ada.ask('restartIce', { requestId: newRequestId(), transport: 'send' }),
    ...others.map((other) => other.join()),
  ];
  await ada.request('sendChat', { requestId: newRequestId(), text: 'chat needs no worker' });
  process.kill(pid, 'SIGKILL');
  const answers = await Promise.allSettled(asked);
  const codes = answers.map((answer) =>
    answer.status === 'fulfilled' ? Object(answer.value).error?.code : Object(answer.reason).code,
  );
  // Ada's socket may be closed before her answers come; nobody is told of success.
  for (const code of codes.slice(2)) expect(code).toMatch(/^(closed|internal|server-full)$/);
  expect(answers.slice(0, 2).some((answer) => answer.status === 'fulfilled' && Object(answer.value).ok)).toBe(false);
  await waitFor('a new worker', async () => (await ready(server)) === 200);
  await joined(server, 'way', 'ada');
  server.problems.splice(0);
});

test('a server with a hanging worker closes all the same', async () => {
  const server = await serverWith(2);
  const ada = await joined(server, 'hanging', 'ada');
  const [pid = 0] = server.app.engine.status.pids;
  process.kill(pid, 'SIGSTOP');
  const since = Date.now();
  await server.close();
  servers.splice(0);
  expect(Date.now() - since).toBeLessThan(3000);
  expect(await ada.next('roomClosed')).toMatchObject({ reason: 'server-stopping' });
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('when one worker of a room dies, the room ends whole, its pipes with it, and other rooms see nothing', async () => {
  const server = await serverWith(3, { workerMaxConsumers: 1 });
  const { engine } = server.app;
  const ada = await joined(server, 'one', 'ada');
  const bob = await joined(server, 'one', 'bob');
  const eve = await joined(server, 'two', 'eve');
  expect(engine.status.workers.map(({ participants }) => participants)).toEqual([1, 1, 1]);
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  await bob.request('publish', fakeMicrophone(newRequestId()));
  await waitFor('pipes both ways', () => engine.status.tally.pipesIn === 2);
  const [, victim = 0] = engine.status.pids;
  process.kill(victim, 'SIGSTOP');
  // On their way to a pipe whose far end does not answer any more.
  for (const muted of [true, false, true]) {
    await ada.request('updatePublication', { requestId: newRequestId(), publicationId, muted });
  }
  await ada.request('publish', fakeMicrophone(newRequestId()));
  process.kill(victim, 'SIGKILL');
  for (const client of [ada, bob]) {
    expect(await client.next('roomClosed')).toMatchObject({ reason: 'media-failed', rejoin: true });
  }
  const nothing = { links: 0, pipesIn: 0, pipesOut: 0, producers: 0, consumers: 0 };
  expect(engine.status.tally).toEqual({ routers: 1, transports: 2, ...nothing });
  expect(eve.received('roomClosed')).toEqual([]);
  await eve.request('publish', fakeCamera(newRequestId()));
  await waitFor('a new worker', () => engine.status.running === 3);
  await joined(server, 'one', 'ada');
  await joined(server, 'one', 'bob');
  expect(engine.status.tally).toMatchObject({ routers: 3, links: 2 });
  expect(server.problems.splice(0)).toMatchObject([died]);
});

test('nobody is sent to a worker that does not answer', async () => {
  const server = await serverWith(2, { workerMaxConsumers: 1 });
  const { engine } = server.app;
  await joined(server, 'calm', 'ada');
  const [first = 0, second = 0] = engine.status.pids;
  process.kill(second, 'SIGSTOP');
  stopped.push(second);
  await waitFor('it to be noticed', () => engine.status.workers[1]?.stalled);
  for (const name of ['bob', 'eve']) await joined(server, 'calm', name);
  await joined(server, 'another', 'dan');
  expect(engine.status.workers).toMatchObject([
    { pid: first, participants: 4, stalled: false },
    { pid: second, participants: 0, stalled: true },
  ]);
  process.kill(second, 'SIGCONT');
  await waitFor('it to answer', () => engine.status.workers[1]?.stalled === false);
  await joined(server, 'calm', 'fay');
  expect(engine.status.workers[1]).toMatchObject({ participants: 1 });
});
