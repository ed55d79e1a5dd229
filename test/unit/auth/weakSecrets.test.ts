import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { importKeys } from '../../../src/auth/keySet.ts';
import { weaknessOf, weaknessOfKey } from '../../../src/auth/weakSecrets.ts';

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
  const { keys, complaints } = await importKeys(JSON.stringify({ keys: [key] }));
  expect(keys).toEqual([]);
  expect(complaints).toEqual([expect.stringMatching(/the key "k1" is (a well-known one|from an example)/)]);
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

test('a purpose in front of what is random does no harm', () => {
  const random = createHash('sha256').update('of this test').digest();
  for (const [prefix, encoding] of [
    ['plenum-', 'hex'],
    ['prod_webhooksecret_', 'base64url'],
    ['production:', 'base64'],
  ] as const) {
    const text = random.toString(encoding).replace(/[-_]/g, 'x');
    expect(weaknessOf(prefix + text), prefix).toBeUndefined();
  }
  expect(weaknessOf('plenum-production-secret-for-2026-11-22')).toBeDefined();
});
