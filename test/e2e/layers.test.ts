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

test('a small tile receives a small layer', async ({ meeting }) => {
  await meeting.join({ room: 'small', name: 'Ada' });
  const bob = await meeting.join({ room: 'small', name: 'Bob', viewport: { width: 320, height: 400 } });
  await bob.seesPicture(bob.tile('Ada'));
  const tile = await bob.tile('Ada').boundingBox();
  await waitFor('the layer to settle', async () => (await bob.pictureSize(bob.tile('Ada'))).width < 1280, {
    timeoutMs: 20_000,
  });
  const { width } = await bob.pictureSize(bob.tile('Ada'));
  expect(tile?.width).toBeLessThan(400);
  expect(width).toBeLessThanOrEqual(640);
});
