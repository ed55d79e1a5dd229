import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import { waitFor } from '../support/waitFor.ts';

test('a muted microphone is silent, and shown as muted to all', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'mute', name: 'Ada' });
  const bob = await meeting.join({ room: 'mute', name: 'Bob' });
  await bob.hears(1);
  await ada.click('Mute microphone');
  await waitFor('Bob to see it', () =>
    bob.page.evaluate(() => [...window.plenum.participants.values()][0]?.publication('microphone')?.muted === true),
  );
  await bob.hears(0);
  await ada.click('Unmute microphone');
  await bob.hears(1);
});

test('camera off releases the device, and it is back within a second', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'camera', name: 'Ada' });
  const bob = await meeting.join({ room: 'camera', name: 'Bob' });
  await bob.seesPicture(bob.tile('Ada'));
  const track = await ada.page.evaluateHandle(() => window.plenum.local?.publications.get('camera')?.track);
  await ada.click('Turn camera off');
  await waitFor('the device to be released', () => track.evaluate((each) => each?.readyState === 'ended'));
  await waitFor('Bob to see that it is off', () =>
    bob.page.evaluate(() => [...window.plenum.participants.values()][0]?.publication('camera')?.muted === true),
  );
  await bob.page.getByRole('listitem', { name: 'Ada, camera off' }).waitFor();
  // Both times are taken in the page: the way from here to there and back is not the camera's.
  const tookMs = ada.page.evaluate(async () => {
    const clicked = await new Promise<number>((resolve) => {
      document.addEventListener('click', () => resolve(performance.now()), { capture: true, once: true });
    });
    const video = document.querySelector('[data-local="true"][data-source="camera"] video');
    if (!(video instanceof HTMLVideoElement)) throw new Error('the own tile has no video');
    const painted = await new Promise<number>((resolve) => video.requestVideoFrameCallback(resolve));
    return painted - clicked;
  });
  await ada.click('Turn camera on');
  expect(await tookMs).toBeLessThan(1000);
  await bob.seesPicture(bob.tile('Ada'));
});

test('a shared screen is large, and goes when sharing stops', async ({ meeting }) => {
  const browser = await meeting.browser({ args: ['--auto-select-tab-capture-source-by-title=Plenum'] });
  const ada = await meeting.join({ room: 'screen', name: 'Ada', browser });
  const bob = await meeting.join({ room: 'screen', name: 'Bob' });
  await ada.click('Share screen');
  await bob.seesPicture(bob.screenTile());
  const screen = await bob.screenTile().boundingBox();
  const camera = await bob.tile('Ada').boundingBox();
  expect((screen?.width ?? 0) * (screen?.height ?? 0)).toBeGreaterThan(
    2 * (camera?.width ?? 0) * (camera?.height ?? 0),
  );
  await ada.click('Stop sharing');
  await bob.screenTile().waitFor({ state: 'detached' });
});

test('the sound of a shared tab is heard by the others', async ({ meeting }) => {
  // Without the switch that answers for the person: it would share a made-up screen, which has no sound.
  const browser = await meeting.browser({
    permitted: false,
    sound: true,
    args: ['--auto-select-tab-capture-source-by-title=Radio'],
  });
  const quiet = { video: '0', audio: '0' };
  const ada = await meeting.join({ room: 'radio', name: 'Ada', browser, query: quiet });
  const bob = await meeting.join({ room: 'radio', name: 'Bob', query: quiet });
  const radio = await ada.page.context().newPage();
  await radio.setContent('<title>Radio</title><h1>A tab with sound</h1>');
  await radio.evaluate(() => {
    const context = new AudioContext();
    const tone = context.createOscillator();
    tone.connect(context.destination);
    tone.start();
  });
  await ada.page.bringToFront();
  await ada.click('Share screen');
  await bob.screenTile().waitFor();
  await bob.page.locator('audio[data-source="screen-audio"]').waitFor({ state: 'attached' });
  await bob.hears(1);
  await ada.click('Stop sharing');
  await bob.page.locator('audio').waitFor({ state: 'detached' });
});

test('a meeting works without camera and microphone', async ({ meeting }) => {
  const browser = await meeting.browser({ devices: false });
  const ada = await meeting.join({ room: 'without', name: 'Ada' });
  const bob = await meeting.join({ room: 'without', name: 'Bob', browser, query: { video: '0', audio: '0' } });
  await bob.seesPicture(bob.tile('Ada'));
  await bob.hears(1);
  await ada.tile('Bob').waitFor();
});

test('where the browser blocks sound, the page says so and one click starts it', async ({ meeting }) => {
  const browser = await meeting.browser({ autoplay: false, devices: false });
  await meeting.join({ room: 'blocked', name: 'Ada' });
  const bob = await meeting.open({
    room: 'blocked',
    name: 'Bob',
    browser,
    query: { video: '0', audio: '0', join: '1' },
  });
  // Nothing here may count as a gesture: Playwright's own calls into the page would.
  await waitFor('the block to be noticed', () => bob.evaluateWithoutGesture('window.plenum?.canPlayAudio === false'));
  await waitFor('the video, which needs no click: its sound comes from elements of their own', () =>
    bob.evaluateWithoutGesture(
      `document.querySelector('[data-participant-name="Ada"] video')?.getVideoPlaybackQuality().totalVideoFrames > 0`,
    ),
  );
  await bob.page.getByRole('button', { name: /hear|sound/i }).click();
  await waitFor('sound', () => bob.page.evaluate(() => window.plenum.canPlayAudio));
  await bob.hears(1);
});
