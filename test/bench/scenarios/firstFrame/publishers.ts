import type { Browser } from 'playwright-core';
import type { Namespace } from '../../../support/network/index.ts';
import { RemoteCrew } from '../../crew/RemoteCrew.ts';
import type { BenchServer } from '../../server/BenchServer.ts';
import { inBatches } from '../forwarding/Forwarder.ts';

export const room = 'first-frame';
/** A meeting whose tiles fill a page. */
export const crowded = 'first-frame-crowded';
export const crowdSize = 25;
export const camera = { width: 1280, height: 720 };
/** As browsers have it. */
export const keyFrameIntervalMs = 300;

export async function openPage(browser: Browser, url: string) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error('the page of the benchmark:', error));
  await page.goto(url);
  await page.waitForFunction(() => window.bench !== undefined);
  return page;
}

/** Somebody who sends camera and microphone, in a browser of their own. */
export async function publish(server: BenchServer, browser: Browser, url: string): Promise<void> {
  const page = await openPage(browser, url);
  const token = await server.token(room, 'publisher');
  await page.evaluate(([given, options]) => window.bench.publishDevices(given, options), [
    token,
    { ...camera, receives: false },
  ] as const);
}

/**
 * Fills the crowded room: cameras of load participants, real VP8 in three layers, so that the visitor's browser has the
 * machine for itself. One of them watches the others all the time, as people in a meeting do: what is watched is sent.
 */
export async function publishCrowd(server: BenchServer, count: number, namespace?: Namespace): Promise<RemoteCrew> {
  const crew = await RemoteCrew.start({ url: server.url, local: true }, namespace);
  try {
    await inBatches(count, 5, async (index) => {
      const identity = `camera-${index}`;
      await crew.join({ identity, token: await server.token(crowded, identity), video: { keyFrameIntervalMs } });
    });
    await crew.join({ identity: 'watcher', token: await server.token(crowded, 'watcher'), view: 'auto' });
    return crew;
  } catch (error) {
    await crew.close();
    throw error;
  }
}
