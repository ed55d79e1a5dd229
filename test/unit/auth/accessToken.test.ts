import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { createAccessToken, verifyAccessToken } from '../../../src/auth/accessToken.ts';
import { KeyRing } from '../../../src/auth/KeyRing.ts';
import { importSecret } from '../../../src/auth/keys.ts';
import { TokenService } from '../../../src/auth/TokenService.ts';
import { createLog } from '../../../src/log.ts';
import { plainGrants } from '../../../src/protocol/index.ts';

const secret = 'Vn3s0mDq8Zk1xYp7Lw5cR2tGh9JbUeAf';
const key = (text: string) => new TextEncoder().encode(text);
const silent = createLog({ level: 'silent', format: 'json' });
const ring = new KeyRing([importSecret(secret)]);
const now = () => Math.floor(Date.now() / 1000);

const rightClaims = () => ({ room: 'r', sub: 'ada', aud: 'plenum', nbf: now(), exp: now() + 60 });

/** A token of these claims; `undefined` leaves one out. */
function tokenOf(claims: Record<string, unknown>, { alg = 'HS256', with: signedWith = secret } = {}): Promise<string> {
  const given = Object.fromEntries(Object.entries({ ...rightClaims(), ...claims }).filter(([, v]) => v !== undefined));
  return new SignJWT(given).setProtectedHeader({ alg }).sign(key(signedWith));
}

const unauthorized = (message: RegExp) => ({ code: 'unauthorized', message: expect.stringMatching(message) });

test('what is made is what is read', async () => {
  const token = await createAccessToken(secret, { room: 'daily', identity: 'ada@example.org', displayName: ' Ada ' });
  expect(await verifyAccessToken(ring, token)).toEqual({
    room: 'daily',
    identity: 'ada@example.org',
    displayName: 'Ada',
    metadata: {},
    grants: plainGrants,
    host: false,
    expiresAt: expect.any(Number),
    issuedAt: expect.any(Number),
  });
});

test.each([
  ['ada', 'ada'],
  ['x'.repeat(128), 'x'.repeat(64)],
  [`${'x'.repeat(63)}\u{1f600}`, 'x'.repeat(63)],
  [`${'\u0301'.repeat(64)}a`, 'Guest'],
])('without a name, the identity %j is called %j', async (identity, displayName) => {
  const token = await createAccessToken(secret, { room: 'r', identity });
  expect(await verifyAccessToken(ring, token)).toMatchObject({ identity, displayName });
});

test('as much is made as is read, and what would be longer is refused with what to do', async () => {
  const tokenWith = (characters: number) =>
    createAccessToken(secret, { room: 'r', identity: 'ada', metadata: notesOf(characters) });
  const { length } = await tokenWith(0);
  // Four characters for three bytes.
  const most = Math.floor(((8192 - length) * 3) / 4);
  const longest = await tokenWith(most);
  expect(longest.length).toBeGreaterThan(8188);
  expect(await verifyAccessToken(ring, longest)).toMatchObject({ metadata: notesOf(most) });
  await expect(tokenWith(most + 3)).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringMatching(
      /^the access token would have 819\d characters.* 8192 at most; put less into "metadata"/,
    ),
  });
});

/** Metadata with so many characters of text, in notes of which each may be of 1024. */
function notesOf(characters: number): Record<string, string> {
  const sizes = Array.from({ length: 8 }, (_, index) => Math.min(1024, Math.max(0, characters - 1024 * index)));
  return Object.fromEntries(sizes.map((size, index) => [`note-${index}`, 'x'.repeat(size)]));
}

describe('making refuses', () => {
  test.each([
    ['a short secret', 'x'.repeat(31), {}],
    ['a room with a slash', secret, { room: 'a/b' }],
    ['an empty room', secret, { room: '' }],
    ['a long room', secret, { room: 'x'.repeat(65) }],
    ['an empty identity', secret, { identity: '' }],
    ['a long identity', secret, { identity: 'x'.repeat(129) }],
    ['a control character', secret, { identity: 'a\u0000b' }],
    ['a name that turns the text around', secret, { displayName: 'ada\u202eecila' }],
    ['a blank name', secret, { displayName: '  ' }],
    ['a name of 60 kB', secret, { displayName: 'x'.repeat(60_000) }],
    ['a right beside the others', secret, { canPublish: false }],
    ['a token that lives for no time', secret, { ttlSeconds: 0 }],
    ['a token that lives for less than that', secret, { ttlSeconds: -1 }],
    ['a token of no known time', secret, { ttlSeconds: Number.NaN }],
    ['a token that ends at no date', secret, { ttlSeconds: 1e13 }],
    ['a token for ever', secret, { ttlSeconds: Number.POSITIVE_INFINITY }],
  ])('%s', async (_what, by, wrong) => {
    const made = createAccessToken(by, { room: 'r', identity: 'ada', ...wrong });
    await expect(made).rejects.toMatchObject({ name: 'PlenumError', code: 'bad-request' });
  });
});

describe('checking refuses', () => {
  test.each([
    ['another secret', () => tokenOf({}, { with: `${secret}!` }), /another secret/],
    ['another algorithm', () => tokenOf({}, { alg: 'HS512', with: secret.repeat(2) }), /must be signed with HS256/],
    ['no signature', async () => new UnsecuredJWT(rightClaims()).encode(), /must be signed with HS256/],
    ['a cut-off signature', async () => (await tokenOf({})).split('.').slice(0, 2).join('.'), /malformed/],
    ['a line feed in the signature', async () => `${await tokenOf({})}\n`, /malformed/],
    ['padding behind the signature', async () => `${await tokenOf({})}=`, /malformed/],
    ['claims changed afterwards', async () => forged(await tokenOf({})), /another secret/],
    ['nothing', async () => '', /malformed/],
    ['something else', async () => 'a.b.c', /malformed/],
    ['one that has expired', () => tokenOf({ exp: now() - 32 }), /expired, 3\d s ago/],
    ['one that is not valid yet', () => tokenOf({ nbf: now() + 33 }), /not valid yet: it begins in \d\d s .*clock/],
    ['one that was made by a clock 90 s ahead', () => skewed(90), /not valid yet: it begins in (89|90) s .*clock/],
    ['one that says only that it was made there', () => tokenOf({ iat: now() + 90 }), /not valid yet.*clock/],
    ['one that a clock 90 s behind let expire', () => skewed(-90, 1), /expired, (89|90) s ago .*clock/],
    ['a beginning that is no time', () => tokenOf({ nbf: 'now' }), /"nbf"/],
    ['a making that is no time', () => tokenOf({ iat: 'now' }), /./],
    ['no expiry', () => tokenOf({ exp: undefined }), /"exp"/],
    ['an end that is no date', () => tokenOf({ exp: 8_640_000_000_001 }), /exp: no date/],
    ['an end beyond all numbers', () => tokenOf({ exp: 1e308 }), /exp: no date/],
    ['no beginning', () => tokenOf({ nbf: undefined }), /"nbf"/],
    ['no identity', () => tokenOf({ sub: undefined }), /"sub"/],
    ['no audience', () => tokenOf({ aud: undefined }), /"aud"/],
    ['another audience', () => tokenOf({ aud: 'elsewhere' }), /"aud"/],
    ['no room', () => tokenOf({ room: undefined }), /what no server takes/],
    ['a room that is none', () => tokenOf({ room: '../etc' }), /what no server takes/],
    ['a room that is no text', () => tokenOf({ room: { toString: 'r' } }), /what no server takes/],
    ['an identity of control characters', () => tokenOf({ sub: '\u0007' }), /what no server takes/],
    ['a name of 60 kB', () => tokenOf({ name: 'x'.repeat(60_000) }), /too long/],
    ['a name of 5 kB', () => tokenOf({ name: 'x'.repeat(5000) }), /what no server takes: name/],
    ['a right that there is not', () => tokenOf({ grants: { canpublish: false } }), /grants: .*canpublish/],
    ['a right that is no right', () => tokenOf({ grants: { canPublish: ['eyes'] } }), /grants/],
    ['a right beside the others', () => tokenOf({ canPublish: false }), /canPublish: .*"grants"/],
    ['a ceiling beside the rights', () => tokenOf({ maxVideoBitrate: 30_000 }), /maxVideoBitrate/],
    ['a right in other letters', () => tokenOf({ can_chat: false, grants: {} }), /can_chat/],
    ['rights by one of their names', () => tokenOf({ grant: { canPublish: false } }), /grant: .*"grants"/],
    ['rights in other letters', () => tokenOf({ Grants: { canPublish: false } }), /Grants/],
    ['metadata of several levels', () => tokenOf({ metadata: { a: {} } }), /metadata/],
    ['a name that is no text', () => tokenOf({ name: 7 }), /what no server takes/],
  ])('%s', async (_what, make, message) => {
    const token = await make();
    await expect(verifyAccessToken(ring, token)).rejects.toMatchObject(unauthorized(message));
    await expect(verifyAccessToken(ring, token)).rejects.not.toMatchObject({
      message: expect.stringContaining(secret),
    });
  });
});

describe('clocks may differ by half a minute', () => {
  test.each([
    ['the issuer is ahead', () => skewed(30)],
    ['the issuer is behind', () => skewed(-30)],
    // In whole seconds, of which one may pass meanwhile.
    ['behind, with a token that lives for a second there', () => skewed(-28, 1)],
    ['the beginning alone', () => tokenOf({ nbf: now() + 30 })],
  ])('%s', async (_what, make) => {
    await expect(verifyAccessToken(ring, await make())).resolves.toMatchObject({ identity: 'ada' });
  });
});

test('what else a token says, as that of another product does, is passed over', async () => {
  const token = await tokenOf({ iss: 'app', jti: '1', scope: 'read', name: 'Ada', permissions: { admin: true } });
  expect(await verifyAccessToken(ring, token)).toMatchObject({ displayName: 'Ada', grants: plainGrants });
});

test.each([
  ['ends', 'exp', -29, -32],
  ['begins', 'nbf', 29, 32],
  ['was made', 'iat', 29, 32],
])('by half a minute, not by more: when it %s', async (_what, claim, taken, refused) => {
  // No second passes meanwhile.
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date'] });
  try {
    const late = (seconds: number) => tokenOf({ [claim]: now() + seconds });
    await expect(verifyAccessToken(ring, await late(taken))).resolves.toMatchObject({ identity: 'ada' });
    await expect(verifyAccessToken(ring, await late(refused))).rejects.toMatchObject({ code: 'unauthorized' });
  } finally {
    vi.useRealTimers();
  }
});

/** As `createAccessToken` makes it where the clock is so many seconds ahead. */
async function skewed(seconds: number, ttlSeconds = 3600): Promise<string> {
  vi.useFakeTimers({ now: Date.now() + seconds * 1000, toFake: ['Date'] });
  try {
    return await createAccessToken(secret, { room: 'r', identity: 'ada', ttlSeconds });
  } finally {
    vi.useRealTimers();
  }
}

/** The same signature under other claims. */
function forged(token: string): string {
  const [header, , signature] = token.split('.');
  const claims = Buffer.from(JSON.stringify({ ...rightClaims(), sub: 'eve' })).toString('base64url');
  return [header, claims, signature].join('.');
}

describe('the service', () => {
  const request = { room: 'r', displayName: 'Ada', secret: undefined };

  test('mints where the door is open, also without a secret of its own', async () => {
    const service = await TokenService.create({ secret: undefined, openDoor: true, keyFile: undefined, log: silent });
    const { token, identity } = await service.mint(request);
    expect(await service.verify(token)).toMatchObject({ room: 'r', identity, displayName: 'Ada' });
    const other = await TokenService.create({ secret: undefined, openDoor: true, keyFile: undefined, log: silent });
    await expect(other.verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('gives a page that comes back its identity again', async () => {
    const service = await TokenService.create({ secret, openDoor: true, keyFile: undefined, log: silent });
    const one = await service.mint({ ...request, secret: 'one '.repeat(5) });
    expect(await service.mint({ ...request, secret: 'one '.repeat(5) })).toMatchObject({ identity: one.identity });
    const others = [await service.mint({ ...request, secret: one.identity }), await service.mint(request)];
    for (const { identity } of others) expect(identity).not.toBe(one.identity);
    // The room decides at the join who its host is.
    expect(await service.verify(one.token)).toMatchObject({ host: true, grants: { moderator: false } });
  });

  test('passes over what other tokens than those of its own door say of hosts', async () => {
    const door = await TokenService.create({ secret, openDoor: true, keyFile: undefined, log: silent });
    const closed = await TokenService.create({ secret, openDoor: false, keyFile: undefined, log: silent });
    const { token } = await door.mint(request);
    expect(await closed.verify(token)).toMatchObject({ host: false });
    expect(await door.verify(await createAccessToken(secret, { room: 'r', identity: 'ada' }))).toMatchObject({
      host: false,
    });
  });

  test('mints nothing where the door is closed, and nothing for rooms that cannot be', async () => {
    const closed = await TokenService.create({ secret, openDoor: false, keyFile: undefined, log: silent });
    await expect(closed.mint(request)).rejects.toMatchObject({ code: 'forbidden' });
    const open = await TokenService.create({ secret, openDoor: true, keyFile: undefined, log: silent });
    await expect(open.mint({ ...request, room: 'a b' })).rejects.toMatchObject({ code: 'bad-request' });
  });
});
