import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInSight, type Place, placeTiles } from '../../../client-demo/src/lib/placement.ts';

const gap = 12;
const keysOf = (count: number) => Array.from({ length: count }, (_, index) => `tile-${index}`);
const right = (place: Place) => place.left + place.width;
const bottom = (place: Place) => place.top + place.height;

function overlap(a: Place, b: Place): boolean {
  return a.left < right(b) && b.left < right(a) && a.top < bottom(b) && b.top < bottom(a);
}

const area = fc.record({ width: fc.integer({ min: 280, max: 2560 }), height: fc.integer({ min: 200, max: 1440 }) });

describe('placeTiles', () => {
  it('gives every tile a place inside the content, and no two the same', () => {
    fc.assert(
      fc.property(
        area,
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        fc.option(fc.double({ min: 0.4, max: 3, noNaN: true }), { nil: undefined }),
        (size, count, focused, aspect) => {
          const keys = keysOf(count);
          const placement = placeTiles(keys, focused ? { key: 'tile-0', aspect } : undefined, size, gap);
          expect([...placement.places.keys()].sort()).toEqual([...keys].sort());
          const places = [...placement.places.values()];
          for (const place of places) {
            expect(place.width).toBeGreaterThan(0);
            expect(place.height).toBeGreaterThan(0);
            expect(place.left).toBeGreaterThanOrEqual(0);
            expect(place.top).toBeGreaterThanOrEqual(0);
            expect(right(place)).toBeLessThanOrEqual(placement.content.width + 1);
            expect(bottom(place)).toBeLessThanOrEqual(placement.content.height + 1);
          }
          places.forEach((a, index) => {
            for (const b of places.slice(index + 1)) expect(overlap(a, b)).toBe(false);
          });
        },
      ),
    );
  });

  it('fills the area with one tile, at most as wide as 16:9', () => {
    const { places, scroll } = placeTiles(['a'], undefined, { width: 2000, height: 720 }, gap);
    expect(places.get('a')).toMatchObject({ width: 1280, height: 720, left: 360, top: 0 });
    expect(scroll).toBe('none');
  });

  it('puts two tiles side by side on a wide screen and above one another on an upright one', () => {
    const wide = placeTiles(['a', 'b'], undefined, { width: 1248, height: 660 }, gap).places;
    expect(wide.get('a')?.top).toBe(wide.get('b')?.top);
    const upright = placeTiles(['a', 'b'], undefined, { width: 374, height: 700 }, gap).places;
    expect(upright.get('a')?.left).toBe(upright.get('b')?.left);
  });

  it('scrolls only when tiles would get too small', () => {
    const size = { width: 374, height: 700 };
    expect(placeTiles(keysOf(8), undefined, size, 8).scroll).toBe('none');
    const many = placeTiles(keysOf(40), undefined, size, 8);
    expect(many.scroll).toBe('down');
    expect(many.content.height).toBeGreaterThan(size.height);
  });

  it('draws a focused picture without bars beside it', () => {
    const { places } = placeTiles(keysOf(3), { key: 'tile-1', aspect: 2 }, { width: 1248, height: 660 }, gap);
    const large = places.get('tile-1');
    expect(large?.focused).toBe(true);
    expect((large?.width ?? 0) / (large?.height ?? 1)).toBeCloseTo(2, 1);
  });

  it('falls back to the grid when the focused tile is gone', () => {
    const size = { width: 1248, height: 660 };
    expect(placeTiles(keysOf(3), { key: 'gone', aspect: 2 }, size, gap)).toEqual(
      placeTiles(keysOf(3), undefined, size, gap),
    );
  });

  it('places nothing in an area that has not been measured yet', () => {
    expect(placeTiles(['a'], undefined, { width: 0, height: 0 }, gap).places.size).toBe(0);
  });
});

describe('isInSight', () => {
  const size = { width: 300, height: 400 };
  const place = { left: 0, top: 1000, width: 100, height: 100, focused: false };

  it('leaves out what is far below, until somebody scrolls there', () => {
    expect(isInSight(place, { left: 0, top: 0 }, size)).toBe(false);
    expect(isInSight(place, { left: 0, top: 700 }, size)).toBe(true);
  });

  it('always keeps the focused tile, which does not scroll away', () => {
    expect(isInSight({ ...place, focused: true }, { left: 0, top: 0 }, size)).toBe(true);
  });
});
