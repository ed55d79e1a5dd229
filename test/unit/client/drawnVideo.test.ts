import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawnSize, sameEntries, steadyEntry, toPixels } from '../../../src/client/drawnVideo.ts';
import { shapes, type ViewEntry } from '../../../src/protocol/index.ts';

const wide = { width: 1280, height: 720 };
const entry = (width: number, height: number): ViewEntry => ({ publicationId: 'p', width, height });

describe('the size at which a picture is drawn', () => {
  it.each([
    ['contain', { width: 400, height: 400 }, { width: 400, height: 225 }],
    ['cover', { width: 400, height: 400 }, { width: 400 * (1280 / 720), height: 400 }],
    ['fill', { width: 400, height: 400 }, { width: 400, height: 400 }],
    ['none', { width: 400, height: 400 }, wide],
    ['scale-down', { width: 2000, height: 2000 }, wide],
    ['scale-down', { width: 640, height: 640 }, { width: 640, height: 360 }],
  ])('with object-fit %s counts the whole picture', (fit, box, drawn) => {
    const size = drawnSize(box, wide, fit);
    expect(size.width).toBeCloseTo(drawn.width);
    expect(size.height).toBeCloseTo(drawn.height);
  });

  it('is that of the element while the size of the picture is unknown', () => {
    expect(drawnSize({ width: 300, height: 150 }, undefined, 'cover')).toEqual({ width: 300, height: 150 });
  });

  it('becomes physical pixels, whole and within the limits of a view', () => {
    expect(toPixels({ width: 320.4, height: 180 }, 2)).toEqual({ width: 641, height: 360 });
    const length = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(length, length, fc.constantFrom(0.5, 1, 1.25, 3), (width, height, ratio) => {
        const size = toPixels({ width, height }, ratio);
        expect(shapes.viewEntry.safeParse({ publicationId: 'p', ...size }).success).toBe(true);
      }),
    );
  });
});

describe('a tile that changes a little', () => {
  it('keeps its size while it shrinks by less than a tenth, and never gets less than it is drawn', () => {
    expect(steadyEntry(entry(321, 181), entry(320, 180))).toEqual(entry(321, 181));
    expect(steadyEntry(entry(320, 180), entry(321, 180))).toEqual(entry(321, 180));
    expect(steadyEntry(entry(320, 180), entry(287, 180))).toEqual(entry(287, 180));
    expect(steadyEntry(undefined, entry(287, 180))).toEqual(entry(287, 180));
  });

  it('changes its size once at most while it goes to and fro', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 300, max: 310 }), { minLength: 1, maxLength: 40 }), (widths) => {
        let held: ViewEntry | undefined;
        const sent: number[] = [];
        for (const width of [310, ...widths]) {
          held = steadyEntry(held, entry(width, 180));
          if (sent.at(-1) !== held.width) sent.push(held.width);
          expect(held.width).toBeGreaterThanOrEqual(width);
        }
        expect(sent).toEqual([310]);
      }),
    );
  });
});

it('views are the same that ask for the same', () => {
  expect(sameEntries([entry(1, 2)], [entry(1, 2)])).toBe(true);
  expect(sameEntries([entry(1, 2)], [entry(1, 3)])).toBe(false);
  expect(sameEntries([entry(1, 2)], [{ ...entry(1, 2), publicationId: 'q' }])).toBe(false);
  expect(sameEntries([entry(1, 2)], [])).toBe(false);
  expect(sameEntries([], [entry(1, 2)])).toBe(false);
});
