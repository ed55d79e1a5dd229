import { createHash } from 'node:crypto';
import type { CheckedGrant } from './TokenService.ts';

/** So many are kept of each kind; for the sake of somebody who was sent away. */
const most = 10_000;

/** Tokens that no longer open anything: of people who were sent away, all that they had until then. */
export class RevokedTokens {
  /** By fingerprint, when it expires (milliseconds since 1970); the oldest first. */
  readonly #until = new Map<string, number>();
  /** By person, when it was sent away (milliseconds since 1970) and from where; who was sent away last comes last. */
  readonly #sentAway = new Map<string, { at: number; from: string; identity: string }>();

  /**
   * The token itself, and whatever token of the same person for the same room was made before now: also those that were
   * never shown, and those that do not say when they were made. Where one says it in whole seconds, the second in which its
   * bearer was sent away counts as before.
   * @param from the room in which it was, which is not always the one of the token
   */
  add({ fingerprint, expiresAt, room, identity }: CheckedGrant, from = room): void {
    const now = Date.now();
    this.#until.delete(fingerprint);
    this.#until.set(fingerprint, expiresAt);
    const person = keyOf(room, identity);
    this.#sentAway.delete(person);
    this.#sentAway.set(person, { at: now, from, identity });
    if (this.#until.size > most) for (const [each, until] of this.#until) if (until < now) this.#until.delete(each);
    for (const kept of [this.#until, this.#sentAway]) {
      const [oldest] = kept.keys();
      if (oldest !== undefined && kept.size > most) kept.delete(oldest);
    }
  }

  has({ fingerprint, room, identity, issuedAt }: CheckedGrant): boolean {
    // Of an issuer whose clock is ahead they seem to be made later.
    if (this.#until.has(fingerprint)) return true;
    const sentAway = this.#sentAway.get(keyOf(room, identity));
    return sentAway !== undefined && issuedAt < sentAway.at;
  }

  /**
   * That room has ended, or lets this person in again: tokens that were not shown there are good again, also of issuers that
   * do not say when they made them.
   */
  forgive(from: string, identity?: string): void {
    for (const [person, sentAway] of this.#sentAway) {
      if (sentAway.from !== from || (identity !== undefined && sentAway.identity !== identity)) continue;
      this.#sentAway.delete(person);
    }
  }
}

/** Of what is signed: signatures of the same text may be written in several ways. */
export function fingerprintOf(token: string): string {
  return createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest('base64url');
}

function keyOf(room: string, identity: string): string {
  return `${room}\n${identity}`;
}
