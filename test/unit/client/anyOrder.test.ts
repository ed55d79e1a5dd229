import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { giveUpAfterMs } from '../../../src/client/backoff.ts';
import { Room } from '../../../src/client/Room.ts';
import type { CloseReason, RoomState } from '../../../src/client/RoomEvents.ts';
import { anyErrorCode, leaveReasons, roomEnds } from '../../support/sdkWorld/anything.ts';
import { FakeMediaLink } from '../../support/sdkWorld/browser.ts';
import { drawnTransitions } from '../../support/sdkWorld/drawing.ts';
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

/** A room down to its sockets, to which anything happens at any moment: it ends joined, or closed with a reason. */

interface Run {
  world: SdkWorld;
  room: Room;
}
interface Step {
  name: string;
  run: (on: Run) => void;
  ms: number;
}

const ignore = () => undefined;
const lobby = { at: 'join', code: 'in-lobby' } as const;

function always(name: string, run: (on: Run) => void) {
  return fc.constant({ name, run });
}

/** What passes by itself, once the network is back. */
const passing = fc.oneof(
  always('cut', ({ world }) => world.server.cut()),
  always('silence', ({ world }) => world.server.silence()),
  always('nobody listens', ({ world }) => Object.assign(world.server, { network: 'refusing' })),
  always('packets are dropped', ({ world }) => Object.assign(world.server, { network: 'dropping' })),
  always('the network is back', ({ world }) => Object.assign(world.server, { network: 'up' })),
  always('requests get no answer', ({ world }) => Object.assign(world.server, { mute: true })),
  always('requests get answers', ({ world }) => Object.assign(world.server, { mute: false })),
  always('slow', ({ world }) => Object.assign(world.server, { latencyMs: 1900 })),
  always('fast', ({ world }) => Object.assign(world.server, { latencyMs: 20 })),
  always('the server starts anew', ({ world }) => {
    world.server.forget();
    world.server.cut();
  }),
  always('moved to another room', ({ world }) => world.server.move('r--1')),
  always('moved back', ({ world }) => world.server.move('r')),
  always('there is a lobby', ({ world }) => Object.assign(world.server, { refuses: lobby })),
  always('let in', ({ world }) => world.server.admit()),
  always('media are moved', ({ world }) => world.server.resetMedia()),
  always('the media fail', () => FakeMediaLink.fail()),
  always('online', () => void globalThis.dispatchEvent(new Event('online'))),
  fc
    .constantFrom('server-full', 'server-busy', 'room-full', 'draining', 'internal', 'timeout' as const)
    .chain((code) => refusal(fc.constant(code))),
);

function refusal(codes: typeof anyErrorCode) {
  return fc.record({ at: fc.constantFrom('handshake', 'join'), code: codes }).map((refuses) => ({
    name: `${refuses.code} at ${refuses.at}`,
    run: ({ world }: Run) => void Object.assign(world.server, { refuses }),
  }));
}

/** What may end it. */
const ending = fc.oneof(
  refusal(anyErrorCode),
  always('left', ({ room }) => void room.leave().catch(ignore)),
  always('the page is closed', () => void globalThis.dispatchEvent(new Event('pagehide'))),
  fc.constantFrom(...leaveReasons).map((reason) => ({
    name: `removed: ${reason}`,
    run: ({ world }: Run) => world.server.remove(reason),
  })),
  fc.record({ reason: fc.constantFrom(...roomEnds), rejoin: fc.boolean() }).map(({ reason, rejoin }) => ({
    name: `room closed: ${reason}, ${rejoin}`,
    run: ({ world }: Run) => world.server.closeRoom(reason, rejoin),
  })),
);

function stepsOf(what: fc.Arbitrary<Omit<Step, 'ms'>>): fc.Arbitrary<Step[]> {
  const step = fc.record({ what, ms: fc.oneof(fc.nat(60), fc.nat(6000)) }).map(({ what: { name, run }, ms }) => ({
    name,
    run,
    ms,
    // For the report of a failure.
    [fc.toStringMethod]: () => `${name}, ${ms} ms`,
  }));
  return fc.array(step, { maxLength: 25 });
}

const drawn = drawnTransitions();
let world: SdkWorld | undefined;
afterEach(() => world?.close());

/** Does all of it to somebody who has just joined. @returns why the room was closed, each time */
async function happen(steps: readonly Step[]): Promise<Run & { closed: CloseReason[] }> {
  await world?.close();
  world = new SdkWorld();
  const room = world.add(new Room({ url: 'https://plenum.test' }));
  await world.until(room.join({ token: () => 'token' }));
  const closed: CloseReason[] = [];
  room.on('closed', ({ reason }) => closed.push(reason));
  let before: RoomState = 'joined';
  room.on('stateChanged', (state) => {
    const ends = state === 'closed';
    if (!ends) expect([...drawn], 'is drawn').toContain(`${before} --> ${state}`);
    before = state;
  });
  for (const { run, ms } of steps) {
    run({ world, room });
    await world.pass(ms);
  }
  return { world, room, closed };
}

function calm({ server }: SdkWorld): void {
  Object.assign(server, { network: 'up', mute: false, latencyMs: 20 });
  server.admit();
}

test('whatever passes by itself, in any order: it ends joined, in one visit over one socket', async () => {
  await fc.assert(
    fc.asyncProperty(stepsOf(passing), async (steps) => {
      const run = await happen(steps);
      calm(run.world);
      await run.world.pass(60_000);
      expect(run.room.state).toBe('joined');
      expect(run.room.trouble).toBeUndefined();
      const { joined, openSockets, most } = run.world.server;
      expect([joined.length, openSockets, most]).toEqual([1, 1, 1]);
      expect(run.world.thrown).toEqual([]);
    }),
    { numRuns: 200 },
  );
}, 120_000);

test('whatever happens, in any order, and whether the network comes back or not: it ends joined, or closed with a reason', async () => {
  const any = fc.oneof({ weight: 5, arbitrary: passing }, { weight: 1, arbitrary: ending });
  await fc.assert(
    fc.asyncProperty(stepsOf(any), fc.boolean(), async (steps, back) => {
      const run = await happen(steps);
      const { room, closed } = run;
      if (back) calm(run.world);
      // Beyond the time for giving up, with the last attempts.
      await run.world.pass(back ? 60_000 : giveUpAfterMs + 120_000);
      // Nobody may ever let us in.
      expect(back ? ['joined', 'closed'] : ['joined', 'waiting', 'closed']).toContain(room.state);
      expect(room.trouble).toBe(room.state === 'waiting' ? 'visit' : undefined);
      const { joined, openSockets, most } = run.world.server;
      expect(most, 'nobody is there twice').toBe(1);
      if (room.state === 'closed') {
        expect(closed).toHaveLength(1);
        expect(closed[0]).toMatch(/^[a-z-]+$/);
        expect(openSockets).toBe(0);
      } else {
        expect(closed).toEqual([]);
        expect([joined.length, openSockets]).toEqual([room.state === 'joined' ? 1 : 0, 1]);
      }
      expect(run.world.thrown).toEqual([]);
    }),
    { numRuns: 200 },
  );
}, 120_000);
