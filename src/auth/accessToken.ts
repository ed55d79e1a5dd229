import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { type Grants, grants, type Metadata, PlenumError, shapes } from '../protocol/index.ts';
import type { KeyRing } from './KeyRing.ts';
import { importKey, importSecret, type TokenKey, tokenKey } from './keys.ts';

/** Who is it for: a token made for something else with the same secret must not open a room. */
const audience = 'plenum';
/** Clocks of issuer and server may differ by so much. */
export const clockToleranceSeconds = 30;
/** A token of more characters is not looked at. */
export const longestToken = 8192;
/** Three parts in base64url without padding (RFC 7515, 7.1): the decoder would pass over spaces and line feeds. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const malformed = 'the access token is malformed or signed with another secret';

const claims = z.object({
  room: shapes.roomName,
  sub: shapes.identity,
  name: shapes.displayName.optional(),
  metadata: shapes.metadata.default({}),
  grants: grants.prefault({}),
  exp: z.number(),
  iat: z.number().optional(),
});

/** What a valid token says. */
export interface AccessGrant {
  room: string;
  identity: string;
  displayName: string;
  /** What the application says of the participant. */
  metadata: Metadata;
  grants: Grants;
  /** Milliseconds since 1970, by the issuer's clock. */
  expiresAt: number;
  /** Milliseconds since 1970, by the issuer's clock, of which some write whole seconds only; 0 where the token does not say. */
  issuedAt: number;
}

export interface AccessTokenOptions {
  /** The room that it opens: 1 to 64 letters, digits, `_` or `-`. */
  room: string;
  /** Who it is, stable over reconnects; 1 to 128 characters. */
  identity: string;
  /** What the others read; 1 to 64 characters; the identity's first 64 when left out. */
  displayName?: string;
  /** Flat data that everybody in the room sees; whoever joins with the token cannot change these entries. */
  metadata?: Metadata;
  /** What the participant may do; what is left out is as for a plain participant. */
  grants?: Partial<Grants>;
  /** How long a join is possible with it, in seconds; a call that is going on is not ended. Default: one hour. */
  ttlSeconds?: number;
}

/**
 * Makes an access token: a JWT (RFC 7519).
 *
 * @param key the server's `PLENUM_TOKEN_SECRET`, at least 32 bytes (HS256); or a key of the server's `--token-keys` as JSON
 *   (JWK, RFC 7517) with its `kid`: `oct` (HS256), or the private key of an Ed25519 (EdDSA) or P-256 (ES256) pair
 * @throws PlenumError `bad-request` for a secret that is too short or known to everybody, a key that cannot sign, or a
 *   room, identity, name, metadata or grant that no server takes
 */
export async function createAccessToken(key: string | TokenKey, options: AccessTokenOptions): Promise<string> {
  const { room, identity, displayName, metadata, ttlSeconds = 3600 } = options;
  const wanted = { room, sub: identity, name: displayName, metadata, grants: options.grants };
  const parsed = claims.omit({ exp: true, iat: true }).safeParse(wanted);
  if (!parsed.success) throw new PlenumError('bad-request', complaintOf(parsed.error));
  if (!(ttlSeconds > 0 && Number.isFinite(ttlSeconds)))
    throw new PlenumError('bad-request', 'ttlSeconds must be a positive number of seconds');
  const { alg, kid, key: signingKey } = await signingKeyOf(key);
  const issuedAt = Date.now() / 1000;
  const now = Math.floor(issuedAt);
  const said = {
    room,
    ...(displayName !== undefined && { name: parsed.data.name }),
    ...(metadata && { metadata }),
    ...(options.grants && { grants: options.grants }),
  };
  return (
    new SignJWT(said)
      .setProtectedHeader({ alg, typ: 'JWT', ...(kid !== undefined && { kid }) })
      .setSubject(identity)
      .setAudience(audience)
      // Two that are made in the same second for the same person are two: one may be revoked.
      .setJti(randomUUID())
      // With milliseconds (RFC 7519, 2): whoever is removed may come back with a token that is made in the same second.
      .setIssuedAt(issuedAt)
      .setNotBefore(now)
      .setExpirationTime(now + Math.ceil(ttlSeconds))
      .sign(signingKey)
  );
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
 * Checks signature, algorithm, audience and times, and what the token says.
 *
 * @throws PlenumError `unauthorized`, with a message that says what is wrong but nothing of the keys
 */
export async function verifyAccessToken(keys: KeyRing, token: string): Promise<AccessGrant> {
  try {
    if (token.length > longestToken) throw new PlenumError('unauthorized', 'the access token is too long');
    if (!compactForm.test(token)) throw new PlenumError('unauthorized', malformed);
    const { payload } = await jwtVerify(token, keys.find(decodeProtectedHeader(token)), {
      algorithms: keys.algorithms,
      audience,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp', 'nbf', 'sub'],
    });
    const { room, sub, name, metadata, grants, exp, iat = 0 } = claims.parse(payload);
    // jose looks at it only where a token has an age to keep to.
    const issuedAt = Math.round(iat * 1000);
    const aheadSeconds = (issuedAt - Date.now()) / 1000;
    if (aheadSeconds > clockToleranceSeconds) throw new PlenumError('unauthorized', fromTheFuture(aheadSeconds));
    const displayName = name ?? nameFor(sub);
    return { room, identity: sub, displayName, metadata, grants, expiresAt: exp * 1000, issuedAt };
  } catch (error) {
    if (error instanceof PlenumError && error.code === 'unauthorized') throw error;
    throw new PlenumError('unauthorized', complaint(error), { cause: error });
  }
}

/** What an identity is called that comes without a name; never half of a character, never blank. */
function nameFor(identity: string): string {
  const start = identity.slice(0, 64).toWellFormed();
  return shapes.displayName.safeParse(start).data ?? 'Guest';
}

function complaint(error: unknown): string {
  if (error instanceof errors.JWTExpired) {
    const agoSeconds = Date.now() / 1000 - Number(error.payload.exp);
    const ago = `${Math.round(agoSeconds)} s ago by the clock of this server`;
    return `the access token has expired, ${ago}; get a new one and join again`;
  }
  if (error instanceof errors.JWTClaimValidationFailed && isTooEarly(error)) {
    return fromTheFuture(Number(error.payload.nbf) - Date.now() / 1000);
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `the access token is not valid here: its claim "${error.claim}" is missing or wrong`;
  }
  if (error instanceof z.ZodError) return `the access token says what no server takes: ${complaintOf(error)}`;
  return malformed;
}

/** Not missing, and a time: then it is one that has not come yet. */
function isTooEarly({ claim, payload }: errors.JWTClaimValidationFailed): boolean {
  return claim === 'nbf' && typeof payload.nbf === 'number';
}

function fromTheFuture(seconds: number): string {
  return (
    `the access token is not valid yet: it begins in ${Math.round(seconds)} s by the clock of this server; ` +
    'set the clock of this server, or of the one that made the token'
  );
}

/** The places and what is wrong there; the values stay out. */
function complaintOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, 3)
    .map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '))
    .join('; ');
}
