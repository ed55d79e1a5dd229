import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { roomSettings } from '../../src/protocol/index.ts';
import { test } from '../support/meetingTest.ts';
import { waitFor } from '../support/waitFor.ts';

test('a room in which one starts muted, and in which only moderators share from some moment on', async ({
  meeting,
}) => {
  const { app } = await meeting.serve();
  app.registry.create('lecture', roomSettings.parse({ startMuted: true }));
  const ada = await meeting.join({ room: 'lecture', name: 'Ada', query: { video: '0' } });
  const bob = await meeting.join({ room: 'lecture', name: 'Bob', query: { video: '0', audio: '0' } });

  const microphone = () =>
    ada.page.evaluate(() => {
      const publication = window.plenum.local?.publications.get('microphone');
      return publication && [publication.muted, publication.track?.enabled];
    });
  // It is there before the server has answered.
  await waitFor('her microphone to be muted', async () => isDeepStrictEqual(await microphone(), [true, false]));
  await ada.click('Unmute microphone');
  await waitFor('Bob to hear her', () => bob.page.evaluate(() => window.plenum.speakers.length === 1));

  const told = bob.page.evaluate(
    () =>
      new Promise<string>((resolve) =>
        window.plenum.once('moderated', ({ what, by }) => resolve(`${what} ${by.displayName}`)),
      ),
  );
  await bob.page.evaluate(async () => {
    const [track] = document.createElement('canvas').captureStream(5).getVideoTracks();
    if (track) await window.plenum.publish(track, { source: 'screen' });
  });
  // The first to come through the open door moderates.
  await ada.page.evaluate(() => window.plenum.moderate({ action: 'settings', changes: { screenShare: 'moderators' } }));
  expect(await told).toBe('unpublished Ada');
  const may = (source: 'camera' | 'screen') =>
    bob.page.evaluate((wanted) => window.plenum.local?.mayPublish(wanted), source);
  await waitFor('Bob to know it', async () => (await may('screen')) === false);
  expect(await may('camera')).toBe(true);
  expect(await bob.page.evaluate(() => window.plenum.local?.publications.has('screen'))).toBe(false);
});
