/** What the order of tiles depends on. */
export interface Orderable {
  readonly key: string;
  /** Before the others: pinned, in the spotlight, or a shared screen. */
  readonly first: boolean;
  readonly own: boolean;
  readonly speaking: boolean;
}

/** Who has spoken within this time keeps the place on the first page, in milliseconds. */
const recentMs = 10_000;

export interface Arranging {
  /** How many tiles the first page has, without the large one. */
  readonly firstPage: number;
  /** Drawn by itself, and not on a page. */
  readonly large: string | undefined;
  /** Whether speakers may be brought to the first page now; not while another page is looked at. */
  readonly mayMove: boolean;
  /** Milliseconds. */
  readonly now: number;
}

/**
 * The order in which tiles are shown. It changes as little as possible: those who come go to the end; who speaks without
 * being on the first page changes places with one who has been silent there the longest; who becomes large changes
 * places with the one who was. Nobody else moves.
 */
export class TileOrder {
  #keys: readonly string[] = [];
  #large: string | undefined;
  readonly #spokeAt = new Map<string, number>();

  /**
   * The keys of all pages, without the large one. The same input gives the same order again.
   * @param tiles in the order in which they came
   */
  arrange(tiles: readonly Orderable[], { firstPage, large, mayMove, now }: Arranging): string[] {
    const present = new Map(tiles.map((tile) => [tile.key, tile]));
    const keys = this.#present(tiles, present);
    for (const key of this.#spokeAt.keys()) if (!present.has(key)) this.#spokeAt.delete(key);
    for (const { key, speaking } of tiles) if (speaking) this.#spokeAt.set(key, now);
    if (this.#large !== large && large !== undefined && this.#large !== undefined) swap(keys, this.#large, large);
    this.#large = large;

    const shown = keys.filter((key) => key !== large);
    const first = shown.filter((key) => present.get(key)?.first && !present.get(key)?.own);
    const rest = shown.filter((key) => !present.get(key)?.first && !present.get(key)?.own);
    const own = shown.filter((key) => present.get(key)?.own);
    // One's own tile has the last place of the first page, unless there is hardly any.
    const ownFirst = firstPage > 2;
    const places = Math.max(0, firstPage - first.length - (ownFirst ? own.length : 0));
    if (mayMove) this.#bringForward(rest, places, present, now);
    this.#keys = writeBack(keys, rest);
    const ahead = [...first, ...rest];
    const before = ownFirst ? Math.max(0, firstPage - own.length) : ahead.length;
    return [...ahead.slice(0, before), ...own, ...ahead.slice(before)];
  }

  #present(tiles: readonly Orderable[], present: ReadonlyMap<string, Orderable>): string[] {
    const known = new Set(this.#keys);
    const fresh = tiles.filter(({ key }) => !known.has(key)).map(({ key }) => key);
    return [...this.#keys.filter((key) => present.has(key)), ...fresh];
  }

  #bringForward(rest: string[], places: number, present: ReadonlyMap<string, Orderable>, now: number): void {
    for (const speaker of rest.slice(places)) {
      if (!present.get(speaker)?.speaking) continue;
      const silent = this.#longestSilent(rest.slice(0, places), now);
      if (silent === undefined) return;
      swap(rest, silent, speaker);
    }
  }

  /** Who has been silent the longest; undefined where all have spoken a moment ago. */
  #longestSilent(keys: readonly string[], now: number): string | undefined {
    let best: string | undefined;
    let bestAt = now - recentMs;
    for (const key of keys) {
      const at = this.#spokeAt.get(key) ?? Number.NEGATIVE_INFINITY;
      // The last of equals: whoever came first stays.
      if (at > bestAt || (at === bestAt && best === undefined)) continue;
      best = key;
      bestAt = at;
    }
    return best;
  }
}

function swap(keys: string[], one: string, other: string): void {
  const at = keys.indexOf(one);
  const otherAt = keys.indexOf(other);
  if (at < 0 || otherAt < 0) return;
  keys[at] = other;
  keys[otherAt] = one;
}

/** The places that some of the keys have are given to them in another order. */
function writeBack(keys: readonly string[], some: readonly string[]): string[] {
  const moved = new Set(some);
  const next = some.values();
  return keys.map((key) => (moved.has(key) ? (next.next().value ?? key) : key));
}
