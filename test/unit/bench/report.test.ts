import { describe, expect, test } from 'vitest';
import { figure, markdownSection, percentile, textTable } from '../../bench/report.ts';

describe('a figure', () => {
  test('by itself has neither ratio nor aim', () => {
    expect(figure('joins', 12.345, 'ms')).toEqual({
      name: 'joins',
      value: 12.3,
      unit: 'ms',
      comparedWith: null,
      ratio: null,
      aim: null,
      met: null,
    });
  });

  test('has a ratio to what it is compared with', () => {
    const { comparedWith, ratio } = figure('CPU', 50, 'ms', { comparedWith: { name: 'feature off', value: 200.04 } });
    expect(comparedWith).toEqual({ name: 'feature off', value: 200 });
    expect(ratio).toBe(0.25);
  });

  test('has no ratio to nothing, and has not met an aim of it', () => {
    const aim = { of: 'ratio', is: 'at most', limit: 2 } as const;
    const { ratio, met } = figure('pipes', 8, 'pipes', { comparedWith: { name: '1 worker', value: 0 }, aim });
    expect({ ratio, met }).toEqual({ ratio: null, met: false });
  });

  test.each([
    [{ aim: 120 }, '<= 120', true],
    [{ aim: 99.9 }, '<= 99.9', false],
    [{ aim: { of: 'value', is: 'at least', limit: 100 } }, '>= 100', true],
    [{ aim: { of: 'ratio', is: 'at least', limit: 2 } }, 'ratio >= 2', true],
    [{ aim: { of: 'ratio', is: 'at least', limit: 2.01 } }, 'ratio >= 2.01', false],
    [{ aim: { of: 'ratio', is: 'at most', limit: 1.15 } }, 'ratio <= 1.15', false],
  ] as const)('of 100 beside 50, with %j', (beside, aim, met) => {
    const made = figure('f', 100, 'ms', { comparedWith: { name: 'other', value: 50 }, ...beside });
    expect([made.aim, made.met]).toEqual([aim, met]);
  });

  test('that could not be taken has not met its aim', () => {
    expect(figure('f', Number.NaN, 'ms', { aim: 100 }).met).toBe(false);
    expect(figure('f', 1, 'ms', { aim: { of: 'ratio', is: 'at most', limit: 2 } }).met).toBe(false);
  });

  test('is judged by what was measured, not by what is shown of it', () => {
    expect(figure('f', 100.04, 'ms', { aim: 100 })).toMatchObject({ value: 100, met: false });
  });
});

test('a percentile is a value that was measured, whatever the order', () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 0.5, 0.8, 0.95, 1].map((share) => percentile(values, share))).toEqual([1, 3, 4, 5, 5]);
  expect(percentile([Number.NaN, 7], 0.5)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
  expect(values).toEqual([5, 1, 4, 2, 3]);
});

describe('tables', () => {
  const figures = [
    figure('short', 1, 'ms', { comparedWith: { name: 'a long comparison', value: 4 }, aim: 2 }),
    figure('a much longer name', 3, 'ms', { aim: 2 }),
  ];

  test('for a terminal stand in columns', () => {
    const [head = '', ...rows] = textTable(figures).split('\n');
    expect(rows).toHaveLength(2);
    for (const [name, row] of [
      ['1 ms', rows[0]],
      ['3 ms', rows[1]],
    ]) {
      expect(row?.indexOf(name ?? '')).toBe(head.indexOf('value'));
    }
    expect(rows[0]).toMatch(/a long comparison: 4 +0\.25 +<= 2 +yes$/);
    expect(rows[1]).toMatch(/<= 2 +NO$/);
  });

  test('for the file say when, what and on which machine', () => {
    const section = markdownSection(
      {
        machine: { cores: 2, note: 'quiet' },
        date: '2026-11-21T00:00:00.000Z',
        commit: 'abc',
        command: 'c',
        scenarios: [],
      },
      { name: 'joins', figures },
    );
    expect(section.split('\n')).toEqual([
      '## joins',
      '',
      '2026-11-21T00:00:00.000Z, commit abc, `c`  ',
      'cores 2; note quiet',
      '',
      '| figure | value | compared with | ratio | aim | met |',
      '| --- | --- | --- | --- | --- | --- |',
      '| short | 1 ms | a long comparison: 4 | 0.25 | <= 2 | yes |',
      '| a much longer name | 3 ms |  |  | <= 2 | NO |',
      '',
    ]);
  });
});
