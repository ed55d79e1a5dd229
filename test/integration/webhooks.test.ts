import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { WebhookEvent } from '../../src/protocol/webhooks.ts';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { WebhookReceiver, webhookSecret } from '../support/WebhookReceiver.ts';
import { waitFor } from '../support/waitFor.ts';

/** What an application's server hears of meetings, over real sockets and real HTTP. */

const servers: TestServer[] = [];
const clients: RawClient[] = [];
const receivers: WebhookReceiver[] = [];
let receiver: WebhookReceiver;

beforeEach(async () => {
  receiver = await listening();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) await server.close();
  for (const each of receivers.splice(0)) {
    await each.close();
    expect(each.refused, 'requests that were not rightly signed').toEqual([]);
  }
});

async function listening(port?: number): Promise<WebhookReceiver> {
  const made = await WebhookReceiver.listen(port);
  receivers.push(made);
  return made;
}

async function serverWith(config: Partial<Config> = {}): Promise<TestServer> {
  const server = await startTestServer({
    config: {
      webhookUrls: [receiver.url],
      webhookSecrets: [webhookSecret],
      webhookAllowPrivate: ['127.0.0.1'],
      workers: 1,
      ...config,
    },
  });
  servers.push(server);
  return server;
}

async function joined(server: TestServer, room: string, identity: string, auth = {}): Promise<RawClient> {
  const client = await RawClient.connect(server.url, await server.token(room, identity), auth);
  clients.push(client);
  await client.join();
  return client;
}

const types = (events: WebhookEvent[]) => events.map(({ type }) => type);
const notDelivered = { msg: 'webhook not delivered: it will be tried again' };

/** Takes the lines off that tell of attempts which failed as the test wants it. */
function takeFailures(server: TestServer): void {
  const lines = server.problems.splice(0);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatchObject(notDelivered);
}

test('a meeting from its beginning to its end, in order and signed', async () => {
  const server = await serverWith();
  const before = Date.now();
  const ada = await joined(server, 'daily', 'ada');
  const bob = await joined(server, 'daily', 'bob');
  const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
  await ada.request('publish', fakeMicrophone(newRequestId()));
  await ada.request('unpublish', { requestId: newRequestId(), publicationId });
  await ada.request('leave', {});
  await bob.request('leave', {});
  const events = await receiver.first(10, 'daily');
  expect(types(events)).toEqual([
    'room.started',
    'participant.joined',
    'participant.joined',
    'publication.started',
    'publication.started',
    'publication.ended',
    'publication.ended',
    'participant.left',
    'participant.left',
    'room.ended',
  ]);
  const [started, adaJoined, , camera, , cameraEnded, , adaLeft, , ended] = events;
  const room = { name: 'daily', sessionId: expect.stringMatching(/^[\w-]{21}$/) };
  const durationMs = expect.any(Number);
  const participant = { participantId: expect.any(String), identity: 'ada' };
  const guest = { ...participant, displayName: 'ada', hidden: false, joinedAt: expect.any(Number) };
  expect(started?.data).toEqual({ room, startedAt: expect.any(Number) });
  expect(adaJoined?.data).toEqual({ room, participant: guest });
  const publication = { publicationId, source: 'camera', kind: 'video', codec: 'vp8' };
  expect(camera?.data).toEqual({ room, participant, publication });
  expect(cameraEnded?.data).toEqual({ room, participant, publication, durationMs });
  expect(adaLeft?.data).toEqual({ room, participant: guest, reason: 'left', durationMs });
  expect(ended?.data).toEqual({ room, reason: 'ended', startedAt: expect.any(Number), durationMs });
  expect(new Set(events.map(({ data }) => 'room' in data && data.room.sessionId)).size).toBe(1);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  for (const { timestamp } of events) {
    expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(timestamp)).toBeLessThanOrEqual(Date.now());
  }
  // The same name at another time.
  await joined(server, 'daily', 'ada');
  const again = await receiver.first(12, 'daily');
  const sessions = new Set(again.map(({ data }) => 'room' in data && data.room.sessionId));
  expect(sessions.size).toBe(2);
});

test('who resumes has neither left nor joined; who comes a second time has', async () => {
  const server = await serverWith();
  const ada = await joined(server, 'resume', 'ada');
  ada.drop();
  const again = await RawClient.connect(server.url, await server.token('resume', 'ada'), { resume: ada.point });
  clients.push(again);
  expect(again.received('welcome')[0]?.session).toBe('resumed');
  const second = await joined(server, 'resume', 'ada');
  await second.request('leave', {});
  const events = await receiver.first(6, 'resume');
  expect(events.map(({ type, data }) => ('reason' in data ? [type, data.reason] : [type]))).toEqual([
    ['room.started'],
    ['participant.joined'],
    ['participant.left', 'replaced'],
    ['participant.joined'],
    ['participant.left', 'left'],
    ['room.ended', 'ended'],
  ]);
});

test('a worker that dies is told; nobody on it leaves', async () => {
  const server = await serverWith();
  const ada = await joined(server, 'worker', 'ada');
  const [worker] = server.app.engine.status.workers;
  process.kill(worker?.pid ?? 0, 'SIGKILL');
  const death = await waitFor('the news of it', () => receiver.events().find(({ type }) => type === 'worker.died'));
  expect(death.data).toEqual({
    worker: { index: 0, pid: worker?.pid },
    uptimeMs: expect.any(Number),
    participants: 1,
  });
  await ada.next('mediaReset');
  await ada.request('leave', {});
  expect(types(await receiver.first(4, 'worker'))).toEqual([
    'room.started',
    'participant.joined',
    'participant.left',
    'room.ended',
  ]);
  expect(server.problems.splice(0)).toMatchObject([{ msg: 'media worker died' }]);
});

test('what fails is sent again under the same id before the rest of its room; other rooms go on', async () => {
  const attempts: string[] = [];
  receiver.onArrival(({ event, answer }) => {
    const failing = 'room' in event.data && event.data.room.name === 'failing';
    if (failing) attempts.push(event.id);
    answer(failing && attempts.length <= 2 ? 500 : 204);
  });
  const server = await serverWith();
  await joined(server, 'failing', 'ada');
  await waitFor('the first failure', () => attempts.length === 1);
  const bob = await joined(server, 'other', 'bob');
  await bob.request('leave', {});
  await waitFor('all of the other room', () => receiver.events('other').length === 4);
  expect(attempts.length).toBeLessThan(3);
  const events = await receiver.first(4, 'failing');
  expect(types(events)).toEqual(['room.started', 'room.started', 'room.started', 'participant.joined']);
  expect(new Set(attempts.slice(0, 3)).size).toBe(1);
  const sentAt = receiver.arrivals
    .filter(({ event }) => event.id === attempts[0])
    .map(({ headers }) => Number(Reflect.get(headers, 'webhook-timestamp')));
  expect(sentAt[2]).toBeGreaterThan(sentAt[0] ?? 0);
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/^plenum_webhooks_failures_total 2$/m);
  expect(metrics).toMatch(/^plenum_webhooks_lost_total 0$/m);
  takeFailures(server);
});

test('a receiver that does not answer slows nobody down, and gets the rest when it does', async () => {
  const waiting: (() => void)[] = [];
  receiver.onArrival(({ answer }) => waiting.push(() => answer(204)));
  const server = await serverWith();
  const ada = await joined(server, 'slow', 'ada');
  await waitFor('a request', () => waiting.length === 1);
  const times: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const since = performance.now();
    const client = await joined(server, 'slow', `person-${index}`);
    await client.request('publish', fakeMicrophone(newRequestId()));
    times.push(performance.now() - since);
  }
  await ada.request('leave', {});
  // One at a time for one room, and it is not answered.
  expect(waiting).toHaveLength(1);
  expect(times.toSorted((a, b) => a - b)[10]).toBeLessThan(1000);
  const health = await (await fetch(`${server.adminUrl}/health`)).json();
  expect(health.webhooks).toMatchObject({ pending: 43, delivered: 0, failures: 0, lost: 0 });
  receiver.onArrival(({ answer }) => answer(204));
  waiting[0]?.();
  const events = await receiver.first(43, 'slow');
  expect(types(events.slice(0, 4))).toEqual([
    'room.started',
    'participant.joined',
    'participant.joined',
    'publication.started',
  ]);
  expect(events.at(-1)?.type).toBe('participant.left');
});

test('a receiver that is gone for a while gets everything once it is back', async () => {
  const server = await serverWith();
  const { port } = receiver;
  await receiver.close();
  receivers.pop();
  const ada = await joined(server, 'gone', 'ada');
  await ada.request('leave', {});
  await waitFor('a failure', () => server.problems.length > 0);
  const back = await listening(port);
  expect(types(await back.first(4, 'gone'))).toEqual([
    'room.started',
    'participant.joined',
    'participant.left',
    'room.ended',
  ]);
  takeFailures(server);
});

test('several receivers: each gets everything, and one that is gone keeps nothing from the other', async () => {
  const other = await listening();
  const server = await serverWith({ webhookUrls: [receiver.url, other.url] });
  receiver.onArrival(({ answer }) => answer(410));
  const ada = await joined(server, 'both', 'ada');
  await ada.request('leave', {});
  expect(types(await other.first(4, 'both'))).toHaveLength(4);
  expect(types(receiver.events())).toEqual(['room.started']);
  expect(server.problems.splice(0)).toMatchObject([{ msg: expect.stringContaining('410 Gone') }]);
});

test('nothing is sent to a private address that is not allowed', async () => {
  const target = `https://localhost:${receiver.port}`;
  const server = await serverWith({ webhookUrls: [new URL(`${target}/secret-path`)], webhookAllowPrivate: [] });
  await joined(server, 'private', 'ada');
  await waitFor('the refusal', () => server.problems.length > 0);
  const why = expect.stringContaining('not a public address');
  expect(server.problems).toMatchObject([{ ...notDelivered, why, target }]);
  await server.app.close();
  expect(JSON.stringify(server.problems.splice(0))).not.toContain('secret-path');
});

test('at the end of the server the ends of its rooms are told', async () => {
  const server = await serverWith();
  await joined(server, 'end', 'ada');
  await server.close();
  servers.pop();
  const events = receiver.events('end');
  expect(types(events)).toEqual(['room.started', 'participant.joined', 'participant.left', 'room.ended']);
  expect(events.at(-1)?.data).toMatchObject({ reason: 'server-stopping' });
});

test('what cannot be delivered at the end is lost within seconds, and logged', async () => {
  receiver.onArrival(() => undefined);
  const server = await serverWith();
  await joined(server, 'lost', 'ada');
  const since = Date.now();
  await server.app.close();
  expect(Date.now() - since).toBeLessThan(9000);
  expect(server.problems.splice(0)).toMatchObject([
    { msg: 'webhook events are lost: the server stops, and they could not be sent', count: 4 },
  ]);
  await server.close();
  servers.pop();
});
