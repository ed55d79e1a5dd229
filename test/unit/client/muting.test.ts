import fc from 'fast-check';
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
vi.mock(
  '../../../src/client/placeholderTrack.ts',
  async () => (await import('../../support/sdkWorld/browser.ts')).fakePlaceholder,
);

/** Muted stays muted, and devices that are being started hold nothing up, whatever happens to the connection. */

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

/** What the room knows of one's publications: whether each is muted. */
const told = () => world.server.joined.flatMap(({ muted }) => [...muted.values()]);
const microphone = (room: Room) => room.local?.publications.get('microphone');
const camera = (room: Room) => room.local?.publications.get('camera');

test('media are rebuilt at once while a person is asked for the camera', async () => {
  const room = await joined();
  const { server, devices } = world;
  await world.until(room.setMicrophoneEnabled(true));
  await world.until(room.setCameraEnabled(true));
  await world.until(room.setCameraEnabled(false));
  const prompt = Promise.withResolvers<void>();
  devices.prompts.set('video', prompt.promise);
  const starting = room.setCameraEnabled(true);
  await world.pass(500);
  server.resetMedia();
  await world.untilState(room, 'rebuilding', 100);
  await world.untilState(room, 'joined', 1000);
  expect(server.requests.filter((name) => name === 'restorePublication')).toHaveLength(2);
  expect(told()).toEqual([false, true]);
  await world.pass(60_000);
  prompt.resolve();
  await world.until(starting);
  expect(told()).toEqual([false, false]);
  expect(camera(room)?.track).toMatchObject({ readyState: 'live', enabled: true });
});

test('a camera that is switched off while a person is asked for it does not start', async () => {
  const room = await joined();
  const prompt = Promise.withResolvers<void>();
  world.devices.prompts.set('video', prompt.promise);
  const starting = room.setCameraEnabled(true);
  await world.pass(100);
  await world.until(room.setCameraEnabled(false));
  prompt.resolve();
  await world.until(starting);
  expect(world.devices.started.map(({ readyState }) => readyState)).toEqual(['ended']);
  expect(told()).toEqual([]);
});

test('off stays off where it was pressed after an on that had to wait for the connection', async () => {
  const room = await joined();
  const { server } = world;
  await world.until(room.setMicrophoneEnabled(true));
  await world.until(room.setMicrophoneEnabled(false));
  server.network = 'refusing';
  server.cut();
  await world.untilState(room, 'resuming', 100);
  const pressed = [true, false, true, false].map((on) => room.setMicrophoneEnabled(on));
  await world.pass(3000);
  server.network = 'up';
  await world.untilState(room, 'joined');
  await world.until(Promise.all(pressed));
  await world.pass(5000);
  expect(told()).toEqual([true]);
  expect(microphone(room)).toMatchObject({ muted: true, track: { enabled: false } });
});

test('a screen that is no longer to be shared stops at once, also where the start still waits for the connection', async () => {
  const room = await joined();
  const { server, devices } = world;
  server.network = 'refusing';
  server.cut();
  await world.untilState(room, 'resuming', 100);
  const sharing = room.setScreenShareEnabled(true);
  await world.pass(100);
  expect(devices.started).toMatchObject([{ readyState: 'live' }]);
  const stopped = room.setScreenShareEnabled(false);
  expect(devices.started).toMatchObject([{ readyState: 'ended' }]);
  expect(room.local?.publications.has('screen')).toBe(false);
  server.network = 'up';
  await world.untilState(room, 'joined');
  await world.until(Promise.all([sharing, stopped]));
  await world.pass(3000);
  expect(told()).toEqual([]);
});

test('a screen is not shared where that was taken back before the person had chosen one', async () => {
  const room = await joined();
  const prompt = Promise.withResolvers<void>();
  world.devices.prompts.set('screen', prompt.promise);
  const sharing = room.setScreenShareEnabled(true);
  await world.pass(100);
  await world.until(room.setScreenShareEnabled(false));
  prompt.resolve();
  await world.until(sharing);
  expect(world.devices.started).toMatchObject([{ readyState: 'ended' }]);
  expect(told()).toEqual([]);
});

test('a microphone that is muted while the media are rebuilt is restored as muted', async () => {
  const room = await joined();
  await world.until(room.setMicrophoneEnabled(true));
  world.server.resetMedia();
  expect(room.state).toBe('rebuilding');
  const muted = room.setMicrophoneEnabled(false);
  expect(microphone(room)).toMatchObject({ muted: true, track: { enabled: false } });
  await world.until(muted);
  expect(room.state).toBe('joined');
  expect(told()).toEqual([true]);
});

const faults = {
  cut: () => world.server.cut(),
  silence: () => world.server.silence(),
  refuse: () => Object.assign(world.server, { network: 'refusing' }),
  drop: () => Object.assign(world.server, { network: 'dropping' }),
  back: () => Object.assign(world.server, { network: 'up' }),
  forget: () => {
    world.server.forget();
    world.server.cut();
  },
  media: () => world.server.resetMedia(),
  restart: () => world.server.closeRoom('server-stopping', true),
};
type Step = { do: keyof typeof faults | 'on' | 'off'; ms: number };
const names = Object.keys(faults) as (keyof typeof faults)[];
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.oneof(fc.constantFrom('on' as const, 'off' as const), fc.constantFrom(...names)),
    ms: fc.oneof(fc.nat(50), fc.nat(4000)),
  }),
  { maxLength: 25 },
);

test('whatever happens in whatever order, off is silent from the press on, and all know what was pressed last', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      await world.close();
      world = new SdkWorld();
      const room = await joined();
      let on = false;
      const failed: unknown[] = [];
      const press = (wanted: boolean) => {
        on = wanted;
        room.setMicrophoneEnabled(wanted).catch((error: unknown) => failed.push(error));
      };
      for (const step of list) {
        if (step.do === 'on' || step.do === 'off') press(step.do === 'on');
        else faults[step.do]();
        for (let ms = 0; ms < step.ms; ms += 400) {
          await world.pass(Math.min(400, step.ms - ms));
          if (!on)
            expect(world.devices.started.filter(({ enabled, readyState }) => enabled && readyState === 'live')).toEqual(
              [],
            );
        }
      }
      world.server.network = 'up';
      await world.pass(40_000);
      expect(room.state).toBe('joined');
      expect(failed).toEqual([]);
      expect(microphone(room)?.muted ?? true).toBe(!on);
      expect(told()).toEqual(microphone(room) ? [!on] : []);
      if (on) expect(microphone(room)?.track).toMatchObject({ enabled: true, readyState: 'live' });
    }),
    { numRuns: 100 },
  );
}, 60_000);

test.each(['muted', 'unpublished'] as const)(
  'what a moderator did to a publication before its answer was heard holds when it is: %s',
  async (what) => {
    const room = await joined();
    const { server } = world;
    const events: unknown[] = [];
    room.on('moderated', (event) => events.push(event));
    // The server has the request, and the socket breaks before the answer.
    server.mute = true;
    const enabled = room.setMicrophoneEnabled(true).catch((error: unknown) => error);
    await world.untilTrue('the request to be there', () => server.requests.includes('publish'));
    const publication = microphone(room);
    server.mute = false;
    server.cut();
    server.moderate(what);
    await world.untilState(room, 'joined');
    await world.until(enabled);
    await world.pass(1000);
    expect(server.requests.filter((name) => name === 'publish')).toHaveLength(2);
    expect(events).toEqual([{ what, publication, by: { displayName: 'Mia' } }]);
    expect(told()).toEqual(what === 'muted' ? [true] : []);
    expect(microphone(room)?.muted).toBe(what === 'muted' ? true : undefined);
    expect(publication?.track?.readyState).toBe(what === 'muted' ? 'live' : undefined);
  },
);
