import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { Relay } from '../support/Relay.ts';
import { buildSdkPage, SdkPerson, type SdkPersonOptions } from '../support/SdkPerson.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

let server: TestServer;
let browser: Browser;
const people: SdkPerson[] = [];

beforeAll(async () => {
  // Whoever is cut off has to join anew.
  server = await startTestServer({ clientFolder: await buildSdkPage(), config: { resumeGrace: 0 } });
  browser = await launchChromium();
});

afterEach(async () => {
  const problems = await Promise.all(people.map((person) => person.problems()));
  for (const person of people.splice(0)) await person.close();
  expect(problems.flat()).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function join(options: SdkPersonOptions): Promise<SdkPerson> {
  const person = await SdkPerson.join(browser, server, options);
  people.push(person);
  return person;
}

/** Ada sends, Bob sees. */
async function adaAndBob(room: string, options: Partial<SdkPersonOptions> = {}) {
  const ada = await join({ room, identity: 'ada' });
  await ada.publishCamera();
  const bob = await join({ room, identity: 'bob', ...options });
  return { ada, bob };
}

async function untilSilent(person: SdkPerson): Promise<void> {
  await waitFor('the video to stop', async () => (await person.videoBitrate()) === 0, { timeoutMs: 15_000 });
}

async function untilFlowing(person: SdkPerson): Promise<void> {
  await waitFor('the video to flow', async () => (await person.videoBitrate()) > 0, { timeoutMs: 15_000 });
}

test('the size of an element changes the layer that is received, without a word of the application', async () => {
  const { bob } = await adaAndBob('sizes');
  for (const [width, received] of [
    [320, 320],
    [640, 640],
    [1280, 1280],
    [300, 320],
  ] as const) {
    await bob.style('ada', { width: `${width}px`, height: `${(width * 9) / 16}px` });
    await bob.untilWidth('ada', received);
  }
});

test('an element that has no size of its own shows the picture as it is captured', async () => {
  const { bob } = await adaAndBob('auto');
  await bob.style('ada', { width: 'auto', height: 'auto' });
  await bob.untilWidth('ada', 1280);
});

test('on a dense screen a tile needs more pixels', async () => {
  const { bob } = await adaAndBob('dense', { pixelRatio: 2 });
  await bob.untilWidth('ada', 640);
});

test('a window that goes to a denser screen asks for more', async () => {
  const { bob } = await adaAndBob('denser');
  await bob.untilWidth('ada', 320);
  const devtools = await bob.page.context().newCDPSession(bob.page);
  // The emulation tells the page of another density only together with another size.
  const move = (width: number, deviceScaleFactor: number) =>
    devtools.send('Emulation.setDeviceMetricsOverride', { width, height: 800, mobile: false, deviceScaleFactor });
  await move(1300, 2);
  await bob.untilWidth('ada', 640);
  await move(1400, 1);
  await bob.untilWidth('ada', 320);
});

test('what is taken off the page stops, and is back within a second', async () => {
  const { bob } = await adaAndBob('taken-off');
  await bob.untilWidth('ada', 320);
  const video = await bob.video('ada').elementHandle();
  await bob.page.evaluate((element) => {
    Object.assign(window, { taken: element });
    element?.remove();
  }, video);
  await untilSilent(bob);
  const began = await bob.page.evaluate(() => {
    document.body.append(Reflect.get(window, 'taken'));
    // A video that is put back is paused.
    void Reflect.get(window, 'taken').play();
    return performance.now();
  });
  expect((await bob.nextFrameAt('ada')) - began).toBeLessThan(1000);
});

test('what is scrolled out of sight stops, and is back within a second', async () => {
  const { bob } = await adaAndBob('scroll');
  await bob.page.evaluate(() => {
    document.body.style.height = '5000px';
  });
  await bob.untilWidth('ada', 320);
  await bob.page.evaluate(() => scrollTo(0, 3000));
  await untilSilent(bob);
  expect(await bob.msToNextFrame('ada', 'scrollTo(0, 0)')).toBeLessThan(1000);
});

test('what is not displayed stops, and is back within a second', async () => {
  const { bob } = await adaAndBob('display');
  await untilFlowing(bob);
  await bob.style('ada', { display: 'none' });
  await untilSilent(bob);
  const shown = `document.querySelector('video').style.display = 'block'`;
  expect(await bob.msToNextFrame('ada', shown)).toBeLessThan(1000);
});

test('a page in the background receives no video after a while, and sees it again at once', async () => {
  const { bob } = await adaAndBob('background');
  await untilFlowing(bob);
  const turn = (state: 'hidden' | 'visible') =>
    `Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true });
     document.dispatchEvent(new Event('visibilitychange'));`;
  await bob.page.evaluate(turn('hidden'));
  // A glance at another tab costs nothing.
  expect(await bob.videoBitrate()).toBeGreaterThan(0);
  await untilSilent(bob);
  expect(await bob.msToNextFrame('ada', turn('visible'))).toBeLessThan(1000);
});

test('a picture in its own window flows on, whatever becomes of the page', async () => {
  const { bob } = await adaAndBob('floating');
  await untilFlowing(bob);
  await bob.page.evaluate(() => {
    document.body.style.height = '5000px';
    document.addEventListener('click', () => document.querySelector('video')?.requestPictureInPicture());
  });
  await bob.page.mouse.click(20, 20);
  await waitFor('the window', () => bob.page.evaluate(() => document.pictureInPictureElement !== null));
  await bob.page.evaluate(() => scrollTo(0, 3000));
  const { subscriptions } = await bob.statsOver(2500);
  expect(subscriptions.map(({ bitrate }) => bitrate > 0)).toEqual([true]);
  await bob.page.evaluate(() => document.exitPictureInPicture());
  await untilSilent(bob);
});

test('somebody who begins to send is shown at once to a page whose elements decide', async () => {
  const { ada, bob } = await adaAndBob('later');
  await bob.untilWidth('ada', 320);
  await waitFor('the view of the elements', () => bob.requests.includes('setView'));
  const eve = await join({ room: 'later', identity: 'eve' });
  await eve.publishCamera({ width: 640, height: 360 });
  await bob.untilWidth('eve', 320);
  await eve.untilWidth('ada', 320);
  expect(await ada.page.evaluate(() => window.sdk.room.state)).toBe('joined');
});

test('the application takes over with a view of its own, and hands back', async () => {
  const { bob } = await adaAndBob('own');
  await bob.untilWidth('ada', 320);
  await bob.page.evaluate(() => window.sdk.room.setView({ videos: [] }));
  await untilSilent(bob);
  await bob.page.evaluate(() => window.sdk.room.setView('elements'));
  await untilFlowing(bob);
  await bob.style('ada', { width: '1280px', height: '720px' });
  await bob.untilWidth('ada', 1280);
});

test('a page without elements receives what the server chooses', async () => {
  const { bob } = await adaAndBob('blind', { blind: true });
  await untilFlowing(bob);
  expect(await bob.page.locator('video').count()).toBe(0);
  expect(bob.requests).not.toContain('setView');
});

test('after a break of all connections the elements decide on, under new ids', async () => {
  const relay = await Relay.to(server.url);
  try {
    const ada = await join({ room: 'break', identity: 'ada', url: relay.url });
    await ada.publishCamera();
    const bob = await join({ room: 'break', identity: 'bob', url: relay.url });
    await bob.untilWidth('ada', 320);
    await waitFor('the view of the elements', () => bob.requests.includes('setView'));
    const id = () =>
      bob.page.evaluate(() => [...window.sdk.room.participants.values()][0]?.publication('camera')?.publicationId);
    const before = await id();
    relay.cut();
    await waitFor('Ada under a new id', async () => ![undefined, before].includes(await id()), { timeoutMs: 20_000 });
    await untilFlowing(bob);
    expect(await bob.page.locator('video').count()).toBe(1);
    await bob.style('ada', { width: '640px', height: '360px' });
    await bob.untilWidth('ada', 640);
  } finally {
    await relay.close();
  }
});
