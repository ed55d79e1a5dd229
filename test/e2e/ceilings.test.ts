import { expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { buildSdkPage, SdkPerson } from '../support/SdkPerson.ts';
import { startTestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

const most = { send: 700_000, receive: 300_000 };

test('nobody sends or receives more than the ceilings allow', async () => {
  const config = { maxSendBitrate: most.send, maxReceiveBitrate: most.receive };
  const server = await startTestServer({ clientFolder: await buildSdkPage(), config });
  const browser = await launchChromium();
  try {
    const ada = await SdkPerson.join(browser, server, { room: 'ceilings', identity: 'ada' });
    await ada.publishCamera();
    const bob = await SdkPerson.join(browser, server, { room: 'ceilings', identity: 'bob' });
    await bob.style('ada', { width: '1280px', height: '720px' });
    await waitFor('a picture', async () => (await bob.pictureWidth('ada')) > 0);
    const sent = async () => {
      const { publications } = await ada.statsOver(2000);
      return publications.reduce((sum, { bitrate }) => sum + bitrate, 0);
    };
    const received = async () => {
      const { subscriptions } = await bob.statsOver(2000);
      return subscriptions.reduce((sum, { bitrate }) => sum + bitrate, 0);
    };
    // Without ceilings it would be 2,300 and 1,700 kbit/s. What a browser began with takes some seconds to come down.
    await waitFor('what is sent to come down', async () => (await sent()) < most.send);
    const rates: { sent: number; received: number }[] = [];
    for (let look = 0; look < 4; look += 1) {
      const [up, down] = await Promise.all([sent(), received()]);
      rates.push({ sent: up, received: down });
    }
    for (const rate of rates) {
      // An encoder does not hit its rate in each second.
      expect(rate.sent, JSON.stringify(rates)).toBeLessThan(most.send * 1.1);
      expect(rate.received, JSON.stringify(rates)).toBeLessThan(most.receive * 1.1);
      expect(rate.received, JSON.stringify(rates)).toBeGreaterThan(30_000);
    }
    expect([...(await ada.problems()), ...(await bob.problems())]).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
  }
});
