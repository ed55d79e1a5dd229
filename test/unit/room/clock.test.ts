import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/room/clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('it tells the time since 1970, and goes on where somebody sets the wall clock', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  const before = systemClock.now();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
  expect(Date.now() - before).toBeGreaterThan(3_000_000);
  expect(systemClock.now() - before).toBeLessThan(1000);
});
