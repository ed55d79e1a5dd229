import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridPageSize, pageOf } from '../../../client-demo/src/lib/paging.ts';

describe('the pages of the grid', () => {
  it.each([
    ['a laptop', { width: 1248, height: 620 }, 12, 9],
    ['a laptop beside the chat', { width: 872, height: 620 }, 12, 6],
    ['a large screen', { width: 2528, height: 1290 }, 12, 25],
    ['a phone', { width: 374, height: 650 }, 8, 6],
    ['a small phone', { width: 304, height: 430 }, 8, 4],
    ['a phone held sideways', { width: 812, height: 250 }, 8, 6],
  ])('have as many tiles as %s can show', (_screen, area, gap, size) => {
    expect(gridPageSize(area, gap)).toBe(size);
  });

  it('have one tile at least and 25 at most, on any screen', () => {
    const length = fc.integer({ min: 0, max: 8000 });
    fc.assert(
      fc.property(length, length, (width, height) => {
        const size = gridPageSize({ width, height }, 12);
        expect(size).toBeGreaterThanOrEqual(1);
        expect(size).toBeLessThanOrEqual(25);
      }),
    );
  });
});

describe('a page', () => {
  it('holds each item once, on one page', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 25 }), (length, size) => {
        const items = Array.from({ length }, (_, index) => index);
        const { count } = pageOf(items, size, 0);
        const all = Array.from({ length: count }, (_, index) => pageOf(items, size, index));
        expect(all.flatMap((page) => page.items)).toEqual(items);
        expect(all.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });

  it('is the last one where the wanted one is gone', () => {
    expect(pageOf(['a', 'b', 'c'], 2, 7)).toEqual({ items: ['c'], index: 1, count: 2 });
    expect(pageOf([], 2, 3)).toEqual({ items: [], index: 0, count: 1 });
    expect(pageOf(['a'], 2, -1).index).toBe(0);
  });
});
