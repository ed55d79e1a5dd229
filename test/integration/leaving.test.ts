import { afterEach, describe, expect, test } from 'vitest';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { startTestServer } from '../support/testServer.ts';
import { Wire } from '../support/Wire.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage();
const wires: Wire[] = [];
afterEach(() => {
  for (const wire of wires.splice(0)) wire.close();
});

const tally = () => stage.server.app.engine.status.tally;

/** Waits until `watcher` hears that `person` is gone; gives the reason and how long it took, in milliseconds. */
async function heardGone(watcher: RawClient, person: Joined, since: number) {
  const { participantId } = person.answer;
  const find = () =>
    watcher
      .received('roomChanged')
      .flatMap(({ left = [] }) => left)
      .find((each) => each.participantId === participantId);
  const { reason } = await waitFor('the notice of leaving', find, { timeoutMs: 20_000, intervalMs: 10 });
  return { reason, after: Date.now() - since };
}

/** Somebody whose network can go quiet or be cut. */
async function overWire(room: string, identity: string): Promise<{ person: Joined; wire: Wire }> {
  const wire = await Wire.to(stage.server.url);
  wires.push(wire);
  const client = await stage.client(room, identity, wire.url);
  return { wire, person: Object.assign(client, { answer: await client.join() }) };
}

test('leave is acked; the others hear of it within a second, with the reason', async () => {
  const ada = await stage.joined('leave', 'ada');
  const bob = await stage.joined('leave', 'bob');
  await ada.request('publish', fakeCamera(newRequestId()));
  const { subscriptions } = await bob.next('subscriptionsAdded');
  const disconnected = new Promise((resolve) => ada.socket.once('disconnect', resolve));
  const since = Date.now();
  expect(await ada.ask('leave', {})).toEqual({ ok: true, data: {} });
  const { reason, after } = await heardGone(bob, ada, since);
  expect(reason).toBe('left');
  expect(after).toBeLessThan(1000);
  expect((await bob.next('subscriptionsRemoved')).subscriptionIds).toEqual(
    subscriptions.map(({ subscriptionId }) => subscriptionId),
  );
  await disconnected;
  expect(tally()).toMatchObject({ transports: 2, producers: 0, consumers: 0 });
});

test('a page that is closed sends leave without waiting for the answer', async () => {
  const ada = await stage.joined('pagehide', 'ada');
  const bob = await stage.joined('pagehide', 'bob');
  const since = Date.now();
  ada.socket.emit('leave', {});
  ada.close();
  expect(await heardGone(bob, ada, since)).toMatchObject({ reason: 'left' });
});

test('somebody whose process is killed is gone within 6 s', async () => {
  const { person: ada, wire } = await overWire('killed', 'ada');
  const bob = await stage.joined('killed', 'bob');
  await ada.request('publish', fakeMicrophone(newRequestId()));
  const since = Date.now();
  wire.cut();
  const { reason, after } = await heardGone(bob, ada, since);
  expect(reason).toBe('disconnected');
  expect(after).toBeLessThan(6000);
  expect(tally().producers).toBe(0);
});

test('a silent network is marked within 3 s and gone within 15 s', async () => {
  const { person: ada, wire } = await overWire('silent', 'ada');
  const bob = await stage.joined('silent', 'bob');
  const { participantId } = ada.answer;
  wire.silence();
  const since = Date.now();
  const lost = await waitFor(
    'the mark',
    () =>
      bob
        .received('quality')
        .flatMap(({ connections }) => connections)
        .some((each) => each.participantId === participantId && each.quality === 'lost'),
    { intervalMs: 10 },
  );
  expect(lost).toBe(true);
  expect(Date.now() - since).toBeLessThan(3000);
  const eve = await stage.joined('silent', 'eve');
  expect(eve.answer.room.participants[0]).toMatchObject({ participantId, connection: 'lost' });
  const { reason, after } = await heardGone(bob, ada, since);
  expect(reason).toBe('silent');
  expect(after).toBeLessThan(15_000);
});

test('who comes again replaces the former visit', async () => {
  const first = await stage.joined('again', 'ada');
  const bob = await stage.joined('again', 'bob');
  await first.request('publish', fakeCamera(newRequestId()));
  await bob.next('subscriptionsAdded');
  const disconnected = new Promise((resolve) => first.socket.once('disconnect', resolve));
  const since = Date.now();
  const second = await stage.joined('again', 'ada');
  expect((await first.next('removed')).reason).toBe('replaced');
  await disconnected;
  expect(await heardGone(bob, first, since)).toMatchObject({ reason: 'replaced' });
  expect(second.answer.room.participants.map(({ identity }) => identity)).toEqual(['bob', 'ada']);
  expect(second.answer.room.publications).toEqual([]);
  expect(second.answer.participantId).not.toBe(first.answer.participantId);
  expect(tally()).toMatchObject({ transports: 4, producers: 0 });
});

describe('a disconnect in the middle of something leaves nothing behind', () => {
  test('during the join', async () => {
    const ada = await stage.joined('middle', 'ada');
    await ada.request('publish', fakeCamera(newRequestId()));
    const clients = await Promise.all(Array.from({ length: 20 }, (_, i) => stage.client('middle', `person-${i}`)));
    for (const [index, client] of clients.entries()) {
      const params = {
        requestId: 'join',
        recvRtpCapabilities: {},
        dtlsParameters: ada.answer.sendTransport.dtlsParameters,
      };
      client.socket.emit('join', params);
      // The packet has left; the answer has not come. Some go at once, some a little later.
      if (index % 2) client.close();
      else setTimeout(() => client.close(), index);
    }
    await waitFor(
      'only ada',
      () => stage.server.app.gateway.sockets === 1 && stage.server.app.registry.participants === 1,
    );
    await waitFor('only her transports', () => tally().transports === 2 && tally().consumers === 0);
    expect((await ada.ask('sendChat', { requestId: newRequestId(), text: 'here' })).ok).toBe(true);
  });

  test('the first join of a room', async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, (_, i) => stage.client(`first-${i}`, 'ada')));
    const dtlsParameters = { fingerprints: [{ algorithm: 'sha-1' as const, value: Array(20).fill('AB').join(':') }] };
    for (const client of clients) {
      client.socket.emit('join', { requestId: 'join', recvRtpCapabilities: {}, dtlsParameters });
      client.close();
    }
    await waitFor('no room', () => stage.server.app.registry.rooms.length === 0);
  });

  test('during publish', async () => {
    const bob = await stage.joined('publish', 'bob');
    for (let round = 0; round < 10; round += 1) {
      const ada = await stage.joined('publish', 'ada');
      for (let track = 0; track < 4; track += 1) ada.socket.emit('publish', fakeCamera(newRequestId()));
      if (round % 2) ada.socket.emit('leave', {});
      ada.close();
    }
    await waitFor('only bob', () => tally().transports === 2 && tally().producers === 0 && tally().consumers === 0);
    expect((await bob.ask('publish', fakeCamera(newRequestId()))).ok).toBe(true);
  });

  test('with all kinds of requests on their way', async () => {
    const bob = await stage.joined('all', 'bob');
    const { publicationId: bobs } = await bob.request('publish', fakeCamera(newRequestId()));
    for (let round = 0; round < 5; round += 1) {
      const ada = await stage.joined('all', 'ada');
      const { publicationId } = await ada.request('publish', fakeCamera(newRequestId()));
      const send = (name: string, params: object) => ada.socket.emit(name, params);
      send('setView', { version: 1, view: { videos: [] } });
      send('setView', { version: 2, view: { videos: [{ publicationId: bobs, width: 320, height: 180 }] } });
      send('updatePublication', { requestId: newRequestId(), publicationId, muted: true });
      send('restartIce', { requestId: newRequestId(), transport: 'recv' });
      send('updatePublication', { requestId: newRequestId(), publicationId, muted: false });
      send('unpublish', { requestId: newRequestId(), publicationId });
      send('publish', fakeCamera(newRequestId()));
      send('restartIce', { requestId: newRequestId(), transport: 'send' });
      ada.close();
    }
    await waitFor('only bob', () => tally().transports === 2 && tally().producers === 1 && tally().consumers === 0);
  });
});

test('rooms stay for a grace, with their chat, and then go', async () => {
  const grace = 1;
  const server = await startTestServer({ config: { roomGrace: grace, workers: 1 } });
  try {
    const ada = await RawClient.connect(server.url, await server.token('grace', 'ada'));
    await ada.join();
    await ada.request('sendChat', { requestId: newRequestId(), text: 'remember' });
    await ada.request('leave', {});
    expect(server.app.registry.rooms).toHaveLength(1);
    const bob = await RawClient.connect(server.url, await server.token('grace', 'bob'));
    expect((await bob.join()).room.chat.map(({ text }) => text)).toEqual(['remember']);
    const since = Date.now();
    bob.close();
    await waitFor('the end of the room', () => server.app.registry.rooms.length === 0);
    expect(Date.now() - since).toBeGreaterThanOrEqual(grace * 1000 - 50);
    expect(server.app.engine.status.tally.routers).toBe(0);
  } finally {
    await server.close();
  }
});

test('a client that answers nothing does not keep the server from ending', async () => {
  const server = await startTestServer();
  const wire = await Wire.to(server.url);
  wires.push(wire);
  const sleeper = await RawClient.connect(wire.url, await server.token('asleep', 'ada'));
  await sleeper.join();
  wire.silence();
  const since = Date.now();
  await server.close();
  expect(Date.now() - since).toBeLessThan(3000);
  sleeper.close();
});
