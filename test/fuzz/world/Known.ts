import type { Names, Reference } from '../generate/placeholders.ts';

/** So many ids of a kind are remembered; those that came last are the likeliest to be there still. */
const remembered = 40;
/** Of what a client hears so much is read: deeper there is nothing that has an id. */
const deepest = 8;

/** What the clients of a room have heard of it: each field that is called `somethingId`, or `identity`. */
export class Known {
  readonly #ids = new Map<string, string[]>();

  /** @param heard anything that the server has said */
  hear(heard: unknown, depth = 0): void {
    if (typeof heard !== 'object' || heard === null || depth > deepest) return;
    for (const [key, value] of Object.entries(heard)) {
      if (typeof value === 'string') this.#note(key, value);
      else this.hear(value, depth + 1);
    }
  }

  of(kind: string): readonly string[] {
    return this.#ids.get(kind) ?? [];
  }

  /** All of them, whatever they are of. */
  get all(): readonly string[] {
    return [...this.#ids.values()].flat();
  }

  #note(key: string, value: string): void {
    const kind = key === 'identity' ? key : /^(\w+)Id$/.exec(key)?.[1]?.toLowerCase();
    if (!kind || kind === 'request') return;
    const ids = this.#ids.get(kind) ?? [];
    if (ids.includes(value)) return;
    ids.push(value);
    if (ids.length > remembered) ids.shift();
    this.#ids.set(kind, ids);
  }
}

let lastFresh = 0;

/** The names by which one client's messages are filled in. */
export class ClientNames implements Names {
  readonly #here: Known;
  readonly #elsewhere: Known;
  readonly #room: string;

  constructor(room: string, here: Known, elsewhere: Known) {
    this.#room = room;
    this.#here = here;
    this.#elsewhere = elsewhere;
  }

  name(kind: Reference, index: number): string {
    if (kind === 'fresh') return `f${this.freshNumber()}`;
    if (kind === 'room') return this.#room;
    const ids = kind === 'foreign' ? this.#elsewhere.all : this.#here.of(kind);
    return ids[index % Math.max(1, ids.length)] ?? 'unknown';
  }

  freshNumber(): number {
    lastFresh += 1;
    return 100_000 + lastFresh;
  }
}
