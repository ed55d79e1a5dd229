import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, generateSecret, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAccessToken } from '../../../src/auth/accessToken.ts';
import type { TokenKey } from '../../../src/auth/keys.ts';
import { TokenService } from '../../../src/auth/TokenService.ts';
import { weaknessOf, weaknessOfKey } from '../../../src/auth/weakSecrets.ts';
import { createLog } from '../../../src/log.ts';

const logged: string[] = [];
const log = createLog({ level: 'info', format: 'json' }, { write: (line: string) => void logged.push(line) });
const ada = { room: 'r', identity: 'ada' };
let folder: string;
let keyFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plenum-keys-'));
  keyFile = join(folder, 'keys.json');
});

afterEach(async () => {
  vi.restoreAllMocks();
  logged.length = 0;
  await rm(folder, { recursive: true });
});

interface Pair {
  /** What the maker of tokens has. */
  own: TokenKey;
  /** What the server has. */
  server: TokenKey;
}

async function pairOf(alg: 'HS256' | 'EdDSA' | 'ES256', kid: string): Promise<Pair> {
  if (alg === 'HS256') {
    const secret = await generateSecret('HS256', { extractable: true });
    const own = { ...(await exportJWK(secret)), kid } as TokenKey;
    return { own, server: own };
  }
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const own = { ...(await exportJWK(privateKey)), kid } as TokenKey;
  return { own, server: { ...(await exportJWK(publicKey)), kid } as TokenKey };
}

async function serviceWith(...keys: TokenKey[]): Promise<TokenService> {
  await writeFile(keyFile, JSON.stringify({ keys }));
  return TokenService.create({ secret: undefined, keyFile, openDoor: false, log });
}

const refusal = (message: RegExp) => ({ code: 'unauthorized', message: expect.stringMatching(message) });

test.each(['HS256', 'EdDSA', 'ES256'] as const)('a token of a key for %s opens the room', async (alg) => {
  const { own, server } = await pairOf(alg, 'k1');
  const service = await serviceWith(server);
  const grants = { canPublish: ['microphone' as const], moderator: true };
  const token = await createAccessToken(own, { ...ada, grants, metadata: { desk: 4 } });
  expect(await service.verify(token)).toMatchObject({
    identity: 'ada',
    metadata: { desk: 4 },
    grants: { canPublish: ['microphone'], moderator: true, canChat: true, hidden: false },
  });
});

test('several keys hold at once, and a token says which it is signed with', async () => {
  const pairs = await Promise.all((['HS256', 'EdDSA', 'ES256'] as const).map((alg) => pairOf(alg, alg)));
  const service = await serviceWith(...pairs.map(({ server }) => server));
  for (const { own } of pairs) {
    expect(await service.verify(await createAccessToken(own, ada))).toMatchObject({ identity: 'ada' });
  }
  const stranger = await pairOf('EdDSA', 'another');
  const foreign = await createAccessToken(stranger.own, ada);
  await expect(service.verify(foreign)).rejects.toMatchObject(refusal(/does not have/));
  const borrowed = await createAccessToken({ ...stranger.own, kid: 'EdDSA' }, ada);
  await expect(service.verify(borrowed)).rejects.toMatchObject(refusal(/another secret/));
  const nameless = await createAccessToken('Vn3s0mDq8Zk1xYp7Lw5cR2tGh9JbUeAf', ada);
  await expect(service.verify(nameless)).rejects.toMatchObject(refusal(/names no key/));
});

test('the algorithm is the one of the key, whatever the token says: a public key is no secret', async () => {
  const { server } = await pairOf('ES256', 'k1');
  const service = await serviceWith(server);
  const claims = { room: 'r', sub: 'eve', aud: 'plenum', nbf: 1, exp: Math.floor(Date.now() / 1000) + 60 };
  const text = new TextEncoder().encode(JSON.stringify(server));
  const token = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(text);
  await expect(service.verify(token)).rejects.toMatchObject(refusal(/must be signed with ES256/));
});

test('keys change without a restart, and a broken file changes nothing', async () => {
  const [former, next] = await Promise.all([pairOf('EdDSA', 'former'), pairOf('EdDSA', 'next')]);
  const service = await serviceWith(former.server);
  const [old, fresh] = await Promise.all([createAccessToken(former.own, ada), createAccessToken(next.own, ada)]);
  await expect(service.verify(fresh)).rejects.toMatchObject(refusal(/does not have/));

  const later = (ms: number) => vi.spyOn(performance, 'now').mockReturnValue(performance.now() + ms);
  await writeFile(keyFile, JSON.stringify({ keys: [former.server, next.server] }));
  later(5000);
  await expect(service.verify(fresh)).resolves.toMatchObject({ identity: 'ada' });
  await expect(service.verify(old)).resolves.toMatchObject({ identity: 'ada' });

  await writeFile(keyFile, '{"keys": [');
  later(10_000);
  await expect(service.verify(old)).resolves.toMatchObject({ identity: 'ada' });
  expect(logged.join()).toContain('the former keys stay');

  await writeFile(keyFile, JSON.stringify({ keys: [next.server] }));
  later(15_000);
  await expect(service.verify(old)).rejects.toMatchObject(refusal(/does not have/));
});

test('who was removed does not come in again with the same token, however its signature is written', async () => {
  const { own, server } = await pairOf('HS256', 'k1');
  const service = await serviceWith(server);
  const token = await createAccessToken(own, ada);
  service.revoke(await service.verify(token), ada.room);
  await expect(service.verify(token)).rejects.toMatchObject(refusal(/removed/));
  // The last character of a signature has bits that mean nothing.
  const last = token.at(-1) ?? '';
  const twin = String.fromCharCode(last.charCodeAt(0) + 1);
  await expect(service.verify(`${token.slice(0, -1)}${twin}`)).rejects.toMatchObject({ code: 'unauthorized' });
});

test('nor with one that was made before, but with one that is made a moment later', async () => {
  const { own, server } = await pairOf('HS256', 'k1');
  const service = await serviceWith(server);
  // All of it is in one second.
  const at = Math.ceil(Date.now() / 1000) * 1000 + 500;
  vi.useFakeTimers({ now: at, toFake: ['Date'] });
  try {
    const shown = await createAccessToken(own, ada);
    const [kept, elsewhere] = [
      await createAccessToken(own, ada),
      await createAccessToken(own, { ...ada, room: 'other' }),
    ];
    vi.setSystemTime(at + 1);
    service.revoke(await service.verify(shown), ada.room);
    vi.setSystemTime(at + 2);
    const fresh = await createAccessToken(own, ada);
    for (const token of [shown, kept]) await expect(service.verify(token)).rejects.toMatchObject(refusal(/removed/));
    for (const token of [elsewhere, fresh])
      await expect(service.verify(token)).resolves.toMatchObject({ identity: 'ada' });
  } finally {
    vi.useRealTimers();
  }
});

describe('a file is refused that', () => {
  const unusable = (text: string) => async () => text;
  test.each([
    ['is no JSON', unusable('keys'), /no JSON/],
    ['holds no key', unusable('{"keys": []}'), /keys: there is no key/],
    ['holds a key of another kind', unusable('{"keys": [{"kty": "RSA", "kid": "a"}]}'), /keys.0/],
    ['holds a key without an id', async () => JSON.stringify({ keys: [await nameless()] }), /kid/],
    ['holds two keys of one id', async () => JSON.stringify({ keys: [await secretKey(), await secretKey()] }), /same/],
    ['holds a private key', async () => JSON.stringify({ keys: [(await pairOf('ES256', 'k1')).own] }), /private part/],
    ['holds a short secret', unusable('{"keys": [{"kty": "oct", "kid": "a", "k": "c2hvcnQ"}]}'), /fewer than 32/],
    ['holds half a key', async () => JSON.stringify({ keys: [await flattened()] }), /keys|k1/],
  ])('%s', async (_what, make, message) => {
    await writeFile(keyFile, await make());
    const created = TokenService.create({ secret: undefined, keyFile, openDoor: false, log });
    await expect(created).rejects.toMatchObject({ code: 'bad-request', message: expect.stringMatching(message) });
    await expect(created).rejects.toMatchObject({ message: expect.stringContaining(keyFile) });
  });

  test('is not there', async () => {
    const created = TokenService.create({ secret: undefined, keyFile, openDoor: false, log });
    await expect(created).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining(keyFile) });
  });
});

const secretKey = async () => (await pairOf('HS256', 'k1')).server;

async function nameless(): Promise<object> {
  const { kid: _kid, ...rest } = await secretKey();
  return rest;
}

/** A point that is not on the curve. */
async function flattened(): Promise<object> {
  return { ...(await pairOf('ES256', 'k1')).server, x: 'A'.repeat(43), y: 'A'.repeat(43) };
}

test('tokens are not made with a public key, nor with something else', async () => {
  const { server } = await pairOf('EdDSA', 'k1');
  await expect(createAccessToken(server, ada)).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('private'),
  });
  const nonsense = { kty: 'oct', kid: 'k1', k: 'AAAA' } as const;
  await expect(createAccessToken(nonsense, ada)).rejects.toMatchObject({ code: 'bad-request' });
});

test.each([
  ['short', 'x7'],
  ['of one character', 'x'.repeat(64)],
  ['of an example', 'change-me-please-1234567890-change-me'],
  ['of a habit', 'SuperSecret_SuperSecret_1234567890!'],
  ['of the keyboard', '0123456789abcdef0123456789abcdef'],
  ['of jwt.io', 'a-string-secret-at-least-256-bits-long'],
  ['of jwt.io for longer hashes', 'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long'],
  ['of jwt.io before', 'your-256-bit-secret-your-256-bit-secret'],
  ['a sentence', 'thisisaverylongsecretthatnobodyknows'],
  ['a default', 'default-secret-for-development-only!'],
  ['to be replaced', 'replace_me_with_a_random_value_123456'],
  ['to be made', 'put-a-random-secret-of-32-bytes-here'],
  ['of three rows of keys', 'qwertyuiopasdfghjklzxcvbnm123456'],
  ['of doubled digits', '00112233445566778899aabbccddeeff'],
  ['with signs between its letters', 'P_l-e.a/s:e C+h=a%n$g!e M?e 9f31c4b07a'],
  ['of RFC 7515', 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'],
])('a secret is none that is %s', (_what, secret) => {
  expect(weaknessOf(secret)).toBeDefined();
});

const oct = (bytes: Uint8Array) => ({ kty: 'oct', kid: 'k1', k: Buffer.from(bytes).toString('base64url') });
test.each<[string, object]>([
  [
    'the HMAC key of RFC 7515',
    {
      ...{ kty: 'oct', kid: 'k1' },
      k: 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
    },
  ],
  ['that of RFC 7520', { kty: 'oct', kid: 'k1', k: 'hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg' }],
  [
    'the Ed25519 key of RFC 8037',
    { kty: 'OKP', crv: 'Ed25519', kid: 'k1', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  ],
  [
    'the P-256 key of RFC 7515',
    {
      ...{ kty: 'EC', crv: 'P-256', kid: 'k1' },
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
  ],
  ['one of zeros', oct(new Uint8Array(32))],
  ['one that counts', oct(Uint8Array.from({ length: 48 }, (_, index) => index))],
  ['one that counts down', oct(Uint8Array.from({ length: 48 }, (_, index) => 255 - index))],
  ['one that is a text', oct(new TextEncoder().encode('my-super-secret-key-for-all-of-it'))],
])('a file of keys is refused with %s', async (_what, key) => {
  await writeFile(keyFile, JSON.stringify({ keys: [key] }));
  await expect(TokenService.create({ secret: undefined, keyFile, openDoor: false, log })).rejects.toMatchObject({
    code: 'bad-request',
    message: expect.stringMatching(/the key "k1" is (a well-known one|from an example)/),
  });
});

test('random secrets are secrets, whatever they are written with', () => {
  for (let round = 0; round < 1000; round += 1) {
    const bytes = createHash('sha256').update(`random ${round}`).digest();
    expect(weaknessOfKey(bytes)).toBeUndefined();
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(weaknessOf(bytes.toString(encoding))).toBeUndefined();
    }
  }
});
