import { z } from 'zod';
import { type ApiGrants, apiGrants } from '../protocol/apiGrants.ts';
import { PlenumError, shapes } from '../protocol/index.ts';
import { complaintOf, expiry, readToken, signToken, type TokenKind } from './jwt.ts';
import type { KeyRing } from './KeyRing.ts';
import type { TokenKey } from './keys.ts';

/** What a request of the API has instead of an access token: with an audience of its own, so that neither is the other. */
const apiToken: TokenKind = {
  name: 'API token',
  audience: 'plenum-api',
  renewal: 'make a new one with createApiToken()',
  shortening: 'name fewer rooms in "onlyRooms", or give them a common beginning and "roomPrefix"',
};

const claims = z.object({
  // Those concerned read it as a name, where somebody is muted or removed by it.
  sub: shapes.displayName,
  api: apiGrants,
  exp: expiry,
  iat: z.number().optional(),
});

/** What a valid API token says. */
export interface ApiGrant {
  /** Which application it is. */
  name: string;
  grants: ApiGrants;
}

export interface ApiTokenOptions {
  /** Which application it is: limits, idempotency keys and the audit log go by it, and those who are muted or removed
   *  read it as the name of who did it. 1 to 64 characters. */
  subject: string;
  /** What it may do; what is left out it may not. */
  grants: ApiGrants;
  /** How long it can be used, in seconds. Default: one hour. */
  ttlSeconds?: number;
}

/**
 * Makes a token for the server's API (`/api/v1`): a JWT (RFC 7519). It opens no room.
 *
 * @param key as for `createAccessToken()`; the server needs a key of yours, also where its door is open
 * @throws PlenumError `bad-request` for a secret that is too short or known to everybody, a key that cannot sign, or a
 *   subject or grant that no server takes, or for names of rooms that do not fit into 8192 characters of token
 */
export async function createApiToken(key: string | TokenKey, options: ApiTokenOptions): Promise<string> {
  const { subject, grants, ttlSeconds = 3600 } = options;
  const parsed = claims.omit({ exp: true, iat: true }).safeParse({ sub: subject, api: grants });
  if (!parsed.success) throw new PlenumError('bad-request', complaintOf(parsed.error));
  const { sub, api } = parsed.data;
  return signToken(key, { kind: apiToken, subject: sub, claims: { api }, ttlSeconds });
}

/** @throws PlenumError `unauthorized`, with a message that says what is wrong but nothing of the keys */
export async function verifyApiToken(keys: KeyRing, token: string): Promise<ApiGrant> {
  const { sub, api } = await readToken(keys, token, apiToken, claims);
  return { name: sub, grants: api };
}
