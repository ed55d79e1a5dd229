import { expect, test } from 'vitest';
import { requests } from '../../../src/protocol/index.ts';
import { weightOf, weights } from '../../../src/signaling/weights.ts';

test('each request has a weight, and nothing else has', () => {
  expect(Object.keys(weights).toSorted()).toEqual(Object.keys(requests).toSorted());
  for (const weight of Object.values(weights)) expect(Number.isInteger(weight)).toBe(true);
});

test('only who leaves pays nothing, and what is no request counts as well', () => {
  expect(Object.entries(weights).filter(([, weight]) => weight < 1)).toEqual([['leave', 0]]);
  expect(['', 'nonsense', 'toString', '__proto__'].map(weightOf)).toEqual([1, 1, 1, 1]);
});
