import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Room } from '../../../src/client/Room.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
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

/** How the SDK comes back, with its real parts down to the socket, at the speed of a clock that is turned. */

let world: SdkWorld;

beforeEach(() => {
  world = new SdkWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.thrown).toEqual([]);
});

/** What has become of a promise so far. */
function watch(promise: Promise<unknown>) {
  const outcome: { code?: string } = {};
  promise.then(
    () => Object.assign(outcome, { code: 'done' }),
    (error: unknown) => Object.assign(outcome, { code: error instanceof PlenumError ? error.code : String(error) }),
  );
  return outcome;
}

async function joined(): Promise<Room> {
  const room = world.add(new Room({ url: 'https://plenum.test' }));
  await world.until(room.join({ token: 'token' }));
  return room;
}

test('what is asked while the socket is away fails when the server has forgotten the visit, not when there is another', async () => {
  const room = await joined();
  world.server.network = 'refusing';
  world.server.cut();
  await world.pass(100);
  expect(room.state).toBe('resuming');
  const asked = [
    watch(room.setHandRaised(true)),
    watch(room.sendChat('hello')),
    watch(room.updateMetadata({ seat: 1 })),
  ];
  await world.pass(5000);
  expect(asked, 'while the visit may go on').toEqual([{}, {}, {}]);
  // The next visit is long in coming.
  world.server.forget();
  world.server.refuses = { at: 'join', code: 'room-full' };
  world.server.network = 'up';
  await world.untilState(room, 'rebuilding');
  await world.pass(0);
  const failed = { code: 'disconnected' };
  expect(asked).toEqual([failed, failed, failed]);
  expect(await world.outcome(room.sendChat('again'))).toBe('disconnected');
  world.server.refuses = undefined;
  await world.untilState(room, 'joined');
  expect(world.server.requests.filter((name) => name === 'raiseHand' || name === 'sendChat')).toEqual([]);
});

/** The server goes, and what is sent to it is dropped from then on, as by a firewall in front of one that is away. */
async function thrownOut(): Promise<Room> {
  const room = await joined();
  world.server.closeRoom('server-stopping', true);
  world.server.network = 'dropping';
  expect(room.state).toBe('rebuilding');
  return room;
}

test('a server that comes back where packets were dropped is tried within 2 s, and joined once', async () => {
  for (let away = 500; away < 28_000; away += 1300) {
    const room = await thrownOut();
    const { server } = world;
    await world.pass(away);
    const before = server.attempts.length;
    server.network = 'up';
    await world.untilTrue('an attempt', () => server.attempts.length > before, 2000);
    await world.untilState(room, 'joined', 500);
    await world.pass(10_000);
    expect(room.state).toBe('joined');
    expect([server.joined.length, server.most, server.openSockets]).toEqual([1, 1, 1]);
    await world.until(room.leave());
  }
});

test('where nothing is answered few attempts are under way, and they keep no step with those of others', async () => {
  const room = await thrownOut();
  const { server } = world;
  let most = 0;
  for (let ms = 0; ms < 60_000; ms += 50) {
    await world.pass(50);
    most = Math.max(most, server.openSockets);
  }
  expect(room.state).toBe('rebuilding');
  expect(most).toBeLessThanOrEqual(5);
  const gaps = server.attempts.slice(2).map((at, index) => at - (server.attempts[index + 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(900);
  expect(new Set(gaps.slice(0, 12).map((gap) => Math.round(gap / 10))).size).toBeGreaterThan(5);
});

test('several connections that come about in the same moment make one visit', async () => {
  const room = await thrownOut();
  const { server } = world;
  // Handshakes take four seconds, so that a second and a third attempt are under way when the first is through.
  server.latencyMs = 4000;
  server.network = 'up';
  await world.untilState(room, 'joined', 60_000);
  expect(server.requests.filter((name) => name === 'join')).toHaveLength(2);
  server.latencyMs = 20;
  await world.pass(10_000);
  expect([room.state, server.joined.length, server.most, server.openSockets]).toEqual(['joined', 1, 1, 1]);
});

test('a join that is refused after a slow handshake is tried again', async () => {
  const room = await thrownOut();
  const { server } = world;
  server.latencyMs = 2500;
  server.network = 'up';
  server.refuses = { at: 'join', code: 'room-full' };
  await world.pass(20_000);
  expect(room.state).toBe('rebuilding');
  expect(server.requests.filter((name) => name === 'join').length).toBeGreaterThan(2);
  server.refuses = undefined;
  await world.untilState(room, 'joined');
  expect([server.joined.length, server.most, server.openSockets]).toEqual([1, 1, 1]);
});

test('an error that stays ends the attempts, also where the server takes long to say it', async () => {
  const room = await thrownOut();
  const { server } = world;
  server.latencyMs = 2500;
  server.network = 'up';
  server.refuses = { at: 'handshake', code: 'unauthorized' };
  const ended = new Promise((resolve) => room.once('closed', resolve));
  expect(await world.until(ended)).toMatchObject({ reason: 'unauthorized' });
});

test('a server that asks for patience is not asked sooner', async () => {
  const room = await thrownOut();
  const { server } = world;
  server.refuses = { at: 'join', code: 'server-busy', retryAfterMs: 2600 };
  server.network = 'up';
  await world.pass(20_000);
  expect(room.state).toBe('rebuilding');
  const asked = server.attempts.slice(2);
  const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  expect(gaps.length).toBeGreaterThan(4);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2600);
});

test('who was removed while its socket was away hears so in the refusal, and is closed for that', async () => {
  const room = await joined();
  const closed: unknown[] = [];
  room.on('closed', (event) => closed.push(event));
  const removed = { seq: 1, reason: 'removed', message: 'Mia has removed you', by: { displayName: 'Mia' } } as const;
  world.server.refuses = { at: 'handshake', code: 'unauthorized', removed };
  world.server.cut();
  await world.untilState(room, 'closed');
  expect(closed).toEqual([{ reason: 'removed', message: 'Mia has removed you' }]);
  expect(world.server.attempts).toHaveLength(2);
});
