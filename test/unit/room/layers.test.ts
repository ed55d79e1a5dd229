import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PublicationInfo, ViewEntry } from '../../../src/protocol/index.ts';
import { derivedPriority, layerForTile, wantedOfAuto, wantedOfEntries } from '../../../src/room/layers.ts';

function video(publicationId: string, about: Partial<PublicationInfo> = {}): PublicationInfo {
  return {
    publicationId,
    participantId: `of-${publicationId}`,
    source: 'camera',
    kind: 'video',
    muted: false,
    width: 1280,
    height: 720,
    codec: 'vp8',
    spatialLayers: 3,
    metadata: {},
    ...about,
  };
}

const explicit = (entries: ViewEntry[], videos: PublicationInfo[]) =>
  wantedOfEntries(entries, (publicationId) => videos.find((each) => each.publicationId === publicationId));

describe('the layer for a tile', () => {
  test.each([
    // Three layers of 1280x720: 320x180, 640x360, 1280x720.
    [3, 1280, 720, 1, 1, 0],
    [3, 1280, 720, 320, 180, 0],
    [3, 1280, 720, 321, 180, 1],
    [3, 1280, 720, 320, 181, 1],
    [3, 1280, 720, 640, 360, 1],
    [3, 1280, 720, 641, 360, 2],
    [3, 1280, 720, 16_384, 16_384, 2],
    // Two layers of 640x480: 320x240, 640x480.
    [2, 640, 480, 320, 240, 0],
    [2, 640, 480, 320, 241, 1],
    [2, 640, 480, 4000, 4000, 1],
    [1, 640, 480, 1, 1, 0],
    [1, 640, 480, 4000, 4000, 0],
    // Portrait: the tile decides by the side that needs more.
    [3, 720, 1280, 180, 320, 0],
    [3, 720, 1280, 320, 180, 1],
    [3, 720, 1280, 720, 100, 2],
    // Odd sizes.
    [3, 1279, 719, 320, 180, 1],
    [3, 1281, 721, 320, 180, 0],
    [3, 1, 1, 1, 1, 2],
  ])('%i layers of %ix%i in a tile of %ix%i: %i', (spatialLayers, width, height, tileWidth, tileHeight, expected) => {
    const layers = layerForTile({ width, height, spatialLayers }, { width: tileWidth, height: tileHeight });
    expect(layers).toEqual({ spatialLayer: expected, temporalLayer: 2 });
  });

  test('of unknown size: as of a common camera', () => {
    const publication = { width: undefined, height: undefined, spatialLayers: 3 };
    expect(layerForTile(publication, { width: 640, height: 360 }).spatialLayer).toBe(1);
  });

  test('exists, fills the tile where it can, and is the smallest that does', () => {
    const pixels = fc.integer({ min: 1, max: 16_384 });
    const size = fc.record({ width: pixels, height: pixels });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 3 }), (captured, tile, spatialLayers) => {
        const { spatialLayer } = layerForTile({ ...captured, spatialLayers }, tile);
        const top = spatialLayers - 1;
        expect(spatialLayer).toBeGreaterThanOrEqual(0);
        expect(spatialLayer).toBeLessThanOrEqual(top);
        const fills = (layer: number) =>
          captured.width / 2 ** (top - layer) >= tile.width && captured.height / 2 ** (top - layer) >= tile.height;
        if (spatialLayer < top) expect(fills(spatialLayer)).toBe(true);
        if (spatialLayer > 0) expect(fills(spatialLayer - 1)).toBe(false);
      }),
    );
  });
});

describe('the view auto', () => {
  test('wants screens in full and first, cameras by the grid that they make', () => {
    const many = [
      video('s', { source: 'screen', width: 1920, height: 1080 }),
      ...'abcdefghi'.split('').map((c) => video(c)),
    ];
    const [screen, ...cameras] = wantedOfAuto(many);
    expect(screen).toMatchObject({ layers: { spatialLayer: 2 } });
    expect(cameras.every(({ layers }) => layers.spatialLayer === 1)).toBe(true);
    expect(new Set(cameras.map(({ priority }) => priority)).size, 'equals').toBe(1);
    expect(cameras.every(({ priority }) => priority < (screen?.priority ?? 0))).toBe(true);
    expect(wantedOfAuto([video('a')])[0]).toMatchObject({ layers: { spatialLayer: 2 } });
  });

  test('a screen of unknown size is wanted in full', () => {
    const screen = video('s', { source: 'screen', width: undefined, height: undefined });
    expect(wantedOfAuto([screen])[0]).toMatchObject({ layers: { spatialLayer: 2 } });
  });
});

describe('an explicit view', () => {
  const entry = (publicationId: string, about = {}): ViewEntry => ({
    publicationId,
    width: 320,
    height: 180,
    ...about,
  });

  test('is exactly what it names of what there is, with its priorities', () => {
    const entries = [
      entry('b', { priority: 9 }),
      entry('gone', { priority: 1 }),
      entry('a', { width: 1280, height: 720, priority: 1 }),
    ];
    expect(explicit(entries, [video('a'), video('b'), video('c')])).toEqual([
      { publicationId: 'b', layers: { spatialLayer: 0, temporalLayer: 2 }, priority: 9 },
      { publicationId: 'a', layers: { spatialLayer: 2, temporalLayer: 2 }, priority: 1 },
    ]);
  });

  test('of nothing is nothing', () => {
    expect(explicit([], [video('a')])).toEqual([]);
  });

  test('without priorities, screens come first, then the larger; about the same size is the same', () => {
    const entries = [
      entry('large', { width: 1280, height: 720 }),
      entry('small'),
      entry('other', { width: 322, height: 182 }),
      entry('screen', { width: 640, height: 360 }),
    ];
    const videos = [video('large'), video('small'), video('other'), video('screen', { source: 'screen' })];
    const [large, small, other, screen] = explicit(entries, videos).map(({ priority }) => priority);
    expect(screen).toBeGreaterThan(large ?? 255);
    expect(large).toBeGreaterThan(small ?? 255);
    expect(small).toBe(other);
  });

  test('derived priorities are such as the protocol allows, and no camera is before a screen', () => {
    const area = fc.integer({ min: 1, max: 16_384 ** 2 });
    fc.assert(
      fc.property(area, area, area, (one, other, third) => {
        const largest = Math.max(one, other, third);
        const [a, b] = [one, other].map((each) => derivedPriority('camera', each, largest));
        const screen = derivedPriority('screen', third, largest);
        for (const priority of [a, b, screen])
          expect(priority).toSatisfy((p) => Number.isInteger(p) && p >= 1 && p <= 255);
        expect(screen).toBeGreaterThan(Math.max(a ?? 255, b ?? 255));
        if (one >= other) expect(a).toBeGreaterThanOrEqual(b ?? 255);
      }),
    );
  });
});
