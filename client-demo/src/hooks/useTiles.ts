import { useEffect, useReducer, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { TileKeeper } from '../lib/TileKeeper.ts';
import { type Tile, tilesOf } from '../lib/tiles.ts';

/** The tiles of everybody, and for a while of those who are not back yet after everybody had to join anew; not in another room. */
export function useTiles(room: Room, moving: boolean): readonly Tile[] {
  const [keeper] = useState(() => new TileKeeper());
  const [, drawAgain] = useReducer((count: number) => count + 1, 0);
  const tiles = keeper.update(tilesOf(room), room.trouble === 'visit' && !moving, performance.now());
  useEffect(() => {
    const wait = keeper.lookAgainIn(performance.now());
    if (wait === undefined) return undefined;
    const timer = window.setTimeout(drawAgain, wait + 1);
    return () => window.clearTimeout(timer);
  });
  return tiles;
}
