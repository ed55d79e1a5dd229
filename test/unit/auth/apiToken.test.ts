import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { createAccessToken, verifyAccessToken } from '../../../src/auth/accessToken.ts';
import { createApiToken, verifyApiToken } from '../../../src/auth/apiToken.ts';
import { KeyRing } from '../../../src/auth/KeyRing.ts';
import { importSecret } from '../../../src/auth/keys.ts';
import { TokenService } from '../../../src/auth/TokenService.ts';
import { createLog } from '../../../src/log.ts';
import { type ApiGrants, grantsAccess, reachesRoom } from '../../../src/protocol/apiGrants.ts';

const secret = 'Vn3s0mDq8Zk1xYp7Lw5cR2tGh9JbUeAf';
const ring = new KeyRing([importSecret(secret)]);
const silent = createLog({ level: 'silent', format: 'json' });
const now = () => Math.floor(Date.now() / 1000);

function tokenOf(claims: Record<string, unknown>): Promise<string> {
  const right = { sub: 'crm', aud: 'plenum-api', api: { rooms: 'read' }, nbf: now(), exp: now() + 60 };
  const given = Object.fromEntries(Object.entries({ ...right, ...claims }).filter(([, v]) => v !== undefined));
  return new SignJWT(given).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
}

test('what is made is what is read, for an hour', async () => {
  const grants: ApiGrants = { rooms: 'write', onlyRooms: ['daily'] };
  const token = await createApiToken(secret, { subject: 'crm', grants });
  expect(await verifyApiToken(ring, token)).toEqual({ name: 'crm', grants });
  const { exp = 0, iat = 0 } = decodeJwt(token);
  expect(exp - Math.floor(iat)).toBe(3600);
});

test('one that no server would read is not made; what to do instead is said', async () => {
  const roomsOf = (count: number) => Array.from({ length: count }, (_, index) => `${index}`.padStart(64, 'x'));
  const tokenFor = (onlyRooms: string[]) => createApiToken(secret, { subject: 'crm', grants: { onlyRooms } });
  expect(await verifyApiToken(ring, await tokenFor(roomsOf(85)))).toMatchObject({ grants: { onlyRooms: roomsOf(85) } });
  await expect(tokenFor(roomsOf(100))).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringMatching(
      /^the API token would have 9\d{3} characters.* 8192 at most; name fewer rooms in "onlyRooms"/,
    ),
  });
});

test('neither kind of token is the other', async () => {
  const api = await createApiToken(secret, { subject: 'crm', grants: { rooms: 'write' } });
  const access = await createAccessToken(secret, { room: 'r', identity: 'crm' });
  await expect(verifyAccessToken(ring, api)).rejects.toMatchObject({ code: 'unauthorized', message: /"aud"/ });
  await expect(verifyApiToken(ring, access)).rejects.toMatchObject({ code: 'unauthorized', message: /"aud"/ });
});

test.each<[string, () => Promise<string>, RegExp]>([
  ['for both audiences', () => tokenOf({ aud: ['plenum-api', 'plenum'], room: 'r' }), /alone/],
  ['without an end', () => tokenOf({ exp: undefined }), /"exp"/],
  ['without a beginning', () => tokenOf({ nbf: undefined }), /"nbf"/],
  ['of nobody', () => tokenOf({ sub: undefined }), /"sub"/],
  ['without rights', () => tokenOf({ api: undefined }), /api/],
  ['with a right that there is not', () => tokenOf({ api: { planets: 'write' } }), /planets/],
  ['that has expired', () => tokenOf({ exp: now() - 60 }), /API token has expired.*createApiToken/],
])('a token %s is refused', async (_what, make, message) => {
  const token = await make();
  const refusal = { code: 'unauthorized', message: expect.stringMatching(message) };
  await expect(verifyApiToken(ring, token)).rejects.toMatchObject(refusal);
  await expect(verifyAccessToken(ring, token)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('a server whose only key is that of its open door takes none', async () => {
  const service = await TokenService.create({ secret: undefined, keyFile: undefined, openDoor: true, log: silent });
  const { token } = await service.mint({ room: 'r', displayName: 'Ada', secret: undefined });
  for (const each of [token, await tokenOf({})]) {
    await expect(service.verifyApi(each)).rejects.toMatchObject({ code: 'forbidden', message: /PLENUM_TOKEN_SECRET/ });
  }
});

describe('rights', () => {
  test.each<[ApiGrants, string]>([
    [{}, ''],
    [{ rooms: 'read' }, 'rooms:read'],
    [{ rooms: 'write' }, 'rooms:read rooms:write'],
    [{ participants: 'write', stats: 'read' }, 'participants:read participants:write stats:read'],
    [{ data: 'write' }, 'data:read data:write'],
  ])('%j allow %j', (grants, allowed) => {
    const areas = ['rooms', 'participants', 'data', 'stats'] as const;
    const all = areas.flatMap((area) => (['read', 'write'] as const).map((access) => ({ area, access })));
    const may = all.filter((right) => grantsAccess(grants, right)).map(({ area, access }) => `${area}:${access}`);
    expect(may.join(' ')).toBe(allowed);
  });

  test.each<[ApiGrants, string[]]>([
    [{}, ['a', 'b', 'crm-a', 'crm']],
    [{ onlyRooms: ['a'] }, ['a']],
    [{ roomPrefix: 'crm-' }, ['crm-a']],
    [{ onlyRooms: ['b'], roomPrefix: 'crm' }, ['b', 'crm-a', 'crm']],
  ])('%j reach %j', (grants, rooms) => {
    expect(['a', 'b', 'crm-a', 'crm'].filter((room) => reachesRoom(grants, room))).toEqual(rooms);
  });
});
