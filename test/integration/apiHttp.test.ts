import { afterEach, expect, test } from 'vitest';
import { apiOf, apiToken, askApi } from '../support/apiStage.ts';
import { setStage } from '../support/stage.ts';

/** The API of the real server, as HTTP speaks it. */

const origin = 'https://admin.example';
const stage = setStage({ config: { workers: 1, allowedOrigins: [origin] } });

// Runs before the stage looks for what was left behind.
afterEach(async () => {
  const api = apiOf(stage);
  for await (const { name } of api.rooms()) await api.endRoom(name);
});

test.each(['/openapi.json', '/docs/json'])('%s is sent only to who does not have it yet', async (path) => {
  const first = await askApi(stage.server.url, path);
  expect(first.body).toMatchObject({ openapi: '3.1.0' });
  const etag = first.headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await askApi(stage.server.url, path, { headers: { 'if-none-match': held } });
    expect([again.status, again.headers.get('etag'), again.body], held).toEqual([304, etag, '']);
  }
  const changed = await askApi(stage.server.url, path, { headers: { 'if-none-match': '"other"' } });
  expect([changed.status, changed.body]).toEqual([200, first.body]);
});

test('a page of a listed origin may read where something was made, whether it was before, and when to come again', async () => {
  const answer = await askApi(stage.server.url, '/rooms', {
    method: 'POST',
    token: await apiToken(),
    body: { name: 'made' },
    headers: { origin },
  });
  expect(answer.headers.get('location')).toBe('/api/v1/rooms/made');
  expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  expect(answer.headers.get('access-control-expose-headers')).toBe('location, idempotency-replayed, retry-after');
});
