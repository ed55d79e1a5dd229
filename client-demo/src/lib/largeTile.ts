import type { Tile } from './tiles.ts';

export type Layout = 'grid' | 'speaker';

export interface LargeChoice {
  readonly layout: Layout;
  /** Keys of pinned tiles, the newest last. */
  readonly pinned: readonly string[];
  /** A shared screen that somebody has put back among the others. */
  readonly putBack: string | undefined;
  /** The key of the tile of who speaks. */
  readonly speaker: string | undefined;
}

/**
 * The tile to draw large, and why. What was pinned last comes first, then the newest screen of somebody else, unless it
 * was put back; in the speaker view whoever speaks, or who was there first. One's own screen stays small: seeing it
 * twice helps nobody.
 */
export function largeTile(tiles: readonly Tile[], { layout, pinned, putBack, speaker }: LargeChoice): Tile | undefined {
  const find = (key: string | undefined) => tiles.find((tile) => tile.key === key);
  const newest = pinned.findLast((key) => find(key) !== undefined);
  if (newest !== undefined) return find(newest);
  const screen = tiles.findLast((tile) => tile.kind === 'remote' && tile.source === 'screen');
  if (screen !== undefined && screen.key !== putBack) return screen;
  if (layout === 'grid') return undefined;
  return find(speaker) ?? tiles.find((tile) => tile.kind === 'remote' && tile.source === 'camera') ?? tiles[0];
}
