import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { VoiceLimit } from '../../../src/room/VoiceLimit.ts';
import { FakeClock } from '../../support/FakeClock.ts';

let clock: FakeClock;
let voices: number;
let told: number[];
let limit: VoiceLimit;
const all = Number.POSITIVE_INFINITY;

beforeEach(() => {
  clock = new FakeClock();
  voices = 6;
  told = [];
  limit = new VoiceLimit({ clock, voices: () => voices, changed: () => told.push(limit.limit) });
});

test('what is lost goes, and a little more; reports of the same time count once', () => {
  limit.lost(0.3);
  expect(told).toEqual([3]);
  for (const ratio of [0.4, 0.3, 0.2]) {
    clock.advance(1000);
    limit.lost(ratio);
  }
  expect(told).toEqual([3]);
});

test('little loss, or a single voice, changes nothing', () => {
  limit.lost(0.14);
  voices = 1;
  limit.lost(0.9);
  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('what has not been enough goes on', () => {
  limit.lost(0.2);
  clock.advance(5000);
  limit.lost(0.5);
  clock.advance(5000);
  limit.lost(0.9);
  expect(told).toEqual([3, 1]);
  expect(limit.limit).toBe(1);
});

test('voices come back, one and then more at a time', () => {
  limit.lost(0.5);
  clock.advance(9999);
  expect(told).toEqual([2]);
  clock.advance(1);
  expect(told).toEqual([2, 3]);
  clock.advance(5000);
  expect(told).toEqual([2, 3, 5]);
  clock.advance(5000);
  expect(told).toEqual([2, 3, 5, all]);
  expect(clock.pending).toBe(0);
});

test('one that was too much waits for longer', () => {
  limit.lost(0.3);
  clock.advance(10_000);
  expect(told).toEqual([3, 4]);
  limit.lost(0.2);
  expect(told).toEqual([3, 4, 2]);
  clock.advance(19_999);
  expect(told).toHaveLength(3);
  clock.advance(1);
  expect(told).toEqual([3, 4, 2, 3]);
});

test('whatever is lost: there is always a voice, and without losses all come back', () => {
  const step = fc.record({ ratio: fc.double({ min: 0, max: 1, noNaN: true }), seconds: fc.nat(30), count: fc.nat(8) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      for (const { ratio, seconds, count } of steps) {
        voices = count;
        limit.lost(ratio);
        clock.advance(seconds * 1000);
        expect(limit.limit).toBeGreaterThan(0);
      }
      clock.advance(200_000);
      expect(limit.limit).toBe(all);
      expect(clock.pending).toBe(0);
    }),
  );
});
