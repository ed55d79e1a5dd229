import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../load/Histogram.ts';

test('every percentile is within two per cent of the true one', () => {
  const shares = [0.5, 0.95, 0.99, 1];
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      (values) => {
        const histogram = new Histogram();
        for (const value of values) histogram.record(value);
        const sorted = values.toSorted((a, b) => a - b);
        for (const share of shares) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
          const found = histogram.percentile(share) ?? Number.NaN;
          if (Math.abs(found - exact) > 0.02 * exact) throw new Error(`${share}: ${found} instead of ${exact}`);
        }
      },
    ),
  );
});

test('without values there is no percentile; a clock that went back counts as no time', () => {
  const histogram = new Histogram();
  expect(histogram.percentile(0.5)).toBeNull();
  histogram.record(-3);
  expect(histogram.percentile(0.5)).toBe(0);
  expect(histogram.count).toBe(1);
});

test('two add up, and clearing forgets', () => {
  const one = new Histogram();
  const other = new Histogram();
  for (let value = 1; value <= 100; value += 1) (value <= 50 ? one : other).record(value);
  one.add(other);
  expect(one.count).toBe(100);
  expect(one.max).toBe(100);
  expect(one.percentile(0.9)).toBeGreaterThan(88);
  expect(one.percentile(0.9)).toBeLessThan(92);
  one.clear();
  expect(one.percentile(0.9)).toBeNull();
});

test('values beyond every bucket are in the last', () => {
  const histogram = new Histogram();
  histogram.record(1e12);
  expect(histogram.percentile(1)).toBeGreaterThan(1e7);
});
