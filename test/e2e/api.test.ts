import { expect, test } from 'vitest';
import { PlenumApi } from '../../src/auth/PlenumApi.ts';
import { apiToken } from '../support/apiStage.ts';
import { launchChromium } from '../support/chromium.ts';
import { setDataStage } from '../support/dataStage.ts';
import { waitFor } from '../support/waitFor.ts';

/** The API beside real browsers: the page that describes it, data from the server, and statistics of what flows. */

const stage = setDataStage();

test('the page of the API shows every operation and answers requests, and breaks no rule of its policy', async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    const document = await (await fetch(`${stage.server.url}/api/v1/openapi.json`)).json();
    const operations = Object.values<object>(document.paths).flatMap((path) => Object.keys(path));
    for (const path of ['/api/v1/docs', '/api/v1/docs/']) {
      const answer = await page.goto(`${stage.server.url}${path}`);
      const policy = answer?.headers()['content-security-policy'] ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      await page
        .locator('.opblock')
        .nth(operations.length - 1)
        .waitFor();
      expect(await page.locator('.opblock').count()).toBe(operations.length);
    }
    // Authorised, it asks the server itself.
    await page.getByRole('button', { name: 'Authorize' }).first().click();
    await page.locator('.auth-container input').fill(await apiToken());
    await page.locator('.auth-btn-wrapper .authorize').click();
    await page.locator('.auth-btn-wrapper .btn-done').click();
    const block = page.locator('#operations-rooms-listRooms');
    await block.locator('.opblock-summary-control').click();
    await block.getByRole('button', { name: 'Try it out' }).click();
    await block.getByRole('button', { name: 'Execute' }).click();
    await block.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
  }
});

test('data of the server comes to those who are meant, and statistics tell of the connection that carries it', async () => {
  const { ada, bob, cyd } = await stage.three('server');
  const api = new PlenumApi({ url: stage.server.url, token: () => apiToken(), retries: 0 });
  expect(await api.sendData('server', { text: 'to all', topic: 'news' })).toEqual({ recipients: 3 });
  const nobody = { participantId: '', identity: '', known: false, topic: 'news', reliable: true };
  for (const each of [ada, bob, cyd]) {
    await waitFor('the message', async () => (await each.heard()).some(({ text }) => text === 'to all'));
    expect(await each.heard()).toMatchObject([{ ...nobody, text: 'to all' }]);
  }
  expect(await api.sendData('server', { to: ['bob'], text: 'to bob', reliable: false })).toEqual({ recipients: 1 });
  await waitFor('the message', async () => (await bob.heard()).length === 2);
  expect(await ada.heard()).toHaveLength(1);

  const { participants } = await api.listParticipants('server', { query: 'ada' });
  const { participantId = '' } = participants[0] ?? {};
  const stats = await waitFor('what was counted', async () => {
    const now = await api.readParticipantStats('server', participantId);
    return now.receiving && now.receiving.outgoing.bytes > 0 ? now : undefined;
  });
  expect(stats).toMatchObject({ participantId, connection: 'good', receiving: { protocol: 'udp' } });
});
