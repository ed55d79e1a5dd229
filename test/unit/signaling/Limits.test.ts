import { expect, test } from 'vitest';
import type { Rate } from '../../../src/room/TokenBucket.ts';
import { type LimitOptions, Limits } from '../../../src/signaling/Limits.ts';
import { Pending } from '../../../src/signaling/Pending.ts';
import { FakeClock } from '../../support/FakeClock.ts';

const rate = (perSecond: number, burst: number): Rate => ({ perSecond, burst });
const wide = { socket: rate(1e6, 1e6), identity: rate(1e6, 1e6), address: rate(1e6, 1e6), room: rate(1e6, 1e6) };

function setUp(options: Partial<LimitOptions> = {}) {
  const clock = new FakeClock();
  const every = { limitConnects: wide, limitJoins: wide, limitRequests: wide, limitChat: wide, limitData: wide };
  return {
    clock,
    limits: new Limits(clock, {
      ...every,
      limitPolling: wide,
      maxPending: 8,
      maxAddressSockets: 1000,
      maxIdentitySockets: 1000,
      ...options,
    }),
  };
}

const ada = { address: '192.0.2.1', room: 'one', identity: 'ada' };
const others = {
  identity: { address: '192.0.2.2', room: 'one', identity: 'bob' },
  address: { address: '192.0.2.2', room: 'two', identity: 'bob' },
  room: { address: '192.0.2.1', room: 'two', identity: 'bob' },
};
const limited = (retryAfterMs: unknown) => expect.objectContaining({ code: 'rate-limited', retryAfterMs });

function refusal(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each(['joins', 'requests', 'chat'] as const)('%s: each socket has its own limit', (kind) => {
  const option = { joins: 'limitJoins', requests: 'limitRequests', chat: 'limitChat' } as const;
  const name = { joins: 'join', requests: 'startSubscriptions', chat: 'sendChat' }[kind];
  const { clock, limits } = setUp({ [option[kind]]: { ...wide, socket: rate(2, 3) } });
  const meter = limits.meter(ada);
  for (let index = 0; index < 3; index += 1) meter.take(name);
  expect(refusal(() => meter.take(name))).toEqual(limited(500));
  limits.meter(ada).take(name);
  clock.advance(500);
  meter.take(name);
  expect(refusal(() => meter.take(name))).toEqual(limited(500));
});

test.each(['identity', 'address', 'room'] as const)(
  'several sockets of one %s share a limit, others do not',
  (scope) => {
    const { clock, limits } = setUp({ limitChat: { ...wide, [scope]: rate(1, 2) } });
    const [first, second] = [limits.meter(ada), limits.meter(ada)];
    first.take('sendChat');
    second.take('sendChat');
    expect(refusal(() => first.take('sendChat'))).toEqual(limited(1000));
    expect(refusal(() => limits.meter(ada).take('sendChat'))).toEqual(limited(1000));
    // Chat alone is limited, and so are only those who share it.
    first.take('raiseHand');
    limits.meter(others[scope]).take('sendChat');
    clock.advance(1000);
    second.take('sendChat');
  },
);

test('what one limit refuses counts against no other', () => {
  const { limits } = setUp({ limitRequests: { ...wide, socket: rate(1, 2), room: rate(1, 4) } });
  const greedy = limits.meter(ada);
  greedy.take('raiseHand');
  for (let index = 0; index < 50; index += 1) expect(refusal(() => greedy.take('raiseHand'))).toEqual(limited(2000));
  limits.meter(others.identity).take('raiseHand');
});

test('requests count by weight, and nobody is kept from leaving', () => {
  const { limits } = setUp({ limitRequests: { ...wide, socket: rate(10, 20) } });
  const meter = limits.meter(ada);
  for (let index = 0; index < 4; index += 1) meter.take('publish');
  expect(refusal(() => meter.take('publish'))).toEqual(limited(500));
  expect(refusal(() => meter.take('nonsense'))).toEqual(limited(100));
  meter.take('leave');
});

test('who goes on although it is refused is worn out, who waits is not', () => {
  const { clock, limits } = setUp({ limitChat: { ...wide, socket: rate(5, 50) } });
  const patient = limits.meter(ada);
  const greedy = limits.meter(others.address);
  for (let second = 0; second < 600; second += 1) {
    // A sixth message a second is refused each time.
    for (let index = 0; index < 6; index += 1) refusal(() => patient.take('sendChat'));
    if (second < 10) for (let index = 0; index < 50; index += 1) refusal(() => greedy.take('sendChat'));
    clock.advance(1000);
  }
  expect(patient.worn).toBe(false);
  expect(greedy.worn).toBe(true);
});

test('a flood of heartbeats wears out as well', () => {
  const { clock, limits } = setUp();
  const meter = limits.meter(ada);
  for (let index = 0; index < 1000; index += 1) {
    meter.heartbeat();
    clock.advance(200);
  }
  expect(meter.worn).toBe(false);
  for (let index = 0; index < 60; index += 1) meter.heartbeat();
  expect(meter.worn).toBe(true);
});

test('connections of an address: so many, then some that are told why, then silence', () => {
  const { clock, limits } = setUp({ limitConnects: { ...wide, address: rate(10, 100) } });
  const knocks = (count: number, address = ada.address) => Array.from({ length: count }, () => limits.knock(address));
  expect(knocks(100).every(({ allowed }) => allowed)).toBe(true);
  const polite = knocks(10);
  for (const knock of polite) expect(knock).toEqual({ allowed: false, refuse: limited(expect.any(Number)) });
  expect(knocks(1000).every((knock) => !knock.allowed && knock.refuse === 'silently')).toBe(true);
  expect(limits.knock('192.0.2.2')).toEqual({ allowed: true });
  clock.advance(1000);
  expect(knocks(12).filter(({ allowed }) => allowed)).toHaveLength(10);
});

test('connections of a person, and of a room', () => {
  const { clock, limits } = setUp({ limitConnects: { ...wide, identity: rate(1, 2), room: rate(1, 3) } });
  limits.connect(ada);
  limits.connect(ada);
  const refused = refusal(() => limits.connect(ada));
  expect(refused).toEqual(limited(expect.any(Number)));
  limits.connect({ ...ada, identity: 'bob' });
  expect(refusal(() => limits.connect({ ...ada, identity: 'eve' }))).toEqual(limited(expect.any(Number)));
  limits.connect({ ...ada, room: 'two' });
  clock.advance(2000);
  limits.connect(ada);
});

test('data counts per identity, address and room', () => {
  const { clock, limits } = setUp({ limitData: { ...wide, room: rate(10, 10) } });
  const mine = limits.data(ada);
  const yours = limits.data(others.identity);
  mine.take(8);
  expect(yours.waitMs(4)).toBe(200);
  expect(limits.data(others.room).waitMs(4)).toBe(0);
  clock.advance(200);
  expect(yours.waitMs(4)).toBe(0);
});

test('nothing stays on the clock', () => {
  const { clock, limits } = setUp();
  limits.knock(ada.address);
  limits.connect(ada);
  limits.meter(ada).take('join');
  expect(clock.pending).toBeGreaterThan(0);
  limits.close();
  expect(clock.pending).toBe(0);
});

test('so many requests are worked on at a time', () => {
  const pending = new Pending(2);
  const done = pending.begin();
  pending.begin();
  expect(refusal(() => pending.begin())).toEqual(limited(250));
  done();
  pending.begin();
  expect(refusal(() => pending.begin())).toEqual(limited(250));
});
