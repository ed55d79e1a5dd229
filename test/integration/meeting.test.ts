import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

async function client(room: string, identity: string): Promise<RawClient> {
  return RawClient.connect(server.url, await server.token(room, identity));
}

test('the answer to a join holds everything that the first frame needs', async () => {
  const ada = await client('answer', 'ada');
  await ada.join();
  await ada.request('publish', fakeCamera(newRequestId()));
  await ada.request('publish', fakeMicrophone(newRequestId()));
  const bob = await client('answer', 'bob');
  const answer = await bob.join();
  expect(answer.subscriptions.map(({ kind, waiting }) => ({ kind, waiting }))).toEqual([
    { kind: 'audio', waiting: false },
    { kind: 'video', waiting: false },
  ]);
  expect(answer.room.participants.map(({ identity }) => identity)).toEqual(['ada', 'bob']);
  expect(answer.room.publications).toHaveLength(2);
  expect(answer.sendTransport.iceCandidates.length).toBeGreaterThan(0);
  ada.close();
  bob.close();
});

test('after everybody has left nothing is left on the server', async () => {
  const clients = await Promise.all(['ada', 'bob', 'eve'].map((identity) => client('empty', identity)));
  for (const each of clients) {
    await each.join();
    await each.request('publish', fakeCamera(newRequestId()));
    await each.request('publish', fakeMicrophone(newRequestId()));
  }
  await waitFor('all subscriptions', () => server.app.engine.status.tally.consumers === 12);
  for (const each of clients) each.close();
  const nothing = { routers: 0, transports: 0, producers: 0, consumers: 0 };
  await waitFor('an empty server', () => JSON.stringify(server.app.engine.status.tally) === JSON.stringify(nothing));
  expect(server.app.registry.rooms).toHaveLength(0);
});
