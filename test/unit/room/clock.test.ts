import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/room/clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('what lasts is measured in even steps where somebody sets the wall clock; people are told its time', () => {
  const [began, date] = [systemClock.now(), systemClock.date()];
  vi.useFakeTimers({ toFake: ['Date'], now: date + 3_600_000 });
  expect(systemClock.date() - date).toBeGreaterThanOrEqual(3_600_000);
  expect(systemClock.now() - began).toBeLessThan(1000);
  expect(systemClock.now()).toBeGreaterThanOrEqual(began);
});
