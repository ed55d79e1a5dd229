import { expect } from 'vitest';
import type { RoomStats } from '../../src/client/index.ts';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { waitFor } from '../support/waitFor.ts';

/** Publishes a moving drawing of that size as the camera, or puts it in place of the one that is published. */
async function draw(person: Person, width: number, height: number): Promise<void> {
  await person.page.evaluate(
    async (size) => {
      const canvas = Object.assign(document.createElement('canvas'), size);
      const drawing = canvas.getContext('2d');
      let turn = 0;
      setInterval(() => {
        if (!drawing) return;
        turn += 1;
        drawing.fillStyle = `hsl(${turn * 3} 80% 60%)`;
        drawing.fillRect(0, 0, size.width, size.height);
        drawing.fillStyle = 'white';
        drawing.fillRect((turn * 7) % size.width, (turn * 5) % size.height, 40, 40);
      }, 33);
      const [track] = canvas.captureStream(30).getVideoTracks();
      if (!track) throw new Error('the canvas gives no track');
      const publication = window.plenum.local?.publications.get('camera');
      if (publication) await publication.replaceTrack(track);
      else await window.plenum.publish(track, { source: 'camera' });
    },
    { width, height },
  );
}

/** Rates of about two seconds. */
async function statsOf(person: Person): Promise<RoomStats> {
  return person.page.evaluate(async () => {
    await window.plenum.stats();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return window.plenum.stats();
  });
}

function remoteLayers(person: Person): Promise<number | undefined> {
  return person.page.evaluate(() => [...window.plenum.participants.values()][0]?.publication('camera')?.spatialLayers);
}

async function untilWidth(person: Person, name: string, width: number): Promise<void> {
  await waitFor(
    `a picture ${width} pixels wide`,
    async () => (await person.pictureSize(person.tile(name))).width === width,
    { timeoutMs: 30_000 },
  );
}

const large = { width: 2600, height: 1500 };

test('figures of what is sent and received agree with what is published', async ({ meeting }) => {
  const ada = await meeting.join({ room: 'figures', name: 'Ada', viewport: { width: 640, height: 480 } });
  const bob = await meeting.join({ room: 'figures', name: 'Bob', viewport: large, query: { video: '0', audio: '0' } });
  await untilWidth(bob, 'Ada', 1280);
  const [sent, received] = await Promise.all([statsOf(ada), statsOf(bob)]);
  const ids = await ada.page.evaluate(() => {
    const local = window.plenum.local;
    return {
      participant: local?.participantId,
      camera: local?.publications.get('camera')?.publicationId,
      microphone: local?.publications.get('microphone')?.publicationId,
    };
  });

  expect(sent.subscriptions).toEqual([]);
  expect(sent.publications.map(({ source }) => source).sort()).toEqual(['camera', 'microphone']);
  const camera = sent.publications.find(({ source }) => source === 'camera');
  expect(camera).toMatchObject({
    publicationId: ids.camera,
    kind: 'video',
    codec: 'vp8',
    width: 1280,
    height: 720,
    encodings: [
      { active: true, width: 320, height: 180 },
      { active: true, width: 640, height: 360 },
      { active: true, width: 1280, height: 720 },
    ],
  });
  expect(camera?.framesPerSecond).toBeGreaterThan(5);
  expect(camera?.framesPerSecond).toBeLessThan(40);
  const rates = camera?.encodings.map(({ bitrate }) => bitrate) ?? [];
  expect(
    rates.every((rate) => rate > 10_000 && rate < 3_000_000),
    `bitrates ${rates}`,
  ).toBe(true);
  expect(camera?.bitrate).toBe(rates.reduce((sum, rate) => sum + rate, 0));
  expect(camera?.packetsLost).toBeLessThan(0.1);
  const microphone = sent.publications.find(({ source }) => source === 'microphone');
  expect(microphone).toMatchObject({ publicationId: ids.microphone, kind: 'audio', codec: 'opus', width: undefined });
  expect(microphone?.bitrate).toBeGreaterThan(1000);
  expect(microphone?.bitrate).toBeLessThan(100_000);

  expect(received.publications).toEqual([]);
  expect(received.subscriptions.map(({ source }) => source).sort()).toEqual(['camera', 'microphone']);
  const seen = received.subscriptions.find(({ source }) => source === 'camera');
  expect(seen).toMatchObject({
    publicationId: ids.camera,
    participantId: ids.participant,
    kind: 'video',
    codec: 'vp8',
    width: 1280,
    height: 720,
    layer: { spatial: 2 },
  });
  // Only the largest of the three is received.
  const top = rates.at(-1) ?? 0;
  expect(seen?.bitrate).toBeGreaterThan(top * 0.5);
  expect(seen?.bitrate).toBeLessThan(top * 2);
  expect(seen?.framesPerSecond).toBeGreaterThan(5);
  expect(seen?.framesDecoded).toBeGreaterThan(10);
  const heard = received.subscriptions.find(({ source }) => source === 'microphone');
  expect(heard).toMatchObject({ publicationId: ids.microphone, participantId: ids.participant, codec: 'opus' });
  expect(heard?.bitrate).toBeGreaterThan(1000);

  for (const { roundTripTimeMs, at } of [sent, received]) {
    // Over loopback; a busy machine takes its time.
    expect(roundTripTimeMs).toBeGreaterThanOrEqual(0);
    expect(roundTripTimeMs).toBeLessThan(200);
    expect(Math.abs(at - Date.now())).toBeLessThan(10_000);
  }
  expect(sent.availableOutgoingBitrate).toBeGreaterThan(300_000);

  const after = await bob.page.evaluate(async () => {
    const room = window.plenum;
    await room.leave();
    return room.stats().then(
      () => 'figures',
      (error: { code: string }) => error.code,
    );
  });
  expect(after).toBe('closed');
});

test('a track of another size is sent in as many encodings as fit it, under the same publication', async ({
  meeting,
}) => {
  const ada = await meeting.join({ room: 'sizes', name: 'Ada', query: { video: '0', audio: '0' } });
  const bob = await meeting.join({ room: 'sizes', name: 'Bob', viewport: large, query: { video: '0', audio: '0' } });
  await draw(ada, 1280, 720);
  await ada.page.evaluate(() => Reflect.set(window, 'first', window.plenum.local?.publications.get('camera')));
  for (const [width, height, layers] of [
    [1280, 720, 3],
    [320, 180, 1],
    [1280, 720, 3],
    [640, 360, 2],
  ] as const) {
    if ((await remoteLayers(bob)) !== layers) await draw(ada, width, height);
    await untilWidth(bob, 'Ada', width);
    await waitFor(`${layers} layers`, async () => (await remoteLayers(bob)) === layers);
    await bob.seesPicture(bob.tile('Ada'));
    const { publications } = await statsOf(ada);
    expect(publications.map(({ encodings }) => encodings.length)).toEqual([layers]);
    expect(publications[0]).toMatchObject({ width, height });
  }
  expect(
    await ada.page.evaluate(() => Reflect.get(window, 'first') === window.plenum.local?.publications.get('camera')),
  ).toBe(true);
  // What was replaced is gone from the room.
  expect(await bob.page.locator('[data-testid="tile"]').count()).toBe(2);
  expect(
    await bob.page.evaluate(() =>
      [...window.plenum.participants.values()].map(({ publications }) => publications.size),
    ),
  ).toEqual([1]);
});

test('a join after prepare() uses the connection that is there', async ({ meeting }) => {
  const server = await meeting.serve();
  const ada = await meeting.open({ room: 'prepared', name: 'Ada', query: { video: '0', audio: '0' } });
  await waitFor('the lobby to be connected', () => ada.page.evaluate(() => window.plenum?.state === 'prepared'));
  const sockets: string[] = [];
  const tokens: string[] = [];
  ada.page.on('websocket', (socket) => sockets.push(socket.url()));
  ada.page.on('request', (request) => {
    if (request.url().includes('/api/token') || request.url().includes('/socket.io')) tokens.push(request.url());
  });
  expect(server.app.gateway.sockets).toBe(1);
  expect(server.app.registry.participants).toBe(0);
  await ada.click('Join');
  await ada.button('Leave').waitFor();
  expect(await ada.page.evaluate(() => window.plenum.state)).toBe('joined');
  expect(server.app.gateway.sockets).toBe(1);
  expect(server.app.registry.participants).toBe(1);
  expect(sockets).toEqual([]);
  expect(tokens).toEqual([]);
});

test('a page that was open for long before the join has lost its connection, and joins all the same', async ({
  meeting,
}) => {
  const server = await meeting.serve({ config: { prepareTimeout: 3 } });
  const ada = await meeting.open({ room: 'prepared', name: 'Ada', query: { video: '0', audio: '0' } });
  // It begins idle as well.
  for (const state of ['prepared', 'idle']) {
    await waitFor(`the page to be ${state}`, () =>
      ada.page.evaluate((wanted) => window.plenum?.state === wanted, state),
    );
  }
  expect(server.app.gateway.sockets).toBe(0);
  await ada.click('Join');
  await ada.button('Leave').waitFor();
  expect(await ada.page.evaluate(() => window.plenum.state)).toBe('joined');
  expect(server.app.registry.participants).toBe(1);
});
