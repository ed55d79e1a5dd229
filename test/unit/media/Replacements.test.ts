import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Replacements } from '../../../src/media/Replacements.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function replacements() {
  const began = performance.now();
  const started: [index: number, atMs: number][] = [];
  const made = new Replacements((index) => started.push([index, Math.round(performance.now() - began)]));
  return { made, started };
}

test('a worker that dies again and again is replaced later each time, up to ten seconds', () => {
  const { made, started } = replacements();
  const waited: number[] = [];
  for (let death = 0; death < 8; death += 1) {
    made.died(0, { ageMs: 10, alone: false });
    const before = performance.now();
    vi.advanceTimersToNextTimer();
    waited.push(Math.round(performance.now() - before));
  }
  expect(waited).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  expect(started).toHaveLength(8);
});

test('one that has lived for a while dies as for the first time', () => {
  const { made, started } = replacements();
  for (let death = 0; death < 5; death += 1) {
    made.died(1, { ageMs: 10, alone: false });
    vi.advanceTimersByTime(20_000);
  }
  made.died(1, { ageMs: 6000, alone: false });
  vi.advanceTimersByTime(199);
  expect(started).toHaveLength(5);
  vi.advanceTimersByTime(1);
  expect(started).toHaveLength(6);
});

test('while no other worker lives none is waited for longer than a second, those included that already wait', () => {
  const { made, started } = replacements();
  for (let death = 0; death < 6; death += 1) {
    made.died(0, { ageMs: 10, alone: true });
    vi.advanceTimersByTime(1000);
  }
  expect(started.map(([, atMs]) => atMs)).toEqual([200, 1400, 2800, 4000, 5000, 6000]);
  made.died(0, { ageMs: 10, alone: false });
  vi.advanceTimersByTime(3000);
  expect(started).toHaveLength(6);
  made.died(1, { ageMs: 60_000, alone: true });
  vi.advanceTimersByTime(1000);
  expect(started.slice(6)).toEqual([
    [1, 9200],
    [0, 10_000],
  ]);
});

test('after the end nothing is started', () => {
  const { made, started } = replacements();
  made.died(0, { ageMs: 10, alone: true });
  made.clear();
  vi.advanceTimersByTime(60_000);
  expect(started).toEqual([]);
});
