import type { Size } from './placement.ts';

/** A room is shown in pages that never scroll: more tiles than these would be too small to tell faces apart. */
const smallScreen = { most: 6, upright: { width: 140, height: 150 }, flat: { width: 180, height: 100 } };
const largeScreen = { most: 25, least: 4, tile: { width: 340, height: 190 } };

/** How many tiles a page of the grid has. */
export function gridPageSize(area: Size, gap: number): number {
  if (area.width <= 0 || area.height <= 0) return 1;
  if (area.width < 600 || area.height < 420) {
    const tile = area.width < area.height ? smallScreen.upright : smallScreen.flat;
    return clamp(fits(area, tile, gap), 1, smallScreen.most);
  }
  return clamp(fits(area, largeScreen.tile, gap), largeScreen.least, largeScreen.most);
}

/** How many tiles of at least that size an area holds. */
export function fits(area: Size, tile: Size, gap: number): number {
  return Math.floor((area.width + gap) / (tile.width + gap)) * Math.floor((area.height + gap) / (tile.height + gap));
}

export interface Page<T> {
  readonly items: readonly T[];
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** The page of that index, or the last one where there are not that many any more. */
export function pageOf<T>(items: readonly T[], size: number, wanted: number): Page<T> {
  const count = Math.max(1, Math.ceil(items.length / size));
  const index = clamp(wanted, 0, count - 1);
  return { items: items.slice(index * size, (index + 1) * size), index, count };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
