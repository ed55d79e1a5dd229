import { expect, test } from 'vitest';
import { RateLimit } from '../../../src/signaling/RateLimit.ts';
import { FakeClock } from '../../support/FakeClock.ts';

const refused = expect.objectContaining({ code: 'rate-limited', message: 'at most 4 searches a second' });

function taken(limit: RateLimit, tries: number): number {
  let count = 0;
  for (let index = 0; index < tries; index += 1) {
    try {
      limit.take();
      count += 1;
    } catch (error) {
      expect(error).toEqual(refused);
    }
  }
  return count;
}

test('a burst passes, and then as many as the time has brought', () => {
  const clock = new FakeClock();
  const limit = new RateLimit(clock, { what: 'searches', burst: 5, perSecond: 4 });
  expect(taken(limit, 10)).toBe(5);
  clock.advance(250);
  expect(taken(limit, 10)).toBe(1);
  clock.advance(60_000);
  expect(taken(limit, 10)).toBe(5);
});

test('a wall clock that is set back or forth blocks nobody', () => {
  const clock = new FakeClock();
  const limit = new RateLimit(clock, { what: 'searches', burst: 1, perSecond: 4 });
  limit.take();
  clock.set(clock.now() - 3_600_000);
  expect(taken(limit, 1)).toBe(0);
  clock.advance(250);
  expect(taken(limit, 1)).toBe(1);
});
