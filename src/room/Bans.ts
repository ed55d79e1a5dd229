import { type Ban, PlenumError } from '../protocol/index.ts';
import type { Actor } from './Actor.ts';
import { cursorOf, noCursor, placeOf } from './cursor.ts';

interface Entry {
  /** Later ones have a higher one. */
  readonly number: number;
  readonly ban: Ban;
  /** Names of the rooms that it was made for. */
  readonly rooms: readonly string[];
  /** Nobody in the room knows of this one. */
  readonly hidden: boolean;
}

/** Moderators are told of so many: the answer has to fit into a message. */
const mostTold = 200;

/** Who cannot come in as long as the room lives, and what is remembered of it for those who may lift it. */
export class Bans {
  /** By identity, the latest last. */
  readonly #entries = new Map<string, Entry>();
  #count = 0;

  /**
   * All of them, the latest first, page by page; what is added or lifted in between moves nothing.
   *
   * @param after `next` of the page before
   * @throws PlenumError `bad-request` for a cursor that no page gave
   */
  page({ after, limit }: { after?: string | undefined; limit: number }): { bans: Ban[]; next?: string } {
    const before = after === undefined ? Number.POSITIVE_INFINITY : numberOf(after);
    const rest = [...this.#entries.values()].reverse().filter(({ number }) => number < before);
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    return {
      bans: page.map(({ ban }) => ban),
      ...(last && page.length < rest.length && { next: cursorOf(String(last.number)) }),
    };
  }

  /** What moderators see: the latest first, and nobody who was hidden. */
  get told(): Ban[] {
    const seen = [...this.#entries.values()].filter(({ hidden }) => !hidden).map(({ ban }) => ban);
    return seen.slice(-mostTold).reverse();
  }

  add(ban: Ban, { rooms, hidden }: Pick<Entry, 'rooms' | 'hidden'>): void {
    this.#entries.delete(ban.identity);
    this.#count += 1;
    this.#entries.set(ban.identity, { number: this.#count, ban, rooms, hidden });
  }

  /** @throws PlenumError `forbidden` for who is banned */
  check(identity: string): void {
    if (!this.#entries.has(identity)) return;
    throw new PlenumError('forbidden', 'a moderator has removed this person from this room for as long as it lasts');
  }

  /** @throws PlenumError `not-found`, to moderators also where that one was hidden */
  lift(identity: string, { kind }: Actor): Pick<Entry, 'ban' | 'rooms'> {
    const entry = this.#entries.get(identity);
    if (!entry || (entry.hidden && kind !== 'application')) {
      throw new PlenumError('not-found', 'nobody of that identity is banned');
    }
    this.#entries.delete(identity);
    return entry;
  }

  /** @returns whether it held: another one of the same person is not that one */
  forget(ban: Ban): boolean {
    return this.#entries.get(ban.identity)?.ban === ban && this.#entries.delete(ban.identity);
  }
}

function numberOf(cursor: string): number {
  const place = placeOf(cursor);
  if (!/^\d{1,15}$/.test(place)) throw noCursor();
  return Number(place);
}
