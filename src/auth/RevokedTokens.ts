import { createHash } from 'node:crypto';

/** So many are kept; each for the sake of somebody who was sent away. */
const most = 10_000;

/** Tokens that no longer open anything, until they would have expired anyway. */
export class RevokedTokens {
  /** By fingerprint, when it expires (milliseconds since 1970); the oldest first. */
  readonly #until = new Map<string, number>();

  /** @param expiresAt milliseconds since 1970 */
  add(fingerprint: string, expiresAt: number): void {
    this.#until.delete(fingerprint);
    this.#until.set(fingerprint, expiresAt);
    if (this.#until.size <= most) return;
    const now = Date.now();
    for (const [each, until] of this.#until) if (until < now) this.#until.delete(each);
    const [oldest] = this.#until.keys();
    if (oldest !== undefined && this.#until.size > most) this.#until.delete(oldest);
  }

  has(fingerprint: string): boolean {
    return this.#until.has(fingerprint);
  }
}

/** Of what is signed: signatures of the same text may be written in several ways. */
export function fingerprintOf(token: string): string {
  return createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest('base64url');
}
