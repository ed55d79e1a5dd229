import { expect } from 'vitest';
import { createContext } from '../load/meeting/LoadMeeting.ts';
import { LoadParticipant } from '../load/meeting/LoadParticipant.ts';
import { test } from '../support/meetingTest.ts';
import { waitFor } from '../support/waitFor.ts';

/** What the load client sends is what a browser can show, and what a browser sends the load client counts. */

const context = await createContext();

test('a browser decodes the recordings in every size, without errors, and hears the voice', async ({ meeting }) => {
  const { url, token } = await meeting.serve();
  const load = await LoadParticipant.join(context, { url, token: await token('load', 'Recording') });
  try {
    const { sender: camera } = await load.publishVideo();
    const { sender: microphone } = await load.publishAudio();
    microphone.speak(-15);
    const still = { video: '0', audio: '0' };
    const ada = await meeting.join({
      room: 'load',
      name: 'Ada',
      query: still,
      viewport: { width: 2600, height: 1500 },
    });
    const tile = ada.tile('Recording');
    await ada.seesPicture(tile);
    await ada.hears(1);
    const untilSize = (size: { width: number; height: number }) =>
      waitFor(
        `a picture of ${size.width}x${size.height}`,
        async () =>
          (await ada.pictureSize(tile)).width === size.width && (await ada.pictureSize(tile)).height === size.height,
        { timeoutMs: 30_000 },
      );
    const large = { width: 2600, height: 1500 };
    for (const [viewport, size, layer] of [
      [large, { width: 1280, height: 720 }, 2],
      [{ width: 640, height: 480 }, { width: 640, height: 360 }, 1],
      [{ width: 320, height: 260 }, { width: 320, height: 180 }, 0],
      [large, { width: 1280, height: 720 }, 2],
    ] as const) {
      const before = camera.keyFrames[layer] ?? 0;
      await ada.page.setViewportSize(viewport);
      await untilSize(size);
      await ada.seesPicture(tile);
      if (viewport !== large) expect(camera.keyFrames[layer], 'on request').toBeGreaterThan(before);
    }
    const [played, dropped] = await tile.evaluate((element) => {
      const quality = element.querySelector('video')?.getVideoPlaybackQuality();
      return [quality?.totalVideoFrames ?? 0, quality?.corruptedVideoFrames ?? 0];
    });
    expect(played).toBeGreaterThan(30);
    expect(dropped).toBe(0);
  } finally {
    await load.close();
  }
});
