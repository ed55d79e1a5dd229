import type { RemoteTile, Tile } from './tiles.ts';

/** How long somebody may take to come back before the tile goes, in milliseconds. */
const keptMs = 8000;

/**
 * After a server has gone everybody joins anew, one after the other. Until they are back their tiles stay where they
 * were, so that nothing moves.
 */
export class TileKeeper {
  #before: readonly RemoteTile[] = [];
  #rejoining = false;
  readonly #kept = new Map<string, RemoteTile>();
  #until = 0;

  /**
   * The tiles of now, and those of whoever is not back yet. The same input gives the same tiles again.
   * @param rejoining whether the room is being joined again
   * @param now milliseconds
   */
  update(tiles: readonly Tile[], rejoining: boolean, now: number): Tile[] {
    if (rejoining) {
      // Who was not back when it began again is still missing.
      if (!this.#rejoining) this.#before = [...tiles, ...this.#kept.values()].filter((tile) => tile.kind === 'remote');
      this.#rejoining = true;
      return this.#merge(tiles);
    }
    if (this.#rejoining) {
      this.#rejoining = false;
      this.#until = now + keptMs;
      for (const tile of this.#before) this.#kept.set(tile.key, { ...tile, away: true });
    }
    if (now >= this.#until) this.#kept.clear();
    for (const tile of tiles) {
      const kept = this.#kept.get(tile.key);
      // People come first and their pictures a moment later.
      if (kept && (kept.publication === undefined || tile.publication !== undefined)) this.#kept.delete(tile.key);
    }
    return this.#merge(tiles);
  }

  /** When some of the tiles will go by themselves, in milliseconds from now; undefined: none. */
  lookAgainIn(now: number): number | undefined {
    return this.#kept.size > 0 ? Math.max(0, this.#until - now) : undefined;
  }

  #merge(tiles: readonly Tile[]): Tile[] {
    const present = new Set(tiles.map(({ key }) => key));
    const missing = [...this.#kept.values()].filter(({ key }) => !present.has(key));
    return [...tiles.map((tile) => this.#kept.get(tile.key) ?? tile), ...missing];
  }
}
