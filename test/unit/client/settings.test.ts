import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Room } from '../../../src/client/Room.ts';
import { plainRoomSettings } from '../../../src/protocol/index.ts';
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
  const timed = { ...plainRoomSettings, locked: true, maxDurationSeconds: 60 };
  world.server.change({ settings: timed, endsAt: 5000 });
  world.server.change({ settings: timed });
  await world.pass(100);
  expect([room.settings, room.locked, room.endsAt]).toEqual([timed, true, 5000]);
  world.server.change({ settings: plainRoomSettings, endsAt: null });
  await world.pass(100);
  expect(told).toEqual([
    [timed, 5000],
    [plainRoomSettings, undefined],
  ]);
});
