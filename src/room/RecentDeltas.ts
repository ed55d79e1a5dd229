import type { Notice } from '../protocol/index.ts';

/** Enough for the busiest half minute at ten deltas a second, */
const most = 300;
/** and, in characters of JSON, not more than a client can be told faster by a snapshot. */
const mostCharacters = 256 * 1024;

interface Kept {
  delta: Notice<'roomChanged'>;
  characters: number;
}

/** The last deltas of a room, for those who come back after their connection broke. */
export class RecentDeltas {
  readonly #kept: Kept[] = [];
  #characters = 0;

  add(delta: Notice<'roomChanged'>): void {
    const characters = JSON.stringify(delta).length;
    this.#kept.push({ delta, characters });
    this.#characters += characters;
    while (this.#kept.length > most || this.#characters > mostCharacters) {
      this.#characters -= this.#kept.shift()?.characters ?? 0;
    }
  }

  /**
   * All deltas after the revision; undefined where some of them are no longer kept.
   * @param current the revision of the last delta
   */
  since(revision: number, current: number): Notice<'roomChanged'>[] | undefined {
    if (revision > current) return undefined;
    const missed = this.#kept.flatMap(({ delta }) => (delta.revision > revision ? [delta] : []));
    return missed.length === current - revision ? missed : undefined;
  }
}
