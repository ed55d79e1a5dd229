import { createHash } from 'node:crypto';
import { clockToleranceSeconds } from './jwt.ts';
import type { CheckedGrant } from './TokenService.ts';

/** So many people are remembered in all rooms together, each for as long as a token of its may be good. */
const mostPeople = 20_000;
/** Of one person; one visit shows fewer. */
const mostTokens = 64;

/** Somebody who was sent away. */
interface Person {
  /** By fingerprint of each token that it had shown, when that expires (milliseconds since 1970); the oldest first. */
  readonly shown: Map<string, number>;
  /** What was made before is not good either; milliseconds since 1970, by the clock of who made it. */
  before: number;
  /** The room that keeps it out; undefined: none does any more. */
  from: string | undefined;
}

/** Tokens that no longer open anything: of people who were sent away, all that they had until then. */
export class RevokedTokens {
  readonly #most: number;
  /** By room, and there by identity; who was sent away last comes last. */
  readonly #rooms = new Map<string, Map<string, Person>>();
  #size = 0;
  /** How far the clocks of issuers have been seen ahead of this one, in milliseconds. */
  #aheadMs = 0;

  constructor(most = mostPeople) {
    this.#most = most;
  }

  /** A token was shown whose signature is good: it tells how late it is where it was made. */
  saw({ issuedAt }: CheckedGrant): void {
    this.#aheadMs = Math.max(this.#aheadMs, issuedAt - Date.now());
  }

  /**
   * The token itself, and whatever token of the same person for the same room was made before now: also those that were
   * never shown, and those that do not say when they were made. Where one says it in whole seconds, the second in which its
   * bearer was sent away counts as before; where an issuer's clock is ahead, so does as much time as it is ahead.
   * @param from the room in which it was, which is not always the one of the token
   */
  add({ fingerprint, expiresAt, room, identity }: CheckedGrant, from = room): void {
    const shown = this.#rooms.get(room)?.get(identity)?.shown ?? new Map<string, number>();
    shown.delete(fingerprint);
    shown.set(fingerprint, expiresAt);
    const [oldest] = shown.keys();
    if (oldest !== undefined && shown.size > mostTokens) shown.delete(oldest);
    this.#remove(room, identity);
    const people = this.#rooms.get(room) ?? new Map<string, Person>();
    people.set(identity, { shown, before: Date.now() + this.#aheadMs, from });
    this.#rooms.set(room, people);
    this.#size += 1;
    if (this.#size > this.#most) this.#makePlace();
  }

  has({ fingerprint, room, identity, issuedAt }: CheckedGrant): boolean {
    const person = this.#rooms.get(room)?.get(identity);
    if (!person) return false;
    return person.shown.has(fingerprint) || (person.from !== undefined && issuedAt < person.before);
  }

  /**
   * That room has ended, or lets this person in again: tokens that were not shown there are good again, also of issuers that
   * do not say when they made them.
   */
  forgive(from: string, identity?: string): void {
    for (const [room, people] of this.#rooms) {
      for (const [each, person] of people) {
        if (person.from !== from || (identity !== undefined && each !== identity)) continue;
        person.from = undefined;
        if (isOver(person)) this.#remove(room, each);
      }
    }
  }

  /** First those go of whom nothing is good any more; then who was sent away first, in the room that sends away most. */
  #makePlace(): void {
    for (const [room, people] of this.#rooms) {
      for (const [identity, person] of people) if (isOver(person)) this.#remove(room, identity);
    }
    if (this.#size <= this.#most) return;
    const [[room, people] = []] = [...this.#rooms].sort(([, some], [, others]) => others.size - some.size);
    const [identity] = people?.keys() ?? [];
    if (room !== undefined && identity !== undefined) this.#remove(room, identity);
  }

  #remove(room: string, identity: string): void {
    const people = this.#rooms.get(room);
    if (!people?.delete(identity)) return;
    this.#size -= 1;
    if (people.size === 0) this.#rooms.delete(room);
  }
}

/** Nobody keeps it out, and what it has shown has expired. */
function isOver({ from, shown }: Person): boolean {
  const now = Date.now() - clockToleranceSeconds * 1000;
  return from === undefined && [...shown.values()].every((expiresAt) => expiresAt < now);
}

/** Of what is signed: signatures of the same text may be written in several ways. */
export function fingerprintOf(token: string): string {
  return createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest('base64url');
}
