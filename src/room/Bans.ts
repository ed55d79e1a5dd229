import { type Ban, PlenumError } from '../protocol/index.ts';
import type { Actor } from './Actor.ts';

interface Entry {
  readonly ban: Ban;
  /** Nobody in the room knows of this one. */
  readonly hidden: boolean;
}

/** Moderators are told of so many: the answer has to fit into a message. */
const mostTold = 200;

/** Who cannot come in as long as the room lives, and what is remembered of it for those who may lift it. */
export class Bans {
  /** By identity, the latest last. */
  readonly #entries = new Map<string, Entry>();

  /** All of them, the latest first. */
  get all(): Ban[] {
    return [...this.#entries.values()].map(({ ban }) => ban).reverse();
  }

  /** What moderators see: the latest first, and nobody who was hidden. */
  get told(): Ban[] {
    const seen = [...this.#entries.values()].filter(({ hidden }) => !hidden).map(({ ban }) => ban);
    return seen.slice(-mostTold).reverse();
  }

  add(ban: Ban, hidden: boolean): void {
    this.#entries.delete(ban.identity);
    this.#entries.set(ban.identity, { ban, hidden });
  }

  /** @throws PlenumError `forbidden` for who is banned */
  check(identity: string): void {
    if (!this.#entries.has(identity)) return;
    throw new PlenumError('forbidden', 'a moderator has removed this person from this room for as long as it lasts');
  }

  /** @throws PlenumError `not-found`, to moderators also where that one was hidden */
  lift(identity: string, { kind }: Actor): void {
    const entry = this.#entries.get(identity);
    if (!entry || (entry.hidden && kind !== 'application')) {
      throw new PlenumError('not-found', 'nobody of that identity is banned');
    }
    this.#entries.delete(identity);
  }
}
