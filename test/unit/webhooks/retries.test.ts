import { describe, expect, test } from 'vitest';
import { retryDelayMs } from '../../../src/webhooks/retries.ts';

describe('the waits between attempts', () => {
  test('double from a second to ten minutes', () => {
    const delays = [1, 2, 3, 4, 10, 11, 12, 1000].map((failures) => retryDelayMs(failures, 1));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 512_000, 600_000, 600_000, 600_000]);
  });

  test('differ, by a half at most', () => {
    expect(retryDelayMs(3, 0)).toBe(2000);
    expect(retryDelayMs(3, 0.5)).toBe(3000);
  });

  test('are as long as the receiver asks, up to an hour', () => {
    expect(retryDelayMs(1, 1, 30_000)).toBe(30_000);
    expect(retryDelayMs(6, 1, 10)).toBe(32_000);
    expect(retryDelayMs(1, 1, 999_999_000)).toBe(3_600_000);
  });
});
