import { expect, test } from 'vitest';
import { createAccessToken } from '../../src/auth/accessToken.ts';
import { PlenumApi } from '../../src/auth/PlenumApi.ts';
import { apiToken, askApi } from '../support/apiStage.ts';
import { setStage } from '../support/stage.ts';
import { startTestServer, testSecret } from '../support/testServer.ts';

/** Who may ask the API of the real server, and how much. */

const stage = setStage({ config: { workers: 1 } });

test('neither kind opens what is the other’s', async () => {
  const access = await createAccessToken(testSecret, { room: 'room', identity: 'crm', grants: { moderator: true } });
  const refusal = await askApi(stage.server.url, '/rooms', { token: access });
  expect([refusal.status, refusal.body]).toEqual([401, expect.objectContaining({ code: 'unauthorized' })]);
  await expect(stage.clientWith(await apiToken())).rejects.toMatchObject({ data: { code: 'unauthorized' } });
});

test('a server without a key of the application says which option to set', async () => {
  const server = await startTestServer({ config: { workers: 1, tokenSecret: undefined } });
  try {
    const { status, body } = await askApi(server.url, '/rooms', { token: await apiToken() });
    expect([status, body]).toEqual([
      403,
      expect.objectContaining({
        code: 'forbidden',
        detail: expect.stringMatching(/PLENUM_TOKEN_SECRET.*--token-keys/),
      }),
    ]);
  } finally {
    await server.close();
  }
});

test('who asks too much is told when to go on: by weight for an application, by number for an address', async () => {
  // Nothing comes back while the test runs.
  const slow = 0.001;
  const limit = { perSecond: slow, burst: 12 };
  const config = { workers: 1, limitApi: { application: limit, address: { perSecond: slow, burst: 10 } } };
  const server = await startTestServer({ config });
  try {
    const ask = async (token: string, path = '/rooms') => (await askApi(server.url, path, { token })).status;
    const [crm, shop] = [await apiToken(), await apiToken({ rooms: 'read' }, 'shop')];
    expect([await ask(crm), await ask(crm), await ask(crm)]).toEqual([200, 200, 429]);
    // What is left is enough for two that cost less than a list.
    const read = () => ask(crm, '/rooms/nothing');
    expect([await read(), await read(), await read()]).toEqual([404, 404, 429]);
    expect([await ask(shop), await ask('bad'), await ask('bad'), await ask('bad')]).toEqual([200, 401, 401, 401]);
    const refusal = await askApi(server.url, '/rooms', { token: shop });
    expect(refusal.status).toBe(429);
    const seconds = Number(refusal.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(900);
    expect(seconds).toBeLessThanOrEqual(1000);
    expect(refusal.body).toMatchObject({ code: 'rate-limited', retryAfterMs: expect.any(Number) });
    const client = new PlenumApi({ url: server.url, token: shop, retries: 0 });
    await expect(client.listRooms()).rejects.toMatchObject({ status: 429, code: 'rate-limited' });
  } finally {
    await server.close();
  }
});
