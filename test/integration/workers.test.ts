import { afterEach, expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { WorkerGate } from '../support/WorkerGate.ts';
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

/** The worker on which there are people. */
function usedWorker({ app }: TestServer): number {
  const [used, ...others] = app.engine.status.workers.filter(({ participants }) => participants > 0);
  if (!used || others.length > 0) throw new Error('the people are not all on one worker');
  return used.pid;
}

/** As a client does after `mediaReset`. */
function restore(client: RawClient, publicationId: string, muted = false): Promise<unknown> {
  const { rtpParameters } = fakeCamera('camera');
  return client.request('restorePublication', { requestId: newRequestId(), publicationId, rtpParameters, muted });
}

const ready = async (server: TestServer) => (await fetch(`${server.url}/ready`)).status;
const died = { msg: 'media worker died' };
const hung = { msg: 'media worker hangs: it is killed' };

test('a worker that is killed is replaced; its people move, and nobody else sees anything', async () => {
  const server = await serverWith(2);
  const { engine } = server.app;
  // The least loaded worker gets the room: each room is alone on one.
  const ada = await joined(server, 'one', 'ada');
  const before = engine.status.pids;
  const victim = usedWorker(server);
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  await ada.request('publish', { ...fakeMicrophone(newRequestId()), muted: true });
  const eve = await joined(server, 'two', 'eve');
  const bob = await joined(server, 'one', 'bob');
  process.kill(victim, 'SIGKILL');
  for (const client of [ada, bob]) {
    const { sendTransport, recvTransport } = await client.next('mediaReset');
    expect(sendTransport.transportId).not.toBe(recvTransport.transportId);
  }
  await restore(ada, publicationId);
  const added = await bob.next('subscriptionsAdded', ({ subscriptions }) =>
    subscriptions.some((subscription) => subscription.publicationId === publicationId),
  );
  expect(added.subscriptions).toMatchObject([{ waiting: true, muted: false }]);
  for (const client of [ada, bob, eve]) expect(client.received('roomClosed')).toEqual([]);
  expect(eve.received('mediaReset')).toEqual([]);
  expect((await eve.ask('publish', fakeCamera(newRequestId()))).ok).toBe(true);
  await waitFor('the new worker', () => engine.status.running === 2);
  expect(before.filter((pid) => engine.status.pids.includes(pid))).toEqual(before.filter((pid) => pid !== victim));
  expect(engine.status.tally).toMatchObject({ routers: 2, producers: 2, transports: 6 });
  expect(server.app.registry.participants).toBe(3);
  expect(server.problems.splice(0)).toMatchObject([died]);
});

test('/ready says while there is no worker, and nobody can join then', async () => {
  const server = await serverWith(1);
  const ada = await RawClient.connect(server.url, await server.token('alone', 'ada'));
  clients.push(ada);
  expect(await ready(server)).toBe(200);
  const gate = WorkerGate.shut();
  for (const pid of server.app.engine.status.pids) process.kill(pid, 'SIGKILL');
  await waitFor('the notice of it', async () => (await ready(server)) === 503);
  const health = await (await fetch(`${server.adminUrl}/health`)).json();
  expect(health).toMatchObject({ status: 'ok', workers: { running: 0, size: 1 } });
  await expect(ada.join()).rejects.toMatchObject({ code: 'server-full' });
  gate.open();
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
  const [published, restarted, ...joins] = await Promise.allSettled(asked);
  for (const answer of [published, restarted]) {
    expect(answer).toMatchObject({ value: { ok: false, error: { code: 'closed' } } });
  }
  // Those who were about to come, come, to the next worker; and Ada is still there.
  for (const answer of joins) expect(answer.status).toBe('fulfilled');
  await ada.next('mediaReset');
  expect((await ada.ask('publish', fakeCamera(newRequestId()))).ok).toBe(true);
  expect(server.app.registry.participants).toBe(6);
  expect(server.problems.splice(0)).toMatchObject([died]);
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

test('when one worker of a room dies, only its people move, and the publications of the others go on', async () => {
  const server = await serverWith(3, { workerMaxConsumers: 1 });
  const { engine } = server.app;
  const ada = await joined(server, 'one', 'ada');
  const adas = usedWorker(server);
  const bob = await joined(server, 'one', 'bob');
  const bobs = engine.status.workers.find(({ pid, participants }) => pid !== adas && participants > 0)?.pid;
  const eve = await joined(server, 'two', 'eve');
  expect(engine.status.workers.map(({ participants }) => participants)).toEqual([1, 1, 1]);
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  const voice = await bob.request('publish', fakeMicrophone(newRequestId()));
  await waitFor('pipes both ways', () => engine.status.tally.pipesIn === 2);
  const former = await ada.next('subscriptionsAdded');
  const victim = bobs ?? 0;
  process.kill(victim, 'SIGSTOP');
  // On their way to a pipe whose far end does not answer any more.
  for (const muted of [true, false, true]) {
    await ada.request('updatePublication', { requestId: newRequestId(), publicationId, muted });
  }
  const muted = await ada.request('publish', fakeMicrophone(newRequestId()));
  process.kill(victim, 'SIGKILL');
  const { subscriptions } = await bob.next('mediaReset');
  expect(subscriptions.map((each) => each.publicationId).toSorted()).toEqual(
    [publicationId, muted.publicationId].toSorted(),
  );
  const { rtpParameters } = fakeMicrophone('microphone');
  const restoring = { publicationId: voice.publicationId, rtpParameters, muted: true };
  await bob.request('restorePublication', { requestId: newRequestId(), ...restoring });
  await ada.next('subscriptionsRemoved', ({ subscriptionIds }) =>
    former.subscriptions.every(({ subscriptionId }) => subscriptionIds.includes(subscriptionId)),
  );
  const again = ada.received('subscriptionsAdded').at(-1);
  expect(again?.subscriptions).toMatchObject([{ publicationId: voice.publicationId, muted: true }]);
  for (const client of [ada, eve]) expect(client.received('mediaReset')).toEqual([]);
  for (const client of [ada, bob, eve]) expect(client.received('roomClosed')).toEqual([]);
  const unpublished = ada.received('roomChanged').flatMap((delta) => delta.unpublished ?? []);
  expect(unpublished).toEqual([]);
  await eve.request('publish', fakeCamera(newRequestId()));
  await waitFor('a new worker', () => engine.status.running === 3);
  expect(server.problems.splice(0)).toMatchObject([died]);
});

test('two workers that die in the same moment', async () => {
  const server = await serverWith(2, { workerMaxConsumers: 1 });
  const { engine } = server.app;
  const ada = await joined(server, 'both', 'ada');
  const bob = await joined(server, 'both', 'bob');
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  await bob.next('subscriptionsAdded');
  for (const pid of engine.status.pids) process.kill(pid, 'SIGKILL');
  await Promise.all([ada, bob].map((client) => client.next('mediaReset')));
  await restore(ada, publicationId);
  await waitFor('the picture', () => bob.received('subscriptionsAdded').length === 2);
  await waitFor('both workers', () => engine.status.running === 2);
  for (const client of [ada, bob]) expect(client.received('roomClosed')).toEqual([]);
  expect(await ready(server)).toBe(200);
  expect(server.problems.splice(0)).toMatchObject([died, died]);
});

test('a worker that hangs is noticed within two seconds, killed, and replaced; a join goes to another one', async () => {
  const server = await serverWith(2);
  const { engine } = server.app;
  const ada = await joined(server, 'hung', 'ada');
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  const victim = usedWorker(server);
  const since = performance.now();
  process.kill(victim, 'SIGSTOP');
  const bob = await RawClient.connect(server.url, await server.token('hung', 'bob'));
  clients.push(bob);
  const joining = bob.join();
  await ada.next('mediaReset');
  const noticed = performance.now() - since;
  await joining;
  await restore(ada, publicationId);
  await bob.next('subscriptionsAdded');
  expect(noticed).toBeLessThan(2500);
  expect(() => process.kill(victim, 0)).toThrow('ESRCH');
  await waitFor('the new worker', () => engine.status.running === 2);
  expect(server.problems.splice(0)).toMatchObject([hung, died]);
});

test('one that is stopped for a moment only is left alone', async () => {
  const server = await serverWith(1);
  const [pid = 0] = server.app.engine.status.pids;
  for (let time = 0; time < 3; time += 1) {
    process.kill(pid, 'SIGSTOP');
    stopped.push(pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(pid, 'SIGCONT');
    stopped.pop();
    await joined(server, `moment-${time}`, 'ada');
  }
  expect(server.app.engine.status.pids).toEqual([pid]);
});

test('workers that die again and again turn /ready to 503, and /health stays as it is', async () => {
  const server = await serverWith(1);
  const { engine } = server.app;
  const ada = await joined(server, 'again', 'ada');
  for (let death = 1; death <= 3; death += 1) {
    expect(await ready(server)).toBe(200);
    process.kill(engine.status.pids[0] ?? 0, 'SIGKILL');
    await waitFor('the next one', () => ada.received('mediaReset').length === death);
  }
  await waitFor('the notice of it', async () => (await ready(server)) === 503);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  // Who is there goes on, and comers are let in: there is a worker.
  await joined(server, 'again', 'bob');
  expect(ada.received('roomClosed')).toEqual([]);
  expect(server.problems.splice(0)).toMatchObject([died, died, died]);
});
