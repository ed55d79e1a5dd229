import { expect } from 'vitest';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

interface CameraWatch {
  /** Every camera track that the page has opened. */
  tracks: MediaStreamTrack[];
  /** How many times it has asked for one. */
  asked: number;
  /** From now on a camera opens only after `letGo()`. */
  hold(): void;
  letGo(): void;
}

declare global {
  interface Window {
    cameras: CameraWatch;
  }
}

const watchCameras = `
  let gate, letGo = () => {};
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.cameras = {
    tracks: [],
    asked: 0,
    hold: () => { gate = new Promise((resolve) => { letGo = resolve; }); },
    letGo: () => letGo(),
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    window.cameras.asked += 1;
    await gate;
    const stream = await open(constraints);
    window.cameras.tracks.push(...stream.getVideoTracks());
    return stream;
  };
`;

function camerasOn(person: Person): Promise<number> {
  return person.page.evaluate(() => window.cameras.tracks.filter((track) => track.readyState === 'live').length);
}

/** Begins to switch to the camera that there is, which then takes as long as the test likes. */
async function switchSlowly(person: Person): Promise<void> {
  await person.page.evaluate(async () => {
    const [camera] = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
    window.cameras.hold();
    window.cameras.asked = 0;
    const outcome = window.plenum.switchDevice('camera', camera?.deviceId ?? '').then(
      () => 'switched',
      (error: { code: string }) => error.code,
    );
    Reflect.set(window, 'outcome', outcome);
  });
  await waitFor('the camera to be starting', () => person.page.evaluate(() => window.cameras.asked === 1));
}

function outcomeOf(person: Person): Promise<unknown> {
  return person.page.evaluate(() => {
    window.cameras.letGo();
    return Reflect.get(window, 'outcome');
  });
}

test('a camera that is turned off while another one is starting stays dark', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'slow', name: 'Ada', query: { audio: '0' }, initScript: watchCameras });
  const bob = await meeting.join({ room: 'slow', name: 'Bob', query: { audio: '0', video: '0' } });
  await bob.seesPicture(bob.tile('Ada'));
  await switchSlowly(ada);
  await ada.page.evaluate(() => window.plenum.setCameraEnabled(false));
  expect(await camerasOn(ada)).toBe(0);
  expect(await outcomeOf(ada)).toBe('switched');
  expect(await camerasOn(ada)).toBe(0);
  expect(await ada.page.evaluate(() => window.plenum.local?.publications.get('camera')?.muted)).toBe(true);
  await ada.page.evaluate(() => window.plenum.setCameraEnabled(true));
  expect(await camerasOn(ada)).toBe(1);
  await bob.seesPicture(bob.tile('Ada'));
});

test('a camera whose publication ends while another one is starting is released', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'gone', name: 'Ada', query: { audio: '0' }, initScript: watchCameras });
  await waitFor('the camera', () => ada.page.evaluate(() => window.plenum.local?.publications.has('camera') === true));
  await switchSlowly(ada);
  await ada.page.evaluate(async () => {
    const publication = window.plenum.local?.publications.get('camera');
    if (publication) await window.plenum.unpublish(publication);
  });
  expect(await outcomeOf(ada)).toBe('switched');
  expect(await camerasOn(ada)).toBe(0);
});

test('a camera that starts after the room was left is released', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'left', name: 'Ada', query: { audio: '0' }, initScript: watchCameras });
  await waitFor('the camera', () => ada.page.evaluate(() => window.plenum.local?.publications.has('camera') === true));
  await switchSlowly(ada);
  await ada.page.evaluate(() => window.plenum.leave());
  expect(await outcomeOf(ada)).toBe('aborted');
  expect(await camerasOn(ada)).toBe(0);
});

test('shared screens are stopped when they are unpublished, tracks of the application are not', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'owners', name: 'Ada', query: { audio: '0', video: '0' } });
  const states = await ada.page.evaluate(async () => {
    const room = window.plenum;
    const shared = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
    const [screen] = shared.getVideoTracks();
    const [sound] = shared.getAudioTracks();
    const [drawing] = document.createElement('canvas').captureStream(5).getVideoTracks();
    const [tone] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
    if (!screen || !sound || !drawing || !tone) throw new Error('this browser gives too few tracks');
    const ended: Record<string, string> = {};
    for (const [name, track, source, keepTrack] of [
      ['kept', screen.clone(), 'screen', true],
      ['screen', screen, 'screen', false],
      ['sound', sound, 'screen-audio', false],
      ['drawing', drawing, 'screen', false],
      ['tone', tone, 'screen-audio', false],
    ] as const) {
      const publication = await room.publish(track, { source, keepTrack });
      await room.unpublish(publication);
      ended[name] = track.readyState;
    }
    return ended;
  });
  expect(states).toEqual({ kept: 'live', screen: 'ended', sound: 'ended', drawing: 'live', tone: 'live' });
});

test('a mute that the server refused is told to it again', async ({ meeting }) => {
  const ada = await meeting.open({ room: 'again', name: 'Ada', query: { video: '0' } });
  let refused = 0;
  await ada.page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const id = /^42(\d+)\["updatePublication"/.exec(String(message))?.[1];
      if (id === undefined || refused > 0) return server.send(message);
      refused += 1;
      socket.send(`43${id}[${JSON.stringify({ ok: false, error: { code: 'internal', message: 'not now' } })}]`);
    });
  });
  await ada.page.reload();
  await ada.click('Join');
  await ada.button('Leave').waitFor();
  const bob = await meeting.join({ room: 'again', name: 'Bob', query: { video: '0' } });
  await bob.hears(1);
  const outcome = await ada.page.evaluate(() =>
    window.plenum.setMicrophoneEnabled(false).then(
      () => 'muted',
      (error: { code: string }) => error.code,
    ),
  );
  expect(outcome).toBe('internal');
  expect(refused).toBe(1);
  await bob.page.getByRole('listitem', { name: /^Ada, muted/ }).waitFor({ timeout: 5000 });
});
