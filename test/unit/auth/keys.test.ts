import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createAccessToken } from '../../../src/auth/accessToken.ts';
import type { TokenKey } from '../../../src/auth/keys.ts';
import { TokenService } from '../../../src/auth/TokenService.ts';
import { createLog } from '../../../src/log.ts';
import { pairOf } from '../../support/tokenKeys.ts';

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

/** The clock by which the file is looked at again. */
const later = (ms: number) => vi.spyOn(performance, 'now').mockReturnValue(performance.now() + ms);

describe('a key that others have is out', () => {
  test.each(['{"keys": []}', '{"keys": [{"kty": "RSA", "kid": "a"}]}'])(
    'when the file is %s; the secret goes on',
    async (text) => {
      const secret = 'Vn3s0mDq8Zk1xYp7Lw5cR2tGh9JbUeAf';
      const { own, server } = await pairOf('EdDSA', 'k1');
      await writeFile(keyFile, JSON.stringify({ keys: [server] }));
      const service = await TokenService.create({ secret, keyFile, openDoor: false, log });
      const [ofKey, ofSecret] = [await createAccessToken(own, ada), await createAccessToken(secret, ada)];
      for (const token of [ofKey, ofSecret]) await expect(service.verify(token)).resolves.toBeDefined();
      await writeFile(keyFile, text);
      later(5000);
      await expect(service.verify(ofKey)).rejects.toMatchObject({ code: 'unauthorized' });
      await expect(service.verify(ofSecret)).resolves.toBeDefined();
      expect(service.keysAreStale).toBe(false);
      expect(logged.join()).toContain('no token keys are left');
    },
  );

  test('when it is left out, whatever else is there that cannot be used', async () => {
    const [leaked, kept] = await Promise.all([pairOf('ES256', 'leaked'), pairOf('HS256', 'kept')]);
    const service = await serviceWith(leaked.server, kept.server);
    const [old, good] = [await createAccessToken(leaked.own, ada), await createAccessToken(kept.own, ada)];
    const pair = await pairOf('EdDSA', 'private');
    const odd = [{ kty: 'RSA', kid: 'r' }, { ...pair.server, kid: 'e', use: 'enc' }, pair.own, 7];
    await writeFile(keyFile, JSON.stringify({ keys: [kept.server, ...odd] }));
    later(5000);
    await expect(service.verify(good)).resolves.toBeDefined();
    await expect(service.verify(old)).rejects.toMatchObject(refusal(/does not have/));
    await expect(service.verify(await createAccessToken(pair.own, ada))).rejects.toMatchObject(refusal(/not have/));
    const { others, complaints } = JSON.parse(logged.find((line) => line.includes('passed over')) ?? '{}');
    expect(others).toEqual([
      'keys.1: a key of another kind (kty)',
      'keys.2: a key of another kind (use)',
      'keys.4: a key of another kind (no object)',
    ]);
    expect(complaints).toEqual([expect.stringMatching(/^keys\.3: the key "private" holds its private part/)]);
  });

  test('not when the file has gone, which is told until it is there again', async () => {
    const { own, server } = await pairOf('EdDSA', 'k1');
    const service = await serviceWith(server);
    const token = await createAccessToken(own, ada);
    const told = () => logged.filter((line) => line.includes('the former keys stay')).length;
    await rm(keyFile);
    for (const [ms, times] of [
      [5000, 1],
      [5000, 1],
      [70_000, 2],
    ] as const) {
      later(ms);
      await expect(service.verify(token)).resolves.toBeDefined();
      expect([service.keysAreStale, told()]).toEqual([true, times]);
    }
    await writeFile(keyFile, JSON.stringify({ keys: [server] }));
    later(5000);
    await expect(service.verify(token)).resolves.toBeDefined();
    expect(service.keysAreStale).toBe(false);
  });
});

describe('a file is refused that', () => {
  const unusable = (text: string) => async () => text;
  test.each([
    ['is no JSON', unusable('keys'), /no JSON/],
    ['holds no key', unusable('{"keys": []}'), /there is no key/],
    [
      'holds a PEM that is none',
      unusable('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'),
      /no public key/,
    ],
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
