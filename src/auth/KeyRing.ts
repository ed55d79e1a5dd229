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
  readonly #own: ImportedKey | undefined;

  /** @param own of the server itself, with an id: tokens of others that name no key are never taken to be signed with it */
  constructor(keys: readonly ImportedKey[], own?: ImportedKey) {
    this.#keys = keys;
    this.#own = own;
  }

  /**
   * The key of a token. A token without a key id is taken to be signed with the key that has none, or with the only one
   * that there is; one with an id that no key has, with the key that has none.
   *
   * @param what messages call the token
   * @throws PlenumError `unauthorized` where there is none, or where the token wants another algorithm than the key's
   */
  find({ alg, kid }: KeyHint, what = 'access token'): ImportedKey['key'] {
    const found = this.#named(alg, kid) ?? (kid === undefined ? this.#only : this.#named(alg, undefined));
    if (!found) {
      const message =
        kid === undefined
          ? `the ${what} names no key ("kid"), and this server has several`
          : `the ${what} is signed with a key that this server does not have`;
      throw new PlenumError('unauthorized', message);
    }
    if (found.alg !== algorithmOf(alg)) {
      throw new PlenumError('unauthorized', `the ${what} must be signed with ${found.alg}`);
    }
    return found.key;
  }

  get algorithms(): string[] {
    return [...tokenAlgorithms, ed25519];
  }

  /** Where several have no id, the one for that algorithm. */
  #named(alg: string | undefined, kid: string | undefined): ImportedKey | undefined {
    const found = [...this.#keys, ...(this.#own ? [this.#own] : [])].filter((key) => key.kid === kid);
    return found.find((key) => key.alg === algorithmOf(alg)) ?? found[0];
  }

  get #only(): ImportedKey | undefined {
    return this.#keys.length === 1 ? this.#keys[0] : undefined;
  }
}

/** The name of its own that RFC 9864 gives to what RFC 8037 calls EdDSA. */
const ed25519 = 'Ed25519';

function algorithmOf(alg: string | undefined): string | undefined {
  return alg === ed25519 ? 'EdDSA' : alg;
}
