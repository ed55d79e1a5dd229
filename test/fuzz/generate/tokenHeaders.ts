import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { oddities } from './oddities.ts';

/** What the header of a token (RFC 7515, 4.1) and its claims (RFC 7519, 4.1) may say besides what is looked at. */

type Json = Record<string, unknown>;

/** Signs a header and a payload with a key. */
export type Sign = (header: unknown, payload: unknown, key: string) => string;

/** An attacker's own. */
const ownKey = createHmac('sha256', 'an attacker').update('key').digest('hex');
const ownJwk = { kty: 'oct', k: Buffer.from(ownKey).toString('base64url'), alg: 'HS256', kid: 'mine' };
const odd = fc.constantFrom(...oddities);

const kids = fc.oneof(
  fc.constantFrom<unknown>(
    '../../../../dev/null',
    '/etc/passwd',
    'file:///dev/null',
    'http://127.0.0.1/keys',
    '__proto__',
    'constructor',
    "' UNION SELECT 'x'; --",
    '0',
    0,
    null,
    ['k1'],
    { kid: 'k1' },
    'x'.repeat(4000),
  ),
  odd,
);

/**
 * Headers that name a key which the server does not have, signed by an attacker. (A key without an id is tried for any, since
 * `kid` is but a hint: RFC 7515, 4.1.4.)
 */
export function strangeKeyIds(header: Json, payload: Json, sign: Sign) {
  return kids.map((kid) => ({ what: 'an odd kid', token: sign({ ...header, kid }, payload, ownKey) }));
}

/** Headers that bring the key along, or say where it is (RFC 8725, 3.10). */
export function keysBroughtAlong(header: Json, payload: Json, sign: Sign) {
  const brought = fc.constantFrom<Json>(
    { jwk: ownJwk },
    { jwk: ownJwk, kid: 'mine' },
    { jku: 'http://127.0.0.1/keys.json' },
    { jku: 'file:///dev/null', kid: 'mine' },
    { x5u: 'http://127.0.0.1/cert.pem' },
    { x5c: [Buffer.from(ownKey).toString('base64')] },
    { x5t: 'AAAA', 'x5t#S256': 'AAAA' },
    { epk: ownJwk, enc: 'A128GCM' },
  );
  return brought.map((more) => ({
    what: `its own key by ${Object.keys(more)[0]}`,
    token: sign({ ...header, ...more }, payload, ownKey),
  }));
}

/**
 * Signed by whoever may, and with something in it that the server may pass over or refuse; it must neither fail at it nor
 * do anything else.
 */
export function passedOver(header: Json, payload: Json, secret: string, sign: Sign) {
  const headers = fc
    .tuple(fc.constantFrom('typ', 'cty', 'zip', 'b64', 'jwk', 'jku', 'x5u', 'x5c', 'enc', 'url', 'nonce', 'ppt'), odd)
    .map(([name, value]) => ({ what: `an odd ${name}`, token: sign({ ...header, [name]: value }, payload, secret) }));
  const claims = fc
    .tuple(fc.constantFrom('iat', 'jti', 'nbf', 'iss', 'name', 'metadata', 'other'), odd)
    .map(([name, value]) => ({ what: `an odd ${name}`, token: sign(header, { ...payload, [name]: value }, secret) }));
  const grants = fc
    .tuple(fc.constantFrom('maxVideoBitrate', 'canPublish', 'canChat', 'hidden', 'metadata', 'other'), odd)
    .map(([name, value]) => {
      const changed = { ...Object(payload.grants), [name]: value };
      return { what: `an odd grant ${name}`, token: sign(header, { ...payload, grants: changed }, secret) };
    });
  return fc.oneof(headers, claims, grants);
}

/** Signed claims of API tokens that give no right to change anything. */
export function oddApiGrants(header: Json, payload: Json, secret: string, sign: Sign) {
  const values = fc.constantFrom<unknown>(true, 1, 'admin', 'WRITE', 'write ', ['write'], { write: true }, null, '*');
  const one = fc
    .tuple(fc.constantFrom('rooms', 'participants', 'data', '*', 'all', '__proto__'), values)
    .map(([area, value]) => Object.fromEntries([[area, value]]));
  return fc
    .oneof(one, odd)
    .map((api) => ({ what: 'odd grants for the API', token: sign(header, { ...payload, api }, secret) }));
}
