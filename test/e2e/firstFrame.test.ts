import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { buildPage } from '../bench/scenarios/firstFrame/buildPage.ts';
import type { JoinMeasure } from '../bench/scenarios/firstFrame/pageContract.ts';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

/** Names of the requests in socket.io packets, with an ack (`42<id>["name"`) or without. */
function requestName(payload: string | Buffer): string | undefined {
  return /^42\d*\["(\w+)"/.exec(payload.toString())?.[1];
}

/** Keeps the time of the first painted frame of each remote camera as `window.firstFrames`, by the person's name. */
const watchFirstFrames = `
  window.firstFrames = {};
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('[data-testid="tile"][data-source="camera"] video')) {
      if (video.watched) continue;
      video.watched = true;
      const name = video.closest('[data-testid="tile"]').dataset.participantName;
      video.requestVideoFrameCallback(() => { window.firstFrames[name] ??= performance.timeOrigin + performance.now(); });
    }
  }).observe(document, { childList: true, subtree: true });
`;

function firstFrame(person: Person, name: string): Promise<number | undefined> {
  return person.page.evaluate((of) => (Reflect.get(window, 'firstFrames') as Record<string, number>)[of], name);
}

test('one signaling round trip from the join to the first frame, for any number of publications', async ({
  meeting,
}) => {
  for (const name of ['Ada', 'Bob', 'Eve']) await meeting.join({ room: 'trips', name });
  const dan = await meeting.open({
    room: 'trips',
    name: 'Dan',
    query: { video: '0', audio: '0' },
    initScript: watchFirstFrames,
  });
  const sent: { name: string; at: number }[] = [];
  dan.page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const name = requestName(payload);
      if (name) sent.push({ name, at: Date.now() });
    });
  });
  // The lobby has connected already: load the page anew, so that the whole conversation is seen.
  await dan.page.goto(`${dan.page.url()}&join=1`);
  const frames = await waitFor('all first frames', async () => {
    const times = await Promise.all(['Ada', 'Bob', 'Eve'].map((name) => firstFrame(dan, name)));
    return times.every((time) => time !== undefined) ? times : undefined;
  });
  const last = Math.max(...frames.map((time) => time ?? 0));
  const asked = sent.filter(({ at }) => at <= last).map(({ name }) => name);
  // A view may be told meanwhile, but nothing waits for its answer: it is no round trip before the frame.
  expect(asked.filter((name) => name !== 'setView')).toEqual(['join']);
});

test('five people who join within a second each see a first frame within 400 ms', async ({ meeting }) => {
  // Pages that do nothing but show the video: five whole meetings in one browser would measure its painting.
  const server = await meeting.serve({ clientFolder: await buildPage() });
  const open = async (browser: Browser) => {
    const page = await browser.newPage({ viewport: { width: 160, height: 90 } });
    await page.goto(server.url);
    await page.waitForFunction(() => window.bench !== undefined);
    return page;
  };
  const publisher = await open(await meeting.browser());
  const camera = { width: 480, height: 270, receives: false };
  await publisher.evaluate(([token, options]) => window.bench.publishDevices(token, options), [
    await server.token('five', 'publisher'),
    camera,
  ] as const);
  const viewers = await meeting.browser({ devices: false });
  const joins: (() => Promise<JoinMeasure>)[] = [];
  for (const identity of ['a', 'b', 'c', 'd', 'e']) {
    const page = await open(viewers);
    const token = await server.token('five', identity);
    // The first join of a page also compiles its code, five times at once on whatever cores there are.
    await page.evaluate((given) => window.bench.join(given, 1), token);
    await page.evaluate(() => window.bench.leave());
    // As in a lobby: the page is connected and knows what the browser can do.
    await page.evaluate((given) => window.bench.prepare(given), token);
    joins.push(() => page.evaluate((given) => window.bench.join(given, 1), token));
  }
  const measured = await Promise.all(
    joins.map(async (join, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 200));
      return join();
    }),
  );
  expect(server.app.registry.participants).toBe(6);
  const times = measured.map(({ firstMs }) => Math.round(firstMs));
  const ways = measured.map(({ steps }) => steps.map(({ step, ms }) => `${step} ${Math.round(ms)}`).join(', '));
  expect(Math.max(...times), `first frames after ${times.join(', ')} ms:\n${ways.join('\n')}`).toBeLessThan(400);
});
