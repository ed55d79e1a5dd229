import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RevokedTokens } from '../../../src/auth/RevokedTokens.ts';
import type { CheckedGrant } from '../../../src/auth/TokenService.ts';
import { plainGrants } from '../../../src/protocol/index.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000_000 }));
afterEach(() => void vi.useRealTimers());

let made = 0;
/** A token that is made now, and good for a minute. */
function token(identity: string, more: Partial<CheckedGrant> = {}): CheckedGrant {
  made += 1;
  return {
    ...{ room: 'room', identity, displayName: identity, metadata: {}, grants: plainGrants, host: false },
    ...{ issuedAt: Date.now(), expiresAt: Date.now() + 60_000, fingerprint: `token ${made}` },
    ...more,
  };
}

test('who is sent away in other rooms makes nobody forgotten who was sent away in this one', () => {
  const revoked = new RevokedTokens(100);
  const [ada, kept] = [token('ada'), token('ada')];
  vi.advanceTimersByTime(1);
  revoked.add(ada);
  for (let index = 0; index < 1000; index += 1) revoked.add(token(`troll-${index}`, { room: 'other' }));
  expect([ada, kept].map((each) => revoked.has(each))).toEqual([true, true]);
  const [first, last] = [0, 999].map((index) => token(`troll-${index}`, { room: 'other', issuedAt: 0 }));
  expect(
    [first, last].map((each) => each && revoked.has(each)),
    'the other room forgets',
  ).toEqual([false, true]);
});

test('whoever is sent away again and again is one', () => {
  const revoked = new RevokedTokens(2);
  const ada = token('ada');
  revoked.add(ada);
  const eve = Array.from({ length: 1000 }, () => token('eve'));
  for (const each of eve) revoked.add(each);
  expect(revoked.has(ada)).toBe(true);
  expect(eve.slice(-32).every((each) => revoked.has(each))).toBe(true);
});

test('where there are too many, those go first whose tokens have expired in rooms that are over; within the leeway none has', () => {
  const revoked = new RevokedTokens(2);
  const late = token('late', { room: 'over', expiresAt: Date.now() + 90_000 });
  const expired = token('expired', { room: 'over' });
  for (const each of [late, expired]) revoked.add(each);
  revoked.forgive('over');
  vi.advanceTimersByTime(119_000);
  const ada = token('ada');
  revoked.add(ada);
  expect([late, expired, ada].map((each) => revoked.has(each))).toEqual([true, false, true]);
});

test('where an issuer has been seen ahead, what it makes in as much time is not good either', () => {
  const revoked = new RevokedTokens();
  const ahead = (identity: string) => token(identity, { issuedAt: Date.now() + 20_000 });
  const [ada, kept] = [ahead('ada'), ahead('ada')];
  vi.advanceTimersByTime(5000);
  // It is its clock that counts, whoever the token is for.
  revoked.saw(ahead('bob'));
  revoked.add(ada);
  const next = ahead('ada');
  expect([kept, token('ada'), next].map((each) => revoked.has(each))).toEqual([true, true, false]);
  vi.advanceTimersByTime(20_000);
  expect(revoked.has(token('ada'))).toBe(false);
});

test('without an issuer that is ahead, a token that is made right after is good', () => {
  const revoked = new RevokedTokens();
  const ada = token('ada');
  revoked.saw(ada);
  vi.advanceTimersByTime(1);
  revoked.add(ada);
  expect([ada, token('ada')].map((each) => revoked.has(each))).toEqual([true, false]);
});
