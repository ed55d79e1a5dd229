import { describe, expect, test } from 'vitest';
import { type Health, PathHealth } from '../../../src/client/PathHealth.ts';
import type { Counters } from '../../../src/client/pathCounters.ts';

/** Two transports of a browser, and what happens on them from look to look. */
class Line {
  readonly health = new PathHealth();
  readonly #send: Counters = { packets: 0, checks: 1, answers: 1, elsewhere: 0, roundTripMs: 20 };
  readonly #recv: Counters = { packets: 0, checks: 1, answers: 1, elsewhere: 0, roundTripMs: 20 };
  now = 0;
  /** What the probes of this line get: an answer, or nothing. */
  answering = true;
  probes = 0;
  /** Transports that have gone deaf so far. */
  readonly deaf: string[] = [];
  #probedAt: number | undefined;
  #times = 0;

  /** One look after `ms`, in which so many packets have come. */
  look(
    ms: number,
    { send = 0, recv = 0, probing = true }: { send?: number; recv?: number; probing?: boolean },
  ): Health {
    this.now += ms;
    this.#send.packets += send;
    this.#recv.packets += recv;
    if (this.#probedAt !== undefined && this.answering) this.#send.packets += 1;
    const counters = new Map([
      ['send', { ...this.#send }],
      ['recv', { ...this.#recv }],
    ]);
    const probe = this.#probedAt === undefined ? undefined : { way: 'send', at: this.#probedAt, times: this.#times };
    const health = this.health.look(this.now, counters, probe);
    this.deaf.push(...this.health.deaf);
    if (health === 'fine' || !probing) {
      this.#probedAt = undefined;
      return health;
    }
    this.probes += 1;
    if (this.#probedAt === undefined) this.#times = 0;
    this.#times += 1;
    this.#probedAt ??= this.now;
    return health;
  }

  check(way: 'send' | 'recv' | 'both', answered: boolean): void {
    for (const counters of [...(way === 'recv' ? [] : [this.#send]), ...(way === 'send' ? [] : [this.#recv])]) {
      counters.checks += 1;
      if (answered) counters.answers += 1;
    }
  }

  /** A call with voices and cameras, for two seconds. */
  call(): void {
    for (let index = 0; index < 5; index += 1) expect(this.look(400, { send: 5, recv: 60 })).toBe('fine');
  }

  /** Looks as the watch does, until something else is known or so many milliseconds have passed. */
  silence(ms: number, probing = true): Health {
    const end = this.now + ms;
    let health = this.health.health;
    while (this.now < end && health !== 'broken') health = this.look(health === 'fine' ? 400 : 100, { probing });
    return health;
  }
}

test('looks of a page in the background, a second apart, do not take a quiet line for broken', () => {
  const line = new Line();
  line.call();
  for (let second = 0; second < 20; second += 1) expect(line.look(1000, {})).not.toBe('broken');
});

describe('a path that breaks', () => {
  test('is known soon where much arrived before', () => {
    const line = new Line();
    line.call();
    const since = line.now;
    line.answering = false;
    expect(line.silence(5000)).toBe('broken');
    expect(line.now - since).toBeLessThanOrEqual(1100);
  });

  test('is known as soon where the last packets before the break were few', () => {
    const line = new Line();
    line.call();
    line.look(400, { recv: 1 });
    line.answering = false;
    expect(line.look(400, {})).toBe('doubtful');
  });

  test('a far server is given the time that its answers need', () => {
    const far = new Line();
    far.call();
    far.answering = false;
    expect(far.look(400, {})).toBe('doubtful');
    const state = new Map([['send', { packets: 25, checks: 1, answers: 1, elsewhere: 0, roundTripMs: 600 }]]);
    expect(far.health.look(far.now + 1500, state, { way: 'send', at: far.now, times: 5 })).toBe('doubtful');
    expect(far.health.look(far.now + 1800, state, { way: 'send', at: far.now, times: 5 })).toBe('broken');
  });

  test('is known by the checks where nobody says anything', () => {
    const line = new Line();
    line.call();
    for (let index = 0; index < 10; index += 1) {
      line.check('both', true);
      expect(line.silence(2500)).not.toBe('broken');
    }
    line.answering = false;
    line.check('both', false);
    line.look(400, {});
    expect(line.health.health).toBe('fine');
    line.silence(2100);
    line.check('both', false);
    expect(line.silence(5000)).toBe('broken');
  });

  test('is known on one transport although the other one is heard', () => {
    const line = new Line();
    line.call();
    for (let index = 0; index < 12; index += 1) {
      line.check('recv', false);
      line.look(400, { send: 5 });
    }
    expect(line.health.health).toBe('broken');
  });

  test('stays broken until every transport is heard again', () => {
    const line = new Line();
    line.call();
    line.answering = false;
    line.silence(3000);
    expect(line.look(200, { recv: 3 })).toBe('broken');
    line.check('send', true);
    expect(line.look(200, { recv: 3 })).toBe('fine');
  });
});

test('a pair that works and is not used yet is a way out, once there is one for each transport', () => {
  const health = new PathHealth();
  const known = { packets: 9, checks: 1, answers: 1, elsewhere: 0, roundTripMs: 20 };
  const look = (at: number, send: number, recv: number) =>
    health.look(
      at,
      new Map([
        ['send', { ...known, elsewhere: send }],
        ['recv', { ...known, elsewhere: recv }],
      ]),
      { way: 'send', at: 0, times: 3 },
    );
  look(0, 0, 0);
  look(400, 1, 0);
  expect(health.hasWayOut(100)).toBe(false);
  look(800, 1, 1);
  expect(health.hasWayOut(100)).toBe(true);
  expect(health.hasWayOut(500)).toBe(false);
});

describe('a line that is silent for good reasons', () => {
  test('is asked once, and not again before much arrives anew', () => {
    const line = new Line();
    line.call();
    expect(line.look(400, {})).toBe('doubtful');
    expect(line.look(100, {})).toBe('fine');
    const { probes } = line;
    for (let index = 0; index < 50; index += 1) {
      if (index % 6 === 0) line.check('both', true);
      expect(line.look(400, {})).toBe('fine');
    }
    expect(line.probes).toBe(probes);
  });

  test('voices with pauses raise no doubt', () => {
    const line = new Line();
    for (let index = 0; index < 50; index += 1) {
      if (index % 6 === 0) line.check('both', true);
      expect(line.look(400, { recv: index % 2 })).toBe('fine');
    }
    expect(line.probes).toBe(0);
  });

  test('is not taken for broken where no probe can be sent', () => {
    const line = new Line();
    line.call();
    expect(line.silence(2400, false)).toBe('doubtful');
    line.check('both', true);
    expect(line.look(100, { probing: false })).toBe('fine');
  });

  test('others who stop sending are no fault of the own line, which is asked once and answers', () => {
    const line = new Line();
    line.call();
    for (let index = 0; index < 20; index += 1) expect(line.look(400, { send: 4 })).not.toBe('broken');
    expect(line.health.health).toBe('fine');
    expect(line.probes).toBeLessThan(4);
  });
});

describe('where one transport works and the other one does not', () => {
  test('the one that is not answered is broken, although the other one is heard', () => {
    const line = new Line();
    line.call();
    const since = line.now;
    line.answering = false;
    while (line.health.health !== 'broken' && line.now - since < 5000) line.look(100, { recv: 15 });
    expect(line.now - since).toBeLessThanOrEqual(1600);
  });

  test('the one that only receives is deaf, once, where much came all the time', () => {
    const line = new Line();
    line.call();
    line.call();
    const since = line.now;
    while (line.deaf.length === 0 && line.now - since < 5000) line.look(100, { send: 2 });
    expect(line.deaf).toEqual(['recv']);
    expect(line.now - since).toBeLessThanOrEqual(900);
    expect(line.health.health).toBe('fine');
    for (let round = 0; round < 5; round += 1) {
      line.call();
      for (let index = 0; index < 5; index += 1) line.look(400, { send: 4 });
    }
    expect(line.deaf).toEqual(['recv']);
  });

  test('a screen that comes in bursts is not deaf in between', () => {
    const line = new Line();
    for (let index = 0; index < 60; index += 1) line.look(400, { send: 4, recv: index % 4 === 0 ? 20 : 0 });
    expect(line.deaf).toEqual([]);
  });
});

test('a doubt from outside is dispelled by the first packet, and confirmed by none', () => {
  const line = new Line();
  line.call();
  line.health.doubt(line.now);
  expect(line.look(100, { recv: 5 })).toBe('fine');
  line.answering = false;
  line.health.doubt(line.now);
  expect(line.silence(1000)).toBe('broken');
});

test('a browser that counts nothing is believed what it says itself', () => {
  const health = new PathHealth();
  const probe = { way: 'send', at: 0, times: 3 };
  const nothing = new Map([['recv', { packets: 0, checks: 0, answers: 0, elsewhere: 0, roundTripMs: undefined }]]);
  health.look(0, nothing, probe);
  health.doubt(100);
  expect(health.look(5000, nothing, probe)).toBe('fine');
  health.break(6000);
  expect(health.look(6100, nothing, probe)).toBe('broken');
  health.connected();
  expect(health.look(6200, nothing, probe)).toBe('fine');
});
