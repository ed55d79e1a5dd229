import type { Tile } from './tiles.ts';

export type Layout = 'grid' | 'speaker';

export interface LargeChoice {
  readonly layout: Layout;
  /** Keys of pinned tiles, the newest last. */
  readonly pinned: readonly string[];
  /** Keys of tiles that moderators want everybody to see, the most important first. */
  readonly spotlit: readonly string[];
  /** Keys of shared screens and spotlit tiles that somebody has put back among the others. */
  readonly putBack: readonly string[];
  /** The key of the tile of who speaks. */
  readonly speaker: string | undefined;
}

/**
 * The tile to draw large, and why. What was pinned last comes first, then the newest screen of somebody else, unless it
 * was put back, then whom moderators have put in the spotlight; in the speaker view whoever speaks, or who was there first.
 * One's own screen and oneself in the spotlight stay small: seeing it twice helps nobody.
 */
export function largeTile(tiles: readonly Tile[], choice: LargeChoice): Tile | undefined {
  const { layout, pinned, spotlit, putBack, speaker } = choice;
  const find = (key: string | undefined) => tiles.find((tile) => tile.key === key);
  const newest = pinned.findLast((key) => find(key) !== undefined);
  if (newest !== undefined) return find(newest);
  const screen = tiles.findLast((tile) => tile.kind === 'remote' && tile.source === 'screen');
  if (screen !== undefined && !putBack.includes(screen.key)) return screen;
  const lit = spotlit.find((key) => !putBack.includes(key) && find(key)?.kind === 'remote');
  if (lit !== undefined) return find(lit);
  if (layout === 'grid') return undefined;
  return find(speaker) ?? tiles.find((tile) => tile.kind === 'remote' && tile.source === 'camera') ?? tiles[0];
}
