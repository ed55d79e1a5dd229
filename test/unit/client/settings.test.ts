import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Room } from '../../../src/client/Room.ts';
import { plainGrants, plainRoomSettings, shapes } from '../../../src/protocol/index.ts';
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

/** What the SDK makes of the room's settings. */

let world: SdkWorld;

beforeEach(() => {
  world = new SdkWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.thrown).toEqual([]);
});

async function joined(): Promise<Room> {
  const room = world.add(new Room({ url: 'https://plenum.test' }));
  await world.until(room.join({ token: 'token' }));
  return room;
}

test('the room says how it is set up and when it ends, and tells each change once', async () => {
  const room = await joined();
  expect([room.settings, room.locked, room.endsAt]).toEqual([plainRoomSettings, false, undefined]);
  const told: unknown[] = [];
  room.on('settingsChanged', (settings) => told.push([settings, room.endsAt]));
  const late = world.server.latencyMs;
  const timed = { ...plainRoomSettings, locked: true, maxDurationSeconds: 60 };
  world.server.change({ settings: timed, endsAt: 5000 });
  world.server.change({ settings: timed });
  await world.pass(100);
  expect([room.settings, room.locked, room.endsAt]).toEqual([timed, true, 5000 + late]);
  world.server.change({ settings: plainRoomSettings, endsAt: null });
  await world.pass(100);
  expect(told).toEqual([
    [timed, 5000 + late],
    [plainRoomSettings, undefined],
  ]);
});

test.each([
  ['an hour slow', 3_600_000],
  ['a day fast', -86_400_000],
])('when the room ends is told by the clock of this device, also where that is %s', async (_what, aheadMs) => {
  world.server.clockAheadMs = aheadMs;
  const room = await joined();
  const now = Date.now();
  world.server.change({ endsAt: now + aheadMs + 90_000 });
  const until: number[] = [];
  room.on('draining', (time) => until.push(time));
  world.server.drain(now + aheadMs + 30_000);
  await world.pass(100);
  // The answer by which it learnt of the server's clock was under way for a moment.
  const late = world.server.latencyMs;
  expect(room.endsAt).toBe(now + 90_000 + late);
  expect([...until, room.drainingUntil]).toEqual([now + 30_000 + late, now + 30_000 + late]);
});

test('the room says whom it shows to everybody, and tells each change once', async () => {
  const room = await joined();
  const told: unknown[] = [];
  room.on('spotlightChanged', (identities) => told.push(identities));
  for (const spotlight of [['ada', 'bob'], ['ada', 'bob'], []]) world.server.change({ spotlight });
  await world.pass(100);
  expect([told, room.spotlight]).toEqual([[['ada', 'bob'], []], []]);
});

const onlyModerators = { ...plainRoomSettings, screenShare: 'moderators' } as const;

test('where only moderators share their screens, those of others end', async () => {
  const room = await joined();
  await world.until(room.setScreenShareEnabled(true));
  await world.until(room.setMicrophoneEnabled(true));
  expect(room.local?.mayPublish('screen')).toBe(true);
  const ids = () => sharing.map((source) => room.local?.publications.get(source)?.publicationId);
  world.server.moderate('unpublished', ids());
  world.server.change({ settings: onlyModerators });
  await world.pass(100);
  expect([...(room.local?.publications.keys() ?? [])]).toEqual(['microphone']);
  expect(world.server.requests.filter((name) => name === 'unpublish')).toHaveLength(1);
  expect(['screen', 'screen-audio', 'camera'].map((source) => room.local?.mayPublish(parsed(source)))).toEqual([
    false,
    false,
    true,
  ]);
});

const sharing = ['screen', 'screen-audio'] as const;

test('a share that the server has not ended goes on, in whatever order settings and rights are told', async () => {
  const room = await joined();
  const told: unknown[] = [];
  room.on('moderated', (event) => told.push(event.what));
  world.server.change({ settings: onlyModerators });
  world.server.grant({ ...plainGrants, moderator: true });
  await world.pass(100);
  await world.until(room.setScreenShareEnabled(true));
  // Everybody may share again, and she moderates no more, which she hears first.
  world.server.grant(plainGrants);
  await world.pass(100);
  expect(room.local?.mayPublish('screen')).toBe(false);
  world.server.change({ settings: plainRoomSettings });
  await world.pass(100);
  expect([room.local?.mayPublish('screen'), room.local?.publications.has('screen')]).toEqual([true, true]);
  expect(told).toEqual(['grants-changed', 'grants-changed']);
});

const parsed = (source: string) => shapes.source.parse(source);

test('where one starts muted, the microphone is: until the person unmutes it, and no more after that', async () => {
  const room = await joined();
  const { server } = world;
  const told = () => server.joined.flatMap(({ muted }) => [...muted.values()]);
  server.startsMuted = true;
  await world.until(room.setMicrophoneEnabled(true));
  const microphone = room.local?.publications.get('microphone');
  expect([microphone?.muted, microphone?.track?.enabled, told()]).toEqual([true, false, [true]]);
  expect(server.requests).not.toContain('updatePublication');
  await world.until(room.setMicrophoneEnabled(true));
  expect([microphone?.muted, microphone?.track?.enabled, told()]).toEqual([false, true, [false]]);
  // Another visit, in which the server mutes it at first again.
  server.forget();
  server.cut();
  await world.untilState(room, 'joined', 10_000);
  await world.pass(1000);
  expect([microphone?.muted, told()]).toEqual([false, [false]]);
});
