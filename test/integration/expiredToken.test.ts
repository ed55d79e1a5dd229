import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { newRequestId } from '../support/RawClient.ts';
import { setStage } from '../support/stage.ts';
import { testSecret } from '../support/testServer.ts';

/** A token that expires in the call ends nothing; for a new join it is too old. */

const stage = setStage({ config: { workers: 1 } });

let start = 0;
beforeEach(() => {
  start = Date.now();
  vi.useFakeTimers({ now: start, toFake: ['Date'] });
});
afterEach(() => void vi.useRealTimers());

/** By the server's clock, which is in this process; so few seconds that no heartbeat is missed. */
const at = (seconds: number) => vi.setSystemTime(start + seconds * 1000);

/** Good for another second at most, with the leeway for clocks that differ. */
async function tokenOf(identity: string): Promise<string> {
  at(-30);
  const token = await createAccessToken(testSecret, { room: 'long', identity, ttlSeconds: 1 });
  at(0);
  return token;
}

const expired = { data: { code: 'unauthorized', message: expect.stringMatching(/expired/) } };

async function joined(identity: string) {
  const token = await tokenOf(identity);
  const client = await stage.clientWith(token);
  await client.join();
  return { client, token };
}

test('who has joined goes on, also over another socket with the token of before', async () => {
  const { client, token } = await joined('ada');
  const bob = await joined('bob');
  at(5);
  await client.request('sendChat', { requestId: newRequestId(), text: 'still here' });
  const again = await stage.clientWith(token, { resume: client.point });
  expect(await again.next('welcome')).toMatchObject({ session: 'resumed' });
  await again.request('sendChat', { requestId: newRequestId(), text: 'again' });
  await bob.client.next('chat', ({ text }) => text === 'again');
  expect(bob.client.received('roomChanged').flatMap(({ left = [] }) => left)).toEqual([]);
});

test('without the visit it opens nothing, nor does another one with it', async () => {
  const { client, token } = await joined('ada');
  const { token: ofBob } = await joined('bob');
  const neverShown = await tokenOf('ada');
  const { point } = client;
  at(5);
  for (const [shown, auth] of [
    [token, {}],
    [token, { resume: { ...point, key: 'x'.repeat(32) } }],
    [ofBob, { resume: point }],
    [neverShown, { resume: point }],
  ] as const) {
    await expect(stage.clientWith(shown, auth)).rejects.toMatchObject(expired);
  }
});

test('who has left, or has only connected, needs a fresh one', async () => {
  const { client, token } = await joined('ada');
  const { point } = client;
  await client.request('leave', {});
  const waiting = await stage.clientWith(await tokenOf('eve'));
  at(5);
  await expect(stage.clientWith(token, { resume: point })).rejects.toMatchObject(expired);
  await expect(waiting.join()).rejects.toMatchObject({ code: 'unauthorized' });
});
