import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportPKCS8, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessToken } from '../../../src/auth/accessToken.ts';
import type { TokenKey } from '../../../src/auth/keys.ts';
import { TokenService } from '../../../src/auth/TokenService.ts';
import { createLog } from '../../../src/log.ts';
import { type Pair, pairOf } from '../../support/tokenKeys.ts';

/** The forms in which a file may hold keys, and the names of their algorithms. */

const log = createLog({ level: 'silent', format: 'json' });
const ada = { room: 'r', identity: 'ada' };
let folder: string;
let keyFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plenum-keys-'));
  keyFile = join(folder, 'keys');
});
afterEach(() => rm(folder, { recursive: true }));

describe('one public key is enough', () => {
  const write = {
    'as JSON': ({ server }: Pair) => JSON.stringify(server),
    'as JSON without an id': ({ server: { kid: _kid, ...rest } }: Pair) => JSON.stringify(rest),
    'in PEM': ({ server }: Pair) =>
      createPublicKey({ key: server, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
  };
  test.each(
    Object.entries(write).flatMap(([how, text]) =>
      (['EdDSA', 'ES256'] as const).map((alg) => [how, alg, text] as const),
    ),
  )('%s, for %s', async (_how, alg, text) => {
    const pair = await pairOf(alg, 'k1');
    await writeFile(keyFile, text(pair));
    const service = await TokenService.create({ secret: undefined, keyFile, openDoor: true, log });
    await expect(service.verify(await createAccessToken(pair.own, ada))).resolves.toMatchObject({ identity: 'ada' });
    await expect(service.verify(await namelessToken(pair.own, alg))).resolves.toMatchObject({ identity: 'ada' });
    const stranger = await pairOf(alg, 'k1');
    await expect(service.verify(await createAccessToken(stranger.own, ada))).rejects.toMatchObject({
      code: 'unauthorized',
    });
    const { token } = await service.mint({ room: 'r', displayName: 'Eve', secret: undefined });
    await expect(service.verify(token)).resolves.toMatchObject({ host: true });
  });

  test('not a private one in PEM', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    await writeFile(keyFile, await exportPKCS8(privateKey));
    const created = TokenService.create({ secret: undefined, keyFile, openDoor: false, log });
    await expect(created).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/private part/),
    });
  });
});

/** As other makers of tokens write it: without the id of the key. */
async function namelessToken(own: TokenKey, alg: string): Promise<string> {
  return new SignJWT({ room: 'r', sub: 'ada', aud: 'plenum', nbf: 1, exp: Math.floor(Date.now() / 1000) + 60 })
    .setProtectedHeader({ alg })
    .sign(await importJWK(own, alg));
}

test('a key of Ed25519 checks tokens that call their algorithm so, and those that call it EdDSA', async () => {
  const { own, server } = await pairOf('EdDSA', 'k1');
  await writeFile(keyFile, JSON.stringify({ keys: [{ ...server, alg: 'Ed25519' }] }));
  const service = await TokenService.create({ secret: undefined, keyFile, openDoor: false, log });
  for (const alg of ['Ed25519', 'EdDSA']) {
    await expect(service.verify(await namelessToken(own, alg))).resolves.toMatchObject({ identity: 'ada' });
  }
  await expect(
    service.verify(await createAccessToken({ ...own, alg: 'Ed25519' } as TokenKey, ada)),
  ).resolves.toBeDefined();
});
