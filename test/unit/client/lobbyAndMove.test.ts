import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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

/** The SDK in a lobby, and when it is moved to another room: its real parts down to the socket, by a clock that is turned. */

let world: SdkWorld;

beforeEach(() => {
  world = new SdkWorld();
});
afterEach(async () => {
  await world.close();
  expect(world.thrown).toEqual([]);
});

function enter() {
  const room = world.add(new Room({ url: 'https://plenum.test' }));
  const states: string[] = [];
  room.on('stateChanged', (state) => states.push(state));
  const joining = room.join({ token: () => 'token' });
  joining.catch(() => undefined);
  return { room, states, joining };
}

async function waiting() {
  world.server.refuses = { at: 'join', code: 'in-lobby' };
  const entering = enter();
  await world.untilState(entering.room, 'waiting');
  return entering;
}

const joins = () => world.server.requests.filter((name) => name === 'join').length;

describe('in the lobby', () => {
  test('join() stays pending, asks for nothing meanwhile, and is done when somebody lets us in', async () => {
    const { states, joining } = await waiting();
    await world.pass(600_000);
    expect([joins(), world.server.attempts.length]).toEqual([1, 1]);
    world.server.admit();
    await world.until(joining);
    expect(states).toEqual(['joining', 'waiting', 'joined']);
    expect([joins(), world.server.attempts.length]).toEqual([2, 1]);
  });

  test('join() fails with `refused` where nobody lets us in, and one may ask again', async () => {
    const { room, joining } = await waiting();
    world.server.turnAway();
    expect(await world.outcome(joining)).toBe('refused');
    expect(room.state).toBe('idle');
    const again = room.join({ token: 'token' });
    await world.untilState(room, 'waiting');
    world.server.admit();
    await world.until(again);
    expect(world.server.most).toBe(1);
  });

  test('a socket that breaks is replaced, and knocks again, as long as it takes', async () => {
    const { room, states, joining } = await waiting();
    for (const network of ['refusing', 'dropping'] as const) {
      world.server.network = network;
      world.server.cut();
      await world.pass(20_000);
      expect(room.state).toBe('waiting');
      world.server.network = 'up';
      const before = joins();
      await world.untilTrue('another knock', () => joins() > before);
    }
    world.server.silence();
    const before = joins();
    await world.untilTrue('a knock after silence', () => joins() > before);
    world.server.admit();
    await world.until(joining);
    expect(states).toEqual(['joining', 'waiting', 'joined']);
    expect([world.server.openSockets, world.server.most]).toEqual([1, 1]);
  });

  test('it is given up after minutes in which the server cannot be reached', async () => {
    const { room, joining } = await waiting();
    world.server.network = 'refusing';
    world.server.cut();
    await world.pass(400_000);
    expect(await world.outcome(joining)).toBe('disconnected');
    expect(room.state).toBe('idle');
  });

  test('leaving ends the wait', async () => {
    const { room, joining } = await waiting();
    await world.until(room.leave());
    expect(await world.outcome(joining)).toBe('aborted');
    await world.pass(1000);
    expect([room.state, world.server.openSockets]).toEqual(['closed', 0]);
  });

  test('what was told before the answer to the join that it led to holds as well', async () => {
    const { joining } = await waiting();
    world.server.refuses = { at: 'join', code: 'server-busy', retryAfterMs: 500, times: 1 };
    const { refuses } = world.server;
    world.server.admit();
    world.server.refuses = refuses;
    await world.until(joining);
    expect(world.server.most).toBe(1);
  });

  test('who was in the room and has to come back through a lobby waits there; refused, the room is closed', async () => {
    const { room, joining, states } = enter();
    await world.until(joining);
    world.server.refuses = { at: 'join', code: 'in-lobby' };
    world.server.forget();
    world.server.cut();
    await world.untilState(room, 'waiting');
    await world.pass(60_000);
    world.server.cut();
    await world.pass(5000);
    expect(room.state).toBe('waiting');
    world.server.admit();
    await world.untilState(room, 'joined');
    world.server.refuses = { at: 'join', code: 'in-lobby' };
    world.server.forget();
    world.server.cut();
    await world.untilState(room, 'waiting');
    world.server.turnAway();
    await world.untilState(room, 'closed');
    expect(states.filter((state) => state === 'waiting')).toHaveLength(2);
    await world.pass(1000);
    expect(world.server.openSockets).toBe(0);
  });

  test('who waits to come back may mute meanwhile, and comes in muted; pictures stand still until then', async () => {
    const { room, joining } = enter();
    await world.until(joining);
    await world.until(room.setMicrophoneEnabled(true));
    world.server.refuses = { at: 'join', code: 'in-lobby' };
    world.server.forget();
    world.server.cut();
    await world.untilState(room, 'waiting');
    expect(room.trouble).toBe('visit');
    await world.until(room.setMicrophoneEnabled(false));
    expect(await world.outcome(room.sendChat('Hello?'))).toBe('wrong-phase');
    world.server.admit();
    await world.untilState(room, 'joined');
    expect(room.trouble).toBeUndefined();
    await world.pass(1000);
    expect(world.server.joined.flatMap(({ muted }) => [...muted.values()])).toEqual([true]);
  });
});

describe('moved to another room', () => {
  const by = { identity: 'mia', displayName: 'Mia' };

  async function joined() {
    const entered = enter();
    await world.until(entered.joining);
    const moves: unknown[] = [];
    entered.room.on('moved', (event) => moves.push(event));
    return { ...entered, moves };
  }

  test('it joins there over the same socket, and what it sends goes on', async () => {
    const { room, moves, states } = await joined();
    await world.until(room.setCameraEnabled(true));
    const publication = room.local?.publications.get('camera');
    const former = publication?.publicationId;
    world.server.move('r--1');
    await world.untilTrue('the camera there', () => publication?.publicationId !== former, 1000);
    expect(room.name).toBe('r--1');
    expect(moves).toEqual([{ room: 'r--1', by }]);
    expect(states).toEqual(['joining', 'joined', 'rebuilding', 'joined']);
    expect([world.server.attempts.length, world.server.openSockets]).toEqual([1, 1]);
    expect(room.local?.publications.get('camera')).toBe(publication);
    // And on from there, also after the socket has broken.
    world.server.cut();
    await world.untilState(room, 'resuming');
    await world.untilState(room, 'joined');
    world.server.move('r');
    await world.untilTrue('the former room', () => room.name === 'r' && room.state === 'joined');
    expect(world.server.most).toBe(1);
  });

  test('chat of the former room is not that of the next', async () => {
    const { room } = await joined();
    world.server.say('here');
    await world.untilTrue('a message', () => room.chat.length === 1);
    world.server.move('r--1');
    await world.untilTrue('the other room', () => room.name === 'r--1' && room.state === 'joined');
    expect(room.chat).toEqual([]);
  });

  test('where the socket was away meanwhile, it finds its way by the token', async () => {
    const { room, moves } = await joined();
    world.server.network = 'refusing';
    world.server.cut();
    await world.untilState(room, 'resuming');
    world.server.move('r--1');
    world.server.network = 'up';
    await world.untilTrue('the other room', () => room.name === 'r--1' && room.state === 'joined');
    expect(world.server.most).toBe(1);
    expect(moves.length, 'the fake server keeps no farewell').toBe(0);
  });

  test.each(['before the join there', 'while it is being answered'])('where the socket breaks %s', async (when) => {
    const { room, moves } = await joined();
    world.server.move('r--1');
    await world.pass(when === 'before the join there' ? 1 : 30);
    world.server.cut();
    await world.untilTrue('the other room', () => room.name === 'r--1' && room.state === 'joined');
    expect(moves).toEqual([{ room: 'r--1', by }]);
    await world.pass(5000);
    expect([world.server.openSockets, world.server.most]).toEqual([1, 1]);
  });

  test.each([0, 20, 30, 45, 60])('while a resume is under way, %s ms after it began', async (ms) => {
    const { room } = await joined();
    const before = world.server.attempts.length;
    world.server.cut();
    await world.untilTrue('an attempt', () => world.server.attempts.length > before);
    await world.pass(ms);
    world.server.move('r--1');
    await world.untilTrue('the other room', () => room.name === 'r--1' && room.state === 'joined');
    await world.pass(5000);
    expect(room.state).toBe('joined');
    await world.until(room.sendChat('here'));
    expect([world.server.openSockets, world.server.most]).toEqual([1, 1]);
  });

  test('leaving on the way leaves nothing behind', async () => {
    const { room } = await joined();
    world.server.move('r--1');
    await world.pass(1);
    await world.until(room.leave());
    await world.pass(5000);
    expect([world.server.openSockets, world.server.joined.length]).toEqual([0, 0]);
  });
});
