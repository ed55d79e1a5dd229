import { importJWK } from 'jose';
import { z } from 'zod';
import { PlenumError } from '../protocol/index.ts';
import { isSampleKey, shortestSecretBytes, weaknessOf, weaknessOfKey } from './weakSecrets.ts';

/** The algorithms that access tokens may be signed with (RFC 7518, RFC 8037); each key has exactly one of them. */
export const tokenAlgorithms = ['HS256', 'EdDSA', 'ES256'] as const;
export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

const kid = z.string().min(1).max(128);
const coordinate = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'has 32 bytes, base64url');
const rest = { kid, use: z.literal('sig').optional(), key_ops: z.array(z.string()).optional() };

/** Shared by the server and whoever makes tokens: HMAC with SHA-256. */
const secretKey = z.object({
  ...rest,
  kty: z.literal('oct'),
  alg: z.literal('HS256').optional(),
  k: z.base64url().max(1024),
});
/** Ed25519. */
const edwardsKey = z.object({
  ...rest,
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  alg: z.enum(['EdDSA', 'Ed25519']).optional(),
  x: coordinate,
  /** The private part, which only those have who make tokens. */
  d: coordinate.optional(),
});
/** ECDSA with P-256 and SHA-256. */
const curveKey = z.object({
  ...rest,
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  alg: z.literal('ES256').optional(),
  x: coordinate,
  y: coordinate,
  d: coordinate.optional(),
});

/** A key as JSON (RFC 7517), with an id. */
export const tokenKey = z.discriminatedUnion('kty', [secretKey, edwardsKey, curveKey]);
export type TokenKey = z.output<typeof tokenKey>;

export interface ImportedKey {
  readonly kid: string | undefined;
  readonly alg: TokenAlgorithm;
  readonly key: Awaited<ReturnType<typeof importJWK>>;
}

const algorithmOf = { oct: 'HS256', OKP: 'EdDSA', EC: 'ES256' } as const satisfies Record<TokenKey['kty'], string>;

/** @throws PlenumError `bad-request` for a secret that is too short or known to everybody */
export function importSecret(secret: string): ImportedKey {
  const weakness = weaknessOf(secret);
  if (weakness) throw new PlenumError('bad-request', `the token secret ${weakness}`);
  return { kid: undefined, alg: 'HS256', key: new TextEncoder().encode(secret) };
}

/** @throws PlenumError `bad-request` for a key that cannot be used */
export async function importKey(jwk: TokenKey): Promise<ImportedKey> {
  const alg = algorithmOf[jwk.kty];
  if (jwk.kty === 'oct') {
    const bytes = Buffer.from(jwk.k, 'base64url');
    const short = bytes.byteLength < shortestSecretBytes && `has fewer than ${shortestSecretBytes} bytes`;
    const weakness = short || weaknessOfKey(bytes);
    if (weakness) throw new PlenumError('bad-request', `the key "${jwk.kid}" ${weakness}`);
  } else if (isSampleKey(jwk.x)) {
    throw new PlenumError('bad-request', `the key "${jwk.kid}" is from an example: everybody can sign with it`);
  }
  try {
    // `use` and `key_ops` may speak of making tokens or of checking them; which is done, the code says.
    const { use: _use, key_ops: _operations, ...material } = jwk;
    return { kid: jwk.kid, alg, key: await importJWK(material, alg) };
  } catch (error) {
    throw new PlenumError('bad-request', `the key "${jwk.kid}" is none of its kind`, { cause: error });
  }
}
