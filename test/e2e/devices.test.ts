import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import { waitFor } from '../support/waitFor.ts';

test('where permission is refused, the page says so and the meeting works all the same', async ({ meeting }) => {
  const server = await meeting.serve();
  const browser = await meeting.browser({ permitted: false });
  const session = await browser.newBrowserCDPSession();
  const eve = await meeting.open({ room: 'refused', name: 'Eve', browser });
  const { targetInfo } = await (await eve.page.context().newCDPSession(eve.page)).send('Target.getTargetInfo');
  for (const name of ['camera', 'microphone']) {
    await session.send('Browser.setPermission', {
      permission: { name },
      setting: 'denied',
      origin: server.url,
      ...(targetInfo.browserContextId && { browserContextId: targetInfo.browserContextId }),
    });
  }
  await eve.page.reload();
  await eve.page
    .getByText(/blocked|refused|denied|not allowed/i)
    .first()
    .waitFor();
  const ada = await meeting.join({ room: 'refused', name: 'Ada' });
  await eve.click('Join');
  await eve.button('Leave').waitFor();
  await eve.seesPicture(eve.tile('Ada'));
  await ada.tile('Eve').waitFor();
});

test('a permission that is withdrawn in the meeting ends the tracks, and the others see it', async ({ meeting }) => {
  const server = await meeting.serve();
  const browser = await meeting.browser({ permitted: false });
  const ada = await meeting.open({ room: 'withdrawn', name: 'Ada', browser, query: { video: '0', audio: '0' } });
  await ada.page.context().grantPermissions(['camera', 'microphone'], { origin: server.url });
  await ada.page.goto(`${server.url}/r/withdrawn?name=Ada&join=1`);
  const bob = await meeting.join({ room: 'withdrawn', name: 'Bob' });
  await bob.seesPicture(bob.tile('Ada'));
  await ada.page.evaluate(() => {
    const lost: string[] = [];
    Reflect.set(window, 'lost', lost);
    window.plenum?.on('deviceLost', ({ source }) => lost.push(source));
  });
  await ada.page.context().clearPermissions();
  await waitFor('both devices to be told lost', () =>
    ada.page.evaluate(() => [...Reflect.get(window, 'lost')].sort().join() === 'camera,microphone'),
  );
  await bob.page.getByRole('listitem', { name: /^Ada, muted, camera off/ }).waitFor();
  expect(await ada.page.evaluate(() => window.plenum?.state)).toBe('joined');
});

test('where a camera is unplugged, another one takes its place', async ({ meeting }) => {
  const browser = await meeting.browser({ args: ['--use-fake-device-for-media-stream=device-count=3'] });
  const ada = await meeting.join({ room: 'unplugged', name: 'Ada', browser });
  const bob = await meeting.join({ room: 'unplugged', name: 'Bob', query: { video: '0', audio: '0' } });
  await bob.seesPicture(bob.tile('Ada'));
  await bob.hears(1);
  // The second of Chromium's fake cameras gives depth, which no encoder takes: the last one is to be unplugged.
  await ada.page.evaluate(async () => {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
    await window.plenum.switchDevice('camera', cameras.at(-1)?.deviceId ?? '');
  });
  await bob.seesPicture(bob.tile('Ada'));
  const lost = await ada.page.evaluate(async () => {
    const events: { source: string; label: string; fallback: string | undefined; used: string | undefined }[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const room = window.plenum;
    room.on('deviceLost', ({ source, label, fallback }) => {
      const used = room.local?.publications.get(source)?.track?.label;
      events.push({ source, label, fallback, used });
      if (events.length === 2) resolve();
    });
    const before: Record<string, string | undefined> = {};
    for (const source of ['camera', 'microphone'] as const) {
      const track = room.local?.publications.get(source)?.track;
      before[source] = track?.label;
      // What the browser does when a device is unplugged.
      track?.stop();
      track?.dispatchEvent(new Event('ended'));
    }
    await promise;
    return { before, events };
  });
  expect(lost.events.map(({ source }) => source).sort()).toEqual(['camera', 'microphone']);
  for (const { source, label, fallback, used } of lost.events) {
    expect(label).toBe(lost.before[source]);
    expect(fallback).toMatch(/\S/);
    expect(fallback).not.toBe(label);
    expect(used).toBe(fallback);
  }
  await ada.page.getByText('Using another camera now.').waitFor();
  await bob.seesPicture(bob.tile('Ada'));
  await bob.hears(1);
  await ada.button('Turn camera off').waitFor();
  await ada.button('Mute microphone').waitFor();
});
