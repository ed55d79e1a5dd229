import { expect, test } from 'vitest';
import { BucketPool } from '../../../src/room/BucketPool.ts';
import { FakeClock } from '../../support/FakeClock.ts';

test('each key has a bucket of its own, which stays the same while it is not full', () => {
  const clock = new FakeClock();
  const pool = new BucketPool(clock, { perSecond: 1, burst: 20 });
  expect(pool.of('ada').tryTake(20)).toBe(true);
  expect(pool.of('bob').tryTake(20)).toBe(true);
  clock.advance(10_000);
  expect(pool.size).toBe(2);
  expect(pool.of('ada').tryTake(11)).toBe(false);
  expect(pool.of('ada').tryTake(10)).toBe(true);
  pool.close();
});

test('idle buckets go, and with the last of them the timer', () => {
  const clock = new FakeClock();
  const pool = new BucketPool(clock, { perSecond: 1, burst: 20 });
  pool.of('ada').take(1);
  clock.advance(15_000);
  pool.of('bob').take(1);
  clock.advance(10_000);
  expect(pool.size, 'only ada has been idle for twenty seconds').toBe(1);
  clock.advance(20_000);
  expect(pool.size).toBe(0);
  expect(clock.pending).toBe(0);
});

test('a flood of keys drops those that were used longest ago', () => {
  const clock = new FakeClock();
  const pool = new BucketPool(clock, { perSecond: 1, burst: 1 }, 100);
  pool.of('used').take(1);
  for (let index = 0; index < 10_000; index += 1) {
    pool.of(`flood-${index}`).take(1);
    pool.of('used');
  }
  expect(pool.size).toBe(100);
  expect(pool.of('used').tryTake(1)).toBe(false);
  pool.close();
  expect(pool.size).toBe(0);
  expect(clock.pending).toBe(0);
});
