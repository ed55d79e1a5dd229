import { z } from 'zod';
import { type Grants, grants, type Metadata, PlenumError, shapes } from '../protocol/index.ts';
import { cleanName } from '../protocol/names.ts';
import { complaintOf, expiry, readToken, signToken, type TokenKind } from './jwt.ts';
import type { KeyRing } from './KeyRing.ts';
import type { TokenKey } from './keys.ts';

const accessToken: TokenKind = {
  name: 'access token',
  audience: 'plenum',
  renewal: 'get a new one and join again',
  shortening: 'put less into "metadata", such as a key by which your pages find the rest',
};

const claims = z.object({
  room: shapes.roomName,
  sub: shapes.identity,
  name: shapes.displayName.optional(),
  metadata: shapes.metadata.default({}),
  grants: grants.prefault({}),
  host: z.boolean().default(false),
  exp: expiry,
  iat: z.number().optional(),
});

const bare = (name: string) => name.toLowerCase().replaceAll(/[^a-z]/g, '');
const misplaced: ReadonlySet<string> = new Set([...Object.keys(grants.shape), 'grant', 'grants'].map(bare));

/** Whether rights were meant by that, which nobody would read there, so that those of everybody would be given instead. */
function isMisplaced(name: string): boolean {
  return name !== 'grants' && misplaced.has(bare(name));
}

/** Other claims than these are nobody's business here. */
const allClaims = z
  .looseObject({})
  .superRefine((said, context) => {
    for (const name of Object.keys(said).filter(isMisplaced)) {
      context.addIssue({ code: 'custom', path: [name], message: 'no claim of that name; rights belong into "grants"' });
    }
  })
  .pipe(claims);

/** What a valid token says. */
export interface AccessGrant {
  room: string;
  identity: string;
  displayName: string;
  /** What the application says of the participant. */
  metadata: Metadata;
  grants: Grants;
  /** Whether it is the room's host where there is none; only the open door says so. */
  host: boolean;
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
 *   room, identity, name, metadata or grant that no server takes, or for more metadata than fits into 8192 characters of token:
 *   about 5 KB of UTF-8
 */
export function createAccessToken(key: string | TokenKey, options: AccessTokenOptions): Promise<string> {
  return sign(key, options, {});
}

/** Of the open door: whoever comes with it is the room's host where there is none. Throws as `createAccessToken()` does. */
export function createGuestToken(key: string | TokenKey, options: AccessTokenOptions): Promise<string> {
  return sign(key, options, { host: true });
}

async function sign(key: string | TokenKey, options: AccessTokenOptions, more: { host?: true }): Promise<string> {
  const { room, identity, displayName, metadata, ttlSeconds = 3600 } = options;
  const wanted = { room, sub: identity, name: displayName, metadata, grants: options.grants };
  const parsed = claims.omit({ host: true, exp: true, iat: true }).safeParse(wanted);
  if (!parsed.success) throw new PlenumError('bad-request', complaintOf(parsed.error));
  const strange = Object.keys(options).find(isMisplaced);
  if (strange !== undefined) throw new PlenumError('bad-request', `${strange}: rights belong into "grants"`);
  const said = {
    room,
    ...(displayName !== undefined && { name: parsed.data.name }),
    ...(metadata && { metadata }),
    ...(options.grants && { grants: options.grants }),
    ...more,
  };
  return signToken(key, { kind: accessToken, subject: identity, claims: said, ttlSeconds });
}

/**
 * Checks signature, algorithm, audience and times, and what the token says.
 *
 * @param mayHaveExpired its bearer has shown it before it did
 * @throws PlenumError `unauthorized`, with a message that says what is wrong but nothing of the keys
 */
export async function verifyAccessToken(keys: KeyRing, token: string, mayHaveExpired = false): Promise<AccessGrant> {
  const said = await readToken(keys, token, accessToken, allClaims, mayHaveExpired);
  const { room, sub, name, metadata, grants, host, exp, iat = 0 } = said;
  const displayName = name ?? nameFor(sub);
  return {
    room,
    identity: sub,
    displayName,
    metadata,
    grants,
    host,
    expiresAt: exp * 1000,
    issuedAt: Math.round(iat * 1000),
  };
}

/** What an identity is called that comes without a name; never half of a character, never blank. */
function nameFor(identity: string): string {
  return cleanName(identity) || 'Guest';
}
