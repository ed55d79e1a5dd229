import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { VideoCodec } from '../../src/client/index.ts';
import { launchChromium } from '../support/chromium.ts';
import { buildSdkPage, SdkPerson, type SdkPersonOptions } from '../support/SdkPerson.ts';
import { startTestServer, type TestServer } from '../support/testServer.ts';
import { waitFor } from '../support/waitFor.ts';

let server: TestServer;
let browser: Browser;
const people: SdkPerson[] = [];

beforeAll(async () => {
  server = await startTestServer({ clientFolder: await buildSdkPage() });
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

/** Waits until these encodings of somebody's camera are sent, lowest first, and no others. */
async function untilSending(person: SdkPerson, wanted: boolean[]): Promise<void> {
  await waitFor(`encodings ${wanted}`, async () => String(await person.sending()) === String(wanted), {
    timeoutMs: 20_000,
  });
}

/** Until the picture is so many pixels wide, in milliseconds by the page's clock, from when the element has this width. */
function msToWidth(person: SdkPerson, identity: string, width: number): Promise<number> {
  return person.video(identity).evaluate((element, pixels) => {
    if (!(element instanceof HTMLVideoElement)) throw new Error('no video');
    const began = performance.now();
    Object.assign(element.style, { width: `${pixels}px`, height: `${(pixels * 9) / 16}px` });
    return new Promise<number>((resolve) => {
      const look = (_now: number, metadata: VideoFrameCallbackMetadata) => {
        if (metadata.width === pixels) resolve(performance.now() - began);
        else element.requestVideoFrameCallback(look);
      };
      element.requestVideoFrameCallback(look);
    });
  }, width);
}

test('encodings that nobody watches stop, all of them when nobody looks, and come back in time', async () => {
  const ada = await join({ room: 'simulcast', identity: 'ada' });
  await ada.publishCamera();
  await untilSending(ada, [false, false, false]);
  // The own picture is not concerned.
  expect(await ada.cameraIsLive()).toBe(true);

  const bob = await join({ room: 'simulcast', identity: 'bob' });
  await bob.untilWidth('ada', 320);
  await untilSending(ada, [true, false, false]);
  expect(await bob.pictureWidth('ada')).toBe(320);

  expect(await msToWidth(bob, 'ada', 1280)).toBeLessThan(4000);
  expect(await ada.sending()).toEqual([true, true, true]);
  await bob.style('ada', { width: '640px', height: '360px' });
  await untilSending(ada, [true, true, false]);

  await bob.style('ada', { display: 'none' });
  await untilSending(ada, [false, false, false]);
  const shown = `document.querySelector('video').style.display = 'block'`;
  expect(await bob.msToNextFrame('ada', shown)).toBeLessThan(1000);
});

test('somebody who comes to a camera that nobody watched has a picture within a second', async () => {
  const ada = await join({ room: 'asleep', identity: 'ada' });
  await ada.publishCamera();
  await untilSending(ada, [false, false, false]);
  const bob = await join({ room: 'asleep', identity: 'bob' });
  expect(await bob.msFromJoinToFirstFrame('ada')).toBeLessThan(1000);
});

const oneStream: { codec: VideoCodec; wide: number }[] = [
  { codec: 'vp9', wide: 320 },
  { codec: 'av1', wide: 1280 },
];

for (const { codec, wide } of oneStream) {
  test(`one stream of ${codec} stops where nobody looks, and has no more than somebody watches`, async () => {
    const ada = await join({ room: codec, identity: 'ada' });
    await ada.publishCamera({ codec });
    await untilSending(ada, [false]);
    const bob = await join({ room: codec, identity: 'bob' });
    await bob.untilWidth('ada', wide);
    await waitFor(`Ada to send ${wide} pixels`, async () => (await ada.sentWidth()) === wide, { timeoutMs: 15_000 });
    expect(await msToWidth(bob, 'ada', 1280)).toBeLessThan(4000);
    expect(await ada.sentWidth()).toBe(1280);
    await bob.page.evaluate(() => window.sdk.room.setView({ videos: [] }));
    await untilSending(ada, [false]);
  });
}
