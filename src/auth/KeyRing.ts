import { PlenumError } from '../protocol/index.ts';
import { type ImportedKey, tokenAlgorithms } from './keys.ts';

/** What a token's header says of its key (RFC 7515, 4.1). */
export interface KeyHint {
  alg?: string | undefined;
  kid?: string | undefined;
}

/** The keys that tokens may be signed with, several at once so that they can be changed without a pause. */
export class KeyRing {
  readonly #keys: readonly ImportedKey[];

  constructor(keys: readonly ImportedKey[]) {
    this.#keys = keys;
  }

  /**
   * The key of a token. A token without a key id is taken to be signed with the key that has none, or with the only one
   * that there is.
   *
   * @param what messages call the token
   * @throws PlenumError `unauthorized` where there is none, or where the token wants another algorithm than the key's
   */
  find({ alg, kid }: KeyHint, what = 'access token'): ImportedKey['key'] {
    const found =
      this.#keys.find((key) => key.kid === kid) ??
      (kid === undefined && this.#keys.length === 1 ? this.#keys[0] : undefined);
    if (!found) {
      const message =
        kid === undefined
          ? `the ${what} names no key ("kid"), and this server has several`
          : `the ${what} is signed with a key that this server does not have`;
      throw new PlenumError('unauthorized', message);
    }
    if (found.alg !== alg) {
      throw new PlenumError('unauthorized', `the ${what} must be signed with ${found.alg}`);
    }
    return found.key;
  }

  get algorithms(): string[] {
    return [...tokenAlgorithms];
  }
}
