import { expect, test } from 'vitest';
import { AllOf, TokenBucket } from '../../../src/room/TokenBucket.ts';
import { FakeClock } from '../../support/FakeClock.ts';

test('a burst goes at once, and after it what the time brings', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { perSecond: 10, burst: 50 });
  expect(bucket.tryTake(50)).toBe(true);
  expect(bucket.tryTake(1)).toBe(false);
  expect(bucket.waitMs(1)).toBe(100);
  expect(bucket.waitMs(5)).toBe(500);
  clock.advance(99);
  expect(bucket.tryTake(1)).toBe(false);
  clock.advance(1);
  expect(bucket.tryTake(1)).toBe(true);
  clock.advance(3_600_000);
  expect(bucket.tryTake(50)).toBe(true);
  expect(bucket.tryTake(1)).toBe(false);
});

test('what is larger than the burst goes when the bucket is full, and is paid back', () => {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock, { perSecond: 10, burst: 10 });
  expect(bucket.tryTake(30)).toBe(true);
  expect(bucket.waitMs(1)).toBe(2100);
});

test('what has to pass several limits takes nothing where one of them refuses', () => {
  const clock = new FakeClock();
  const narrow = new TokenBucket(clock, { perSecond: 1, burst: 1 });
  const wide = new TokenBucket(clock, { perSecond: 10, burst: 10 });
  const both = new AllOf([narrow, wide]);
  expect(both.waitMs(1)).toBe(0);
  both.take(1);
  expect(both.waitMs(1)).toBe(1000);
  expect(wide.waitMs(9)).toBe(0);
  expect(new AllOf([]).waitMs(1)).toBe(0);
});
