import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

async function untilWidth(person: Person, name: string, width: number): Promise<void> {
  await waitFor(
    `a picture ${width} pixels wide`,
    async () => (await person.pictureSize(person.tile(name))).width === width,
    {
      timeoutMs: 30_000,
    },
  );
}

const captured = [
  { width: 1280, height: 720 },
  { width: 640, height: 480 },
];

for (const { width, height } of captured) {
  test(`a large tile grows to the captured ${width}x${height}`, async ({ meeting }) => {
    const ada = await meeting.join({ room: 'large', name: 'Ada', query: { video: '0' } });
    await ada.page.evaluate((size) => window.plenum.setCameraEnabled(true, size), { width, height });
    // On a screen large enough the tile is larger than the picture.
    const bob = await meeting.join({
      room: 'large',
      name: 'Bob',
      viewport: { width: 2600, height: 1500 },
      query: { video: '0' },
    });
    await untilWidth(bob, 'Ada', width);
  });
}

/** The sizes of all pictures that a tile shows in the given time, in seconds. */
function sizesShown(person: Person, name: string, seconds: number): Promise<{ frames: number; sizes: string[] }> {
  return person.tile(name).evaluate(async (element, duration) => {
    const video = element.querySelector('video');
    if (!video) throw new Error('the tile has no video');
    const sizes = new Set<string>();
    let frames = 0;
    for (const end = performance.now() + duration * 1000; performance.now() < end; ) {
      const { width, height } = await new Promise<VideoFrameCallbackMetadata>((resolve) =>
        video.requestVideoFrameCallback((_now, metadata) => resolve(metadata)),
      );
      frames += 1;
      sizes.add(`${width}x${height}`);
    }
    return { frames, sizes: [...sizes] };
  }, seconds);
}

test('a small tile receives a small layer though there is a larger one, grows with the window and shrinks again', async ({
  meeting,
}) => {
  const small = { width: 600, height: 400 };
  const large = { width: 2600, height: 1500 };
  const still = { video: '0', audio: '0' };
  await meeting.join({ room: 'small', name: 'Ada', viewport: { width: 640, height: 480 } });
  const eve = await meeting.join({ room: 'small', name: 'Eve', viewport: large, query: still });
  const bob = await meeting.join({ room: 'small', name: 'Bob', viewport: small, query: still });
  // Ada sends her largest encoding, and somebody gets it.
  await untilWidth(eve, 'Ada', 1280);
  for (let round = 0; round < 2; round += 1) {
    await untilWidth(bob, 'Ada', 320);
    const tile = await bob.tile('Ada').boundingBox();
    expect(tile?.width).toBeLessThan(320);
    expect(tile?.height).toBeLessThan(180);
    const { frames, sizes } = await sizesShown(bob, 'Ada', 4);
    expect(sizes).toEqual(['320x180']);
    expect(frames).toBeGreaterThan(20);
    expect((await eve.pictureSize(eve.tile('Ada'))).width).toBe(1280);
    if (round > 0) break;
    await bob.page.setViewportSize(large);
    await untilWidth(bob, 'Ada', 1280);
    await bob.page.setViewportSize(small);
  }
});
