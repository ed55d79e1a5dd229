import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Room } from '../../../src/client/Room.ts';
import { SdkWorld } from '../../support/sdkWorld/SdkWorld.ts';

vi.mock('socket.io-client', () => ({ io: (...args: Parameters<SdkWorld['io']>) => SdkWorld.current.io(...args) }));
vi.mock('../../../src/client/device.ts', async () => (await import('../../support/sdkWorld/browser.ts')).fakeDevice);
vi.mock(
  '../../../src/client/certificate.ts',
  async () => (await import('../../support/sdkWorld/browser.ts')).fakeCertificate,
);
vi.mock('../../../src/client/MediaLink.ts', async (original) => ({
  ...(await original<object>()),
  MediaLink: (await import('../../support/sdkWorld/browser.ts')).FakeMediaLink,
}));

/** What the SDK does where the server says when to come again. */

let world: SdkWorld;

beforeEach(() => {
  world = new SdkWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.thrown).toEqual([]);
});

const room = () => world.add(new Room({ url: 'https://plenum.test' }));
const later = { code: 'rate-limited', retryAfterMs: 2600 } as const;

async function joined(): Promise<Room> {
  const there = room();
  await world.until(there.join({ token: 'token' }));
  return there;
}

test.each(['handshake', 'join'] as const)('a first %s that is refused for the moment is made after it', async (at) => {
  world.server.refuses = { ...later, at, times: 2 };
  const before = performance.now();
  const there = await joined();
  expect(performance.now() - before).toBeGreaterThanOrEqual(5200);
  expect([there.state, world.server.joined.length, world.server.openSockets]).toEqual(['joined', 1, 1]);
  expect(world.server.attempts).toHaveLength(3);
});

test('a request that is larger than the server reads is refused here, and the connection stays', async () => {
  const there = await joined();
  const before = [...world.server.requests];
  const metadata = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`k${index}`, 'x'.repeat(1000)]));
  expect(await world.outcome(there.updateMetadata(metadata))).toBe('message-too-large');
  expect([there.state, world.server.requests, world.server.openSockets]).toEqual(['joined', before, 1]);
});

test('so is what prepare() opens, and a join over what was prepared', async () => {
  const there = room();
  world.server.refuses = { ...later, at: 'handshake', times: 1 };
  await world.until(there.prepare({ token: 'token' }));
  expect(there.state).toBe('prepared');
  world.server.refuses = { ...later, at: 'join', times: 1 };
  await world.until(there.join({ token: 'token' }));
  expect([there.state, world.server.joined.length, world.server.openSockets]).toEqual(['joined', 1, 1]);
});

test('a join over a connection whose token has expired meanwhile is made with a new one, where there is one', async () => {
  const given: string[] = [];
  const token = () => `token ${given.push('token')}`;
  const there = room();
  await world.until(there.prepare({ token }));
  world.server.refuses = { at: 'join', code: 'unauthorized', times: 1 };
  await world.until(there.join({ token }));
  expect([there.state, given.length, world.server.openSockets]).toEqual(['joined', 2, 1]);
  const other = room();
  await world.until(other.prepare({ token: 'token' }));
  world.server.refuses = { at: 'join', code: 'unauthorized', times: 1 };
  expect(await world.outcome(other.join({ token: 'token' }))).toBe('unauthorized');
});

test('a refusal that says nothing of later, or of much later, is told at once; one that repeats itself at some time', async () => {
  const { server } = world;
  server.refuses = { at: 'join', code: 'room-full' };
  expect(await world.outcome(room().join({ token: 'token' }))).toBe('room-full');
  server.refuses = { at: 'join', code: 'rate-limited', retryAfterMs: 60_000 };
  expect(await world.outcome(room().join({ token: 'token' }))).toBe('rate-limited');
  expect(server.attempts).toHaveLength(2);
  server.refuses = { ...later, at: 'handshake' };
  expect(await world.outcome(room().join({ token: 'token' }))).toBe('rate-limited');
  expect(server.attempts).toHaveLength(8);
  server.refuses = undefined;
});

test('who leaves while it waits is not joined after all', async () => {
  const there = room();
  world.server.refuses = { ...later, at: 'handshake', times: 1 };
  const joining = world.outcome(there.join({ token: 'token' }));
  await world.pass(500);
  await world.until(there.leave());
  expect(await joining).toBe('aborted');
  await world.pass(10_000);
  expect([there.state, world.server.attempts.length]).toEqual(['closed', 1]);
});

test('a request is made again when the server wants it, in its order, and others do not wait for it', async () => {
  const there = await joined();
  const { server } = world;
  server.refuses = { ...later, at: 'request', times: 2 };
  const before = performance.now();
  const done: string[] = [];
  const first = there.sendChat('one').then(() => done.push('one'));
  const second = there.sendChat('two').then(() => done.push('two'));
  await world.pass(1000);
  const third = there.sendChat('three').then(() => done.push('three'));
  await world.until(there.setHandRaised(true));
  expect(done).toEqual([]);
  expect(performance.now() - before).toBeLessThan(2000);
  await world.until(Promise.all([first, second, third]));
  expect(done).toEqual(['one', 'two', 'three']);
  expect(performance.now() - before).toBeGreaterThanOrEqual(2600);
  expect(server.requests.filter((name) => name === 'sendChat')).toHaveLength(5);
  await world.until(there.sendChat('four'));
});

test('what waits fails when the room is left', async () => {
  const there = await joined();
  world.server.refuses = { ...later, at: 'request' };
  const said = world.outcome(there.sendChat('one'));
  await world.pass(500);
  world.server.refuses = undefined;
  await world.until(there.leave());
  expect(await said).not.toBe('done');
  expect(world.server.requests.filter((name) => name === 'sendChat')).toHaveLength(1);
});
