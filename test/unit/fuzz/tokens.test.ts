import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAccessToken, verifyAccessToken } from '../../../src/auth/accessToken.ts';
import { KeyRing } from '../../../src/auth/KeyRing.ts';
import { importSecret } from '../../../src/auth/keys.ts';
import { wrongTokens } from '../../fuzz/generate/tokens.ts';
import { testSecret } from '../../support/testServer.ts';

test('no token that is wrong in one way is taken, and nothing of the secret is told', { timeout: 60_000 }, async () => {
  const ring = new KeyRing([importSecret(testSecret)]);
  const good = await createAccessToken(testSecret, {
    room: 'here',
    identity: 'ada',
    displayName: 'Ada',
    grants: { canChat: false },
  });
  expect((await verifyAccessToken(ring, good)).room).toBe('here');
  const list = fc.sample(wrongTokens(good, testSecret), { numRuns: 1500, seed: 1 });
  for (const { what, token } of list) {
    const outcome = await verifyAccessToken(ring, token).then(
      () => 'taken',
      (error: { code?: string; message: string }) => {
        expect(error.message).not.toContain(testSecret);
        return error.code;
      },
    );
    expect(outcome, `${what}: ${token.slice(0, 400)}`).toBe('unauthorized');
  }
});
