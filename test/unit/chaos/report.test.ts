import { describe, expect, test } from 'vitest';
import type { Run } from '../../chaos/Campaign.ts';
import { Dice } from '../../chaos/Dice.ts';
import type { Fault } from '../../chaos/Fault.ts';
import { faults } from '../../chaos/faults/index.ts';
import { readOptions, UsageError } from '../../chaos/options.ts';
import { reportText, rowsOf } from '../../chaos/report.ts';

const fault: Fault = {
  name: 'flood',
  what: 'water',
  times: { quick: 1, full: 50 },
  figures: { gap: { unit: 'ms', p95: 100, max: 200 } },
  apply: () => Promise.reject(new Error('never applied here')),
};

const run = (gap: number | undefined, ...problems: string[]): Run => ({
  fault: 'flood',
  seed: 7,
  hit: 'Ada',
  worst: 'Ada as Bob sees',
  figures: gap === undefined ? {} : { gap },
  problems,
});

describe('the report of a chaos run', () => {
  test('has count, p50, p95 and max of each figure, and whether the aim was met', () => {
    const runs = Array.from({ length: 20 }, (_, index) => run(index + 1));
    const [row] = rowsOf([fault], runs);
    expect(row).toMatchObject({ count: 20, p50: 10, p95: 19, max: 20, aim: 'p95 <= 100, max <= 200', met: true });
  });

  test('judges the 95th percentile where there are enough values, else the median', () => {
    const slow = (fast: number, slowOnes: number) => [
      ...Array.from({ length: fast }, () => run(50)),
      ...Array.from({ length: slowOnes }, () => run(150)),
    ];
    expect(rowsOf([fault], slow(17, 2))[0]).toMatchObject({ p95: 150, met: true });
    expect(rowsOf([fault], slow(18, 2))[0]).toMatchObject({ p95: 150, met: false });
    expect(rowsOf([fault], slow(0, 1))[0]).toMatchObject({ p50: 150, met: false });
    expect(rowsOf([fault], [run(201)])[0]).toMatchObject({ met: false });
  });

  test('a run without a value has not met the aim, and says why and with which seed', () => {
    const runs = [run(10), run(undefined, 'no calm: Ada gets no video of Bob')];
    const rows = rowsOf([fault], runs);
    expect(rows[0]).toMatchObject({ count: 1, met: false });
    const text = reportText(rows, runs);
    expect(text).toContain('2 runs, 1 failed');
    expect(text).toContain('--seed 7');
    expect(text).toContain('no calm: Ada gets no video of Bob');
  });

  test('faults that did not happen have no row', () => {
    expect(rowsOf([fault], [])).toEqual([]);
  });
});

describe('dice', () => {
  test('fall alike for the same seed, and within their bounds', () => {
    const throws = (seed: number) => {
      const dice = new Dice(seed);
      return Array.from({ length: 200 }, () => dice.between(3, 7));
    };
    expect(throws(5)).toEqual(throws(5));
    expect(throws(5)).not.toEqual(throws(6));
    expect([...new Set(throws(5))].sort()).toEqual([3, 4, 5, 6, 7]);
  });
});

describe('the options of npm run test:chaos', () => {
  test('without any: each fault as often as in npm test', () => {
    const { plan } = readOptions([]);
    expect(plan.map(({ fault: { name }, times }) => [name, times])).toEqual(
      faults.filter(({ times }) => times.quick > 0).map(({ name, times }) => [name, times.quick]),
    );
  });

  test('--full, --fault, --repeat and --seed', () => {
    const kills = readOptions(['--full', '--fault', 'worker-killed']).plan;
    expect(kills.map(({ fault: { name }, times }) => [name, times])).toEqual([['worker-killed', 100]]);
    expect(readOptions(['--fault', 'drain', '--repeat', '3', '--seed', '9'])).toMatchObject({
      plan: [{ times: 3 }],
      seed: 9,
    });
  });

  test('what it does not know is refused in words', () => {
    expect(() => readOptions(['--fault', 'worker-kiled'])).toThrow('did you mean worker-killed?');
    expect(() => readOptions(['--repeat', 'often'])).toThrow(UsageError);
    expect(() => readOptions(['--loud'])).toThrow(UsageError);
  });

  test('no two faults have the same name', () => {
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  });
});
