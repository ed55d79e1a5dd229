import { io } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { SimulatedFault } from '../../src/protocol/index.ts';
import { awayMs } from '../../src/signaling/Connection.ts';
import { fakeCamera } from '../support/fakeMedia.ts';
import { PathChecks } from '../support/PathChecks.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import type { Joined } from '../support/stage.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

/** What developers may break on purpose: refused by default, and where it is allowed the harm is real. */

const servers: TestServer[] = [];
const closing: { close(): void }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0)) each.close();
  for (const server of servers.splice(0)) await server.close();
});

async function serve(config: Partial<Config> = {}): Promise<TestServer> {
  const server = await startTestServer({ config: { workers: 2, simulateFaults: true, ...config } });
  servers.push(server);
  return server;
}

async function joined(server: TestServer, room: string, identity: string, auth = {}): Promise<Joined> {
  const client = await RawClient.connect(server.url, await server.token(room, identity), auth);
  closing.push(client);
  return Object.assign(client, { answer: await client.join() });
}

const simulate = (client: RawClient, fault: SimulatedFault) =>
  client.request('simulateFault', { requestId: newRequestId(), fault });

/** Ada and Bob in one room, and Eve in another one, on the other worker. */
async function twoRooms(server: TestServer) {
  const ada = await joined(server, 'one', 'ada');
  const [before, ...rest] = server.app.engine.status.workers.toSorted((a, b) => b.participants - a.participants);
  expect([before, ...rest].map((worker) => worker?.participants)).toEqual([1, 0]);
  const eve = await joined(server, 'two', 'eve');
  const bob = await joined(server, 'one', 'bob');
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  await bob.next('subscriptionsAdded');
  return { ada, bob, eve, before: before?.pid, other: rest[0]?.pid, publicationId };
}

/** Nothing but what is said all the time, and that she has come: her own arrival may be told before or after she hears. */
function sawNothing({ notices, answer }: Joined): void {
  const arrival = [expect.objectContaining({ participantId: answer.participantId })];
  const usual = [
    { name: 'welcome', payload: expect.anything() },
    { name: 'wantedLayers', payload: expect.anything() },
    { name: 'roomChanged', payload: { revision: 1, participants: arrival } },
  ];
  for (const notice of notices) expect(usual).toContainEqual(notice);
}

const died = { msg: 'media worker died' };
const hung = { msg: 'media worker hangs: it is killed' };

test('by default each fault is refused with what to do, and nothing is offered', async () => {
  const server = await serve({ simulateFaults: false });
  const ada = await joined(server, 'one', 'ada');
  expect(ada.received('welcome')[0]?.simulatedFaults).toBeUndefined();
  const { pids } = server.app.engine.status;
  for (const fault of ['worker-killed', 'worker-hung', 'socket-cut', 'udp-blocked'] as const) {
    const { error } = await ada.ask('simulateFault', { requestId: newRequestId(), fault });
    expect(error?.code).toBe('forbidden');
    expect(error?.message).toContain('--simulate-faults');
  }
  expect((await ada.ask('publish', fakeCamera(newRequestId()))).ok).toBe(true);
  expect(ada.received('mediaReset')).toEqual([]);
  expect(server.app.engine.status.pids).toEqual(pids);
});

test('where they are allowed `welcome` says so, and others than those are no requests', async () => {
  const server = await serve();
  const ada = await joined(server, 'one', 'ada');
  expect(ada.received('welcome')[0]?.simulatedFaults).toEqual([
    'worker-killed',
    'worker-hung',
    'socket-cut',
    'udp-blocked',
  ]);
  const { error } = await ada.ask('simulateFault', { requestId: newRequestId(), fault: 'earthquake' });
  expect(error?.code).toBe('bad-request');
});

test.each([
  ['worker-killed', [died]],
  ['worker-hung', [hung, died]],
] as const)('%s: its people move, and the other room sees nothing', async (fault, problems) => {
  const server = await serve();
  const { ada, bob, eve, before, other } = await twoRooms(server);
  await simulate(ada, fault);
  for (const client of [ada, bob]) await client.next('mediaReset');
  expect((await ada.ask('publish', fakeCamera(newRequestId()))).ok).toBe(true);
  await waitFor('the new worker', () => server.app.engine.status.running === 2);
  const { pids } = server.app.engine.status;
  expect(pids).not.toContain(before);
  expect(pids).toContain(other);
  sawNothing(eve);
  expect(server.problems.splice(0)).toMatchObject(problems);
});

/** How an attempt to come back with this handshake ends. */
async function attempt(server: TestServer, client: Joined, token: string): Promise<string> {
  const socket = io(server.url, {
    auth: { token, resume: client.point },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  closing.push(socket);
  return new Promise((resolve) => {
    socket.once('welcome', () => resolve('welcomed'));
    socket.once('connect_error', () => resolve('turned away'));
    socket.once('disconnect', resolve);
  });
}

test('socket-cut: the socket breaks without a farewell and cannot come back for a while; the visit stays', async () => {
  const server = await serve();
  const { ada, bob, eve } = await twoRooms(server);
  closing.push(await PathChecks.on(ada.answer));
  const broken = new Promise((resolve) => ada.socket.once('disconnect', resolve));
  const since = Date.now();
  await simulate(ada, 'socket-cut');
  // Else a client would take it for the end of its visit.
  expect(await broken).toBe('transport close');
  const token = await server.token('one', 'ada');
  let outcome = '';
  await waitFor(
    'the server to be reachable again',
    async () => {
      outcome = await attempt(server, ada, token);
      return outcome === 'welcomed';
    },
    { timeoutMs: awayMs + 5000 },
  );
  expect(Date.now() - since).toBeGreaterThanOrEqual(awayMs - 100);
  expect(server.app.registry.participants).toBe(3);
  expect(bob.received('roomChanged').every(({ left }) => left === undefined)).toBe(true);
  expect(bob.received('mediaReset')).toEqual([]);
  sawNothing(eve);
});

test('udp-blocked: one gets other transports, which offer TCP only; asked again, nothing more happens', async () => {
  const server = await serve();
  const { ada, bob, eve, before, other, publicationId } = await twoRooms(server);
  expect(ada.answer.sendTransport.iceCandidates.map(({ protocol }) => protocol)).toContain('udp');
  await simulate(ada, 'udp-blocked');
  const { sendTransport, recvTransport } = await ada.next('mediaReset');
  for (const { iceCandidates } of [sendTransport, recvTransport]) {
    expect(new Set(iceCandidates.map(({ protocol }) => protocol))).toEqual(new Set(['tcp']));
  }
  const { rtpParameters } = fakeCamera('camera');
  const restore = { requestId: newRequestId(), publicationId, rtpParameters, muted: false };
  await ada.request('restorePublication', restore);
  await waitFor('Bob to receive it again', () => bob.received('subscriptionsAdded').length === 2);
  expect(bob.received('mediaReset')).toEqual([]);
  await simulate(ada, 'udp-blocked');
  await ada.request('sendChat', { requestId: newRequestId(), text: 'still here' });
  await ada.next('chat');
  expect(ada.received('mediaReset')).toHaveLength(1);
  expect(server.app.engine.status.pids.toSorted()).toEqual([before, other].toSorted());
  expect(server.app.engine.status.tally).toMatchObject({ transports: 6, producers: 1 });
  sawNothing(eve);
  // The next visit has UDP again.
  ada.close();
  const again = await joined(server, 'one', 'ada');
  expect(again.answer.sendTransport.iceCandidates.map(({ protocol }) => protocol)).toContain('udp');
});
