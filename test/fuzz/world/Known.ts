import type { Names, Reference } from '../generate/placeholders.ts';

/** So many ids of a kind are remembered; those that came last are the likeliest to be there still. */
const remembered = 40;
/** Of what a client hears so much is read: deeper there is nothing that has an id. */
const deepest = 8;

/** Of these half of the messages speak. */
const recent = 5;
/** Lists of what is not there any more. */
const goneLists: readonly string[] = ['left', 'unpublished', 'subscriptionIds'];

/** What the clients of a room have heard of it: each field that is called `somethingId`, or `identity`. */
export class Known {
  readonly #ids = new Map<string, string[]>();

  /** @param heard anything that the server has said */
  hear(heard: unknown, depth = 0): void {
    if (typeof heard !== 'object' || heard === null || depth > deepest) return;
    for (const [key, value] of Object.entries(heard)) {
      if (typeof value === 'string') this.#note(key, value);
      else if (goneLists.includes(key)) this.#forget(value);
      else {
        if (key === 'waiting' && Array.isArray(value)) this.#ids.delete('knock');
        if (key === 'bans' && Array.isArray(value)) this.#hearBans(value);
        this.hear(value, depth + 1);
      }
    }
  }

  /** Nothing of it is there any more. */
  forgetAll(): void {
    this.#ids.clear();
  }

  of(kind: string): readonly string[] {
    return this.#ids.get(kind) ?? [];
  }

  /** All of them, whatever they are of. */
  get all(): readonly string[] {
    return [...this.#ids.values()].flat();
  }

  #hearBans(list: readonly unknown[]): void {
    this.#ids.delete('banned');
    for (const each of list) {
      const identity: unknown = Reflect.get(Object(each), 'identity');
      if (typeof identity === 'string') this.#remember('banned', identity);
    }
  }

  /** @param list of ids, or of objects that have one */
  #forget(list: unknown): void {
    const gone = new Set((Array.isArray(list) ? list : []).flatMap((each) => Object.values(Object(each)).concat(each)));
    for (const [kind, ids] of this.#ids) {
      const left = ids.filter((id) => !gone.has(id));
      this.#ids.set(kind, left);
    }
  }

  #note(key: string, value: string): void {
    const kind = key === 'identity' ? key : /^(\w+)Id$/.exec(key)?.[1]?.toLowerCase();
    if (kind && kind !== 'request') this.#remember(kind, value);
  }

  #remember(kind: string, value: string): void {
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
  readonly #own: Known;
  readonly #room: string;

  /** @param own what belongs to this client alone */
  constructor(room: string, here: Known, elsewhere: Known, own = new Known()) {
    this.#room = room;
    this.#own = own;
    this.#here = here;
    this.#elsewhere = elsewhere;
  }

  name(kind: Reference, index: number): string {
    if (kind === 'fresh') return `f${this.freshNumber()}`;
    if (kind === 'room') return this.#room;
    const own = this.#own.of(kind);
    if (own.length > 0 && index % 3 > 0) return own[index % own.length] ?? 'unknown';
    const ids = kind === 'foreign' ? this.#elsewhere.all : this.#here.of(kind);
    const some = index % 2 === 0 ? ids : ids.slice(-recent);
    return some[index % Math.max(1, some.length)] ?? 'unknown';
  }

  freshNumber(): number {
    lastFresh += 1;
    return 100_000 + lastFresh;
  }
}
