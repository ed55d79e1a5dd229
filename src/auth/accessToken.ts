import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { PlenumError, shapes } from '../protocol/index.ts';

/** Who is it for: a token made for something else with the same secret must not open a room. */
const audience = 'plenum';
const algorithm = 'HS256';
/** RFC 7518, 3.2: a key at least as long as the hash. */
export const shortestSecretBytes = 32;
/**
 * Clocks of issuer and server may differ by half a minute; the rest is for the way that the token has to go, and for times
 * in whole seconds.
 */
const clockToleranceSeconds = 45;

const claims = z.object({
  room: shapes.roomName,
  sub: shapes.identity,
  name: shapes.displayName.optional(),
  exp: z.number(),
  iat: z.number().optional(),
});

/** What a valid token says. */
export interface AccessGrant {
  room: string;
  identity: string;
  displayName: string;
}

export interface AccessTokenOptions {
  /** The room that it opens: 1 to 64 letters, digits, `_` or `-`. */
  room: string;
  /** Who it is, stable over reconnects; 1 to 128 characters. */
  identity: string;
  /** What the others read; 1 to 64 characters; the identity's first 64 when left out. */
  displayName?: string;
  /** How long a join is possible with it, in seconds; a call that is going on is not ended. Default: one hour. */
  ttlSeconds?: number;
}

/**
 * Makes an access token: a JWT (RFC 7519) signed with HS256.
 *
 * @param secret at least 32 bytes, the server's `PLENUM_TOKEN_SECRET`
 * @throws PlenumError `bad-request` for a secret that is too short, or a room, identity or name that no server takes
 */
export async function createAccessToken(secret: string, options: AccessTokenOptions): Promise<string> {
  const { room, identity, displayName, ttlSeconds = 3600 } = options;
  const parsed = claims.omit({ exp: true, iat: true }).safeParse({ room, sub: identity, name: displayName });
  if (!parsed.success) {
    throw new PlenumError('bad-request', parsed.error.issues.map(({ message }) => message).join('; '));
  }
  if (!(ttlSeconds > 0 && Number.isFinite(ttlSeconds)))
    throw new PlenumError('bad-request', 'ttlSeconds must be a positive number of seconds');
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ room, ...(displayName !== undefined && { name: parsed.data.name }) })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setSubject(identity)
    .setAudience(audience)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + Math.ceil(ttlSeconds))
    .sign(keyOf(secret));
}

/**
 * Checks signature, algorithm, audience and times, and what the token says.
 *
 * @throws PlenumError `unauthorized`, with a message that says what is wrong but nothing of the secret
 */
export async function verifyAccessToken(secret: string, token: string): Promise<AccessGrant> {
  try {
    const { payload } = await jwtVerify(token, keyOf(secret), {
      algorithms: [algorithm],
      audience,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['exp', 'nbf', 'sub'],
    });
    const { room, sub, name, iat = 0 } = claims.parse(payload);
    // jose looks at it only where a token has an age to keep to.
    const aheadSeconds = iat - Date.now() / 1000;
    if (aheadSeconds > clockToleranceSeconds) throw new PlenumError('unauthorized', fromTheFuture(aheadSeconds));
    return { room, identity: sub, displayName: name ?? nameFor(sub) };
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
  if (error instanceof z.ZodError) return 'the access token names no valid room, identity or display name';
  return 'the access token is malformed or signed with another secret';
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

function keyOf(secret: string): Uint8Array {
  const key = new TextEncoder().encode(secret);
  if (key.byteLength < shortestSecretBytes) {
    throw new PlenumError('bad-request', `a token secret has at least ${shortestSecretBytes} bytes`);
  }
  return key;
}
