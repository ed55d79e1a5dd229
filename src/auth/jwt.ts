import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { longestToken } from '../protocol/handshake.ts';
import { PlenumError } from '../protocol/index.ts';
import type { KeyRing } from './KeyRing.ts';
import { importKey, importSecret, type TokenKey, tokenKey } from './keys.ts';

/** What access tokens and API tokens have in common: signed with the same keys (RFC 7519), each for an audience of its own. */

/** Clocks of issuer and server may differ by so much. */
export const clockToleranceSeconds = 30;
/** Seconds since 1970 until the last moment that is a date (ECMA-262, 21.4.1.1); what is later would be for ever. */
const lastSecond = 8_640_000_000_000;
/** The claim `exp`. */
export const expiry = z.number().max(lastSecond, 'no date');
/** Three parts in base64url without padding (RFC 7515, 7.1): the decoder would pass over spaces and line feeds. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** One of the things that a token may be for. */
export interface TokenKind {
  /** As messages call it. */
  readonly name: string;
  /** Who takes it: a token made for something else with the same secret must not open this. */
  readonly audience: string;
  /** What to do about one that has expired, for the end of a sentence. */
  readonly renewal: string;
  /** What to do about one that is too long, for the end of a sentence. */
  readonly shortening: string;
}

export interface SignOptions {
  kind: TokenKind;
  subject: string;
  claims: JWTPayload;
  ttlSeconds: number;
}

/**
 * @param key a secret (HS256), or a key as JSON
 * @throws PlenumError `bad-request` for a key that cannot sign, a time that is none, or a token that no server would read
 */
export async function signToken(
  key: string | TokenKey,
  { kind, subject, claims, ttlSeconds }: SignOptions,
): Promise<string> {
  if (!(ttlSeconds > 0 && Date.now() / 1000 + ttlSeconds < lastSecond))
    throw new PlenumError('bad-request', 'ttlSeconds must be a positive number of seconds, and end at a date');
  const { alg, kid, key: signingKey } = await signingKeyOf(key);
  const issuedAt = Date.now() / 1000;
  const now = Math.floor(issuedAt);
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg, typ: 'JWT', ...(kid !== undefined && { kid }) })
    .setSubject(subject)
    .setAudience(kind.audience)
    // Two that are made in the same second for the same person are two: one may be revoked.
    .setJti(randomUUID())
    // With milliseconds (RFC 7519, 2): whoever is removed may come back with a token that is made in the same second.
    .setIssuedAt(issuedAt)
    .setNotBefore(now)
    .setExpirationTime(now + Math.ceil(ttlSeconds))
    .sign(signingKey);
  if (token.length > longestToken) throw new PlenumError('bad-request', tooLong(kind, token.length));
  return token;
}

async function signingKeyOf(key: string | TokenKey) {
  if (typeof key === 'string') return importSecret(key);
  const parsed = tokenKey.safeParse(key);
  if (!parsed.success) throw new PlenumError('bad-request', `the key is none: ${complaintOf(parsed.error)}`);
  if (parsed.data.kty !== 'oct' && parsed.data.d === undefined)
    throw new PlenumError('bad-request', 'tokens are signed with the private key; this is the public one');
  return importKey(parsed.data);
}

/**
 * Checks signature, algorithm, audience and times, and what the token says. The audience is this one alone: a token for
 * several would be one for each of them.
 *
 * @param mayHaveExpired its bearer has shown it before it did
 * @throws PlenumError `unauthorized`, with a message that says what is wrong but nothing of the keys
 */
export async function readToken<T extends { iat?: number | undefined }>(
  keys: KeyRing,
  token: string,
  kind: TokenKind,
  claims: z.ZodType<T>,
  mayHaveExpired = false,
): Promise<T> {
  try {
    if (token.length > longestToken) throw new PlenumError('unauthorized', `the ${kind.name} is too long`);
    if (!compactForm.test(token)) throw new PlenumError('unauthorized', malformed(kind));
    const payload = await payloadOf(keys, token, kind, mayHaveExpired);
    if ([payload.aud].flat().length !== 1)
      throw new PlenumError('unauthorized', `the ${kind.name} must be for "${kind.audience}" alone`);
    const said = claims.parse(payload);
    // jose looks at it only where a token has an age to keep to.
    const aheadSeconds = (Math.round((said.iat ?? 0) * 1000) - Date.now()) / 1000;
    if (aheadSeconds > clockToleranceSeconds) throw new PlenumError('unauthorized', fromTheFuture(kind, aheadSeconds));
    return said;
  } catch (error) {
    if (error instanceof PlenumError && error.code === 'unauthorized') throw error;
    throw new PlenumError('unauthorized', complaint(error, kind), { cause: error });
  }
}

async function payloadOf(keys: KeyRing, token: string, kind: TokenKind, mayHaveExpired: boolean): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys.find(decodeProtectedHeader(token), kind.name), {
      algorithms: keys.algorithms,
      audience: kind.audience,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp', 'nbf', 'sub'],
    });
    return payload;
  } catch (error) {
    // That is looked at last: all else was right, the signature first.
    if (mayHaveExpired && error instanceof errors.JWTExpired) return error.payload;
    throw error;
  }
}

function tooLong({ name, shortening }: TokenKind, characters: number): string {
  return `the ${name} would have ${characters} characters, and servers take ${longestToken} at most; ${shortening}`;
}

function malformed({ name }: TokenKind): string {
  return `the ${name} is malformed or signed with another secret`;
}

function complaint(error: unknown, kind: TokenKind): string {
  if (error instanceof errors.JWTExpired) {
    const agoSeconds = Date.now() / 1000 - Number(error.payload.exp);
    const ago = `${Math.round(agoSeconds)} s ago by the clock of this server`;
    return `the ${kind.name} has expired, ${ago}; ${kind.renewal}`;
  }
  if (error instanceof errors.JWTClaimValidationFailed && isTooEarly(error)) {
    return fromTheFuture(kind, Number(error.payload.nbf) - Date.now() / 1000);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `the ${kind.name} is not valid here: its claim "${error.claim}" is missing or wrong`;
  }
  if (error instanceof z.ZodError) return `the ${kind.name} says what no server takes: ${complaintOf(error)}`;
  return malformed(kind);
}

/** Not missing, and a time: then it is one that has not come yet. */
function isTooEarly({ claim, payload }: errors.JWTClaimValidationFailed): boolean {
  return claim === 'nbf' && typeof payload.nbf === 'number';
}

function fromTheFuture({ name }: TokenKind, seconds: number): string {
  return (
    `the ${name} is not valid yet: it begins in ${Math.round(seconds)} s by the clock of this server; ` +
    'set the clock of this server, or of the one that made the token'
  );
}

/** The places and what is wrong there; the values stay out. */
export function complaintOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, 3)
    .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    .join('; ');
}
