import { exportJWK, generateKeyPair, generateSecret } from 'jose';
import type { TokenKey } from '../../src/auth/keys.ts';

/** Keys as an application makes them. */

export interface Pair {
  /** What the maker of tokens has. */
  own: TokenKey;
  /** What the server has. */
  server: TokenKey;
}

export async function pairOf(alg: 'HS256' | 'EdDSA' | 'ES256', kid: string): Promise<Pair> {
  if (alg === 'HS256') {
    const secret = await generateSecret('HS256', { extractable: true });
    const own = { ...(await exportJWK(secret)), kid } as TokenKey;
    return { own, server: own };
  }
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const own = { ...(await exportJWK(privateKey)), kid } as TokenKey;
  return { own, server: { ...(await exportJWK(publicKey)), kid } as TokenKey };
}
