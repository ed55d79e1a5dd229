import { expect, test } from 'vitest';
import { fakeCamera, fakeMicrophone } from '../support/fakeMedia.ts';
import { newRequestId, RawClient } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage({ config: { maxParticipants: 3 } });

const refused = (code: string) => ({ ok: false, error: { code, message: expect.stringMatching(/\S/) } });
const tally = () => stage.server.app.engine.status.tally;

test('a participant publishes 16 tracks at most, also when all are asked for at once', async () => {
  const ada = await stage.joined('tracks', 'ada');
  const bob = await stage.joined('tracks', 'bob');
  const answers = await Promise.all(Array.from({ length: 17 }, () => ada.ask('publish', fakeCamera(newRequestId()))));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(16);
  expect(answers.find(({ ok }) => !ok)).toEqual(refused('too-many-publications'));
  expect(tally().producers).toBe(16);
  expect(await ada.ask('publish', fakeMicrophone(newRequestId()))).toEqual(refused('too-many-publications'));
  // A refused one does not count, and one that is taken down makes place.
  const { publicationId } = Object(answers.find(({ ok }) => ok)?.data);
  await ada.request('unpublish', { requestId: newRequestId(), publicationId });
  expect((await ada.ask('publish', fakeMicrophone(newRequestId()))).ok).toBe(true);
  // The limit is each one's own.
  expect((await bob.ask('publish', fakeMicrophone(newRequestId()))).ok).toBe(true);
});

test('tracks that are refused take no place', async () => {
  const ada = await stage.joined('tracks', 'ada');
  const bad = () => ({ ...fakeCamera(newRequestId()), rtpParameters: { ...fakeMicrophone('x').rtpParameters } });
  await Promise.all(Array.from({ length: 30 }, () => ada.ask('publish', bad())));
  const answers = await Promise.all(Array.from({ length: 16 }, () => ada.ask('publish', fakeCamera(newRequestId()))));
  expect(answers.every(({ ok }) => ok)).toBe(true);
});

test('a full room takes nobody more, and somebody when a place is free', async () => {
  const people = await Promise.all(['ada', 'bob', 'eve'].map((identity) => stage.joined('full', identity)));
  const joe = await stage.client('full', 'joe');
  await expect(joe.join()).rejects.toMatchObject({ code: 'room-full' });
  expect(tally().transports).toBe(6);
  // Another room is another matter, and so is somebody who comes again.
  await stage.joined('elsewhere', 'joe');
  await stage.joined('full', 'ada');
  await people[1]?.request('leave', {});
  await joe.join();
});

test('of those who come at once as many get in as there is room for', async () => {
  const clients = await Promise.all(Array.from({ length: 8 }, (_, i) => stage.client('rush', `person-${i}`)));
  const results = await Promise.allSettled(clients.map((client) => client.join()));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  expect(reasons).toEqual(Array(5).fill('room-full'));
  await waitFor('the transports of those who got in', () => tally().transports === 6);
});

test('the last place is free although somebody else is just coming in', async () => {
  const ada = await stage.joined('almost', 'ada');
  // Whoever joins now has sixteen subscriptions made before the answer: the join takes a while.
  await Promise.all(Array.from({ length: 16 }, () => ada.request('publish', fakeCamera(newRequestId()))));
  const bob = await stage.client('almost', 'bob');
  const eve = await stage.client('almost', 'eve');
  const coming = bob.join();
  await waitFor('bob on his way', () => stage.server.app.registry.participants === 2, { intervalMs: 0 });
  await Promise.all([coming, eve.join()]);
});

test('somebody who comes twice at once is there once', async () => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => stage.client('twins', 'ada')));
  const results = await Promise.allSettled(clients.map((client) => client.join()));
  expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
  await waitFor('one of them', () => stage.server.app.registry.participants === 1 && tally().transports === 2);
});

test.each(['a b', '', 'x'.repeat(65), 'ä', '../x', 'a/b', 'a.b', 'x\n'])(
  'no token for a room named %j',
  async (room) => {
    await expect(stage.server.token(room, 'ada')).rejects.toMatchObject({ code: 'bad-request' });
  },
);

test.each(['A', '_-', 'x'.repeat(64), '0123'])('a room may be named %s', async (room) => {
  expect((await stage.joined(room, 'ada')).answer.room.room).toBe(room);
});

test.each([' ', 'x'.repeat(65), 'x'.repeat(60_000), 'a\u0000b', 'a\u001b[31m', 'a\u202eb', 'a\nb'])(
  'no token for a display name that is wrong (%#)',
  async (name) => {
    await expect(stage.server.token('names', 'ada', name)).rejects.toMatchObject({ code: 'bad-request' });
  },
);

test.each(['', 'x'.repeat(129), 'x'.repeat(60_000), 'a\u0000b', 'a\u2066b', 'a\nb'])(
  'no token for an identity that is wrong (%#)',
  async (identity) => {
    await expect(stage.server.token('names', identity)).rejects.toMatchObject({ code: 'bad-request' });
  },
);

test('a display name may have 64 characters of any script', async () => {
  const name = '日本語 ünï 👩‍🚀'.padEnd(64, 'x');
  const ada = await stage.server.token('names', 'ada', name);
  const client = await RawClient.connect(stage.server.url, ada);
  expect((await client.join()).room.participants[0]?.displayName).toBe(name);
  client.close();
});

test('to leave is free, but who says it wrongly again and again is cut', async () => {
  const ada = await stage.joined('wrong', 'ada');
  const bob = await stage.joined('wrong', 'bob');
  const cut = new Promise((resolve) => ada.socket.once('disconnect', resolve));
  for (let index = 0; index < 300; index += 1) ada.socket.emit('leave', 1);
  await cut;
  await bob.next('roomChanged', ({ left = [] }) => left.length > 0);
});
