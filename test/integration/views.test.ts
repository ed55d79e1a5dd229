import { expect, test } from 'vitest';
import type { Notice, VideoCodec, ViewEntry } from '../../src/protocol/index.ts';
import { fakeCamera, fakeCapabilities, fakeMicrophone, fakeVideoParameters } from '../support/fakeMedia.ts';
import { newRequestId } from '../support/RawClient.ts';
import { received, receiving } from '../support/received.ts';
import { type Joined, setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

const stage = setStage({ config: { autoViewVideos: 4, hiddenGrace: 0.2 } });

const refused = (code: string) => ({ ok: false, error: { code, message: expect.stringMatching(/\S/) } });
const consumers = () => stage.server.app.engine.status.tally.consumers;

async function camera(person: Joined): Promise<string> {
  return (await person.request('publish', fakeCamera(newRequestId()))).publicationId;
}

const tile = (publicationId: string, width = 320): ViewEntry => ({ publicationId, width, height: width, priority: 1 });

test('an explicit view is exactly what somebody receives, and all audio', async () => {
  const ada = await stage.joined('explicit', 'ada');
  const [first, second] = [await camera(ada), await camera(ada)];
  const { publicationId: voice } = await ada.request('publish', fakeMicrophone(newRequestId()));
  const bob = await stage.joined('explicit', 'bob', { view: { videos: [tile(first)] } });
  expect(receiving(bob)).toEqual([first, voice].toSorted());
  expect(await bob.request('setView', { version: 1, view: { videos: [tile(second)] } })).toEqual({ version: 1 });
  await received(bob, [second, voice]);
  await bob.request('setView', { version: 2, view: { videos: [] } });
  await received(bob, [voice]);
  await bob.request('setView', { version: 3, view: { videos: [tile(second), tile(first)] } });
  await received(bob, [first, second, voice]);
  expect(consumers()).toBe(3);
  await bob.request('setView', { version: 4, view: 'auto' });
  await bob.request('setView', { version: 5, view: { videos: [tile(first)] } });
  await received(bob, [first, voice]);
  await waitFor('the consumers', () => consumers() === 2);
});

test('the view auto holds up to its limit of videos, the newest screen first', async () => {
  const ada = await stage.joined('auto', 'ada');
  const bob = await stage.joined('auto', 'bob');
  const cameras: string[] = [];
  for (let index = 0; index < 5; index += 1) cameras.push(await camera(ada));
  await received(bob, cameras.slice(0, 4));
  const { publicationId: screen } = await ada.request('publish', {
    ...fakeCamera(newRequestId()),
    rtpParameters: fakeVideoParameters(1),
    source: 'screen',
  });
  await received(bob, [screen, ...cameras.slice(0, 3)]);
  await ada.request('unpublish', { requestId: newRequestId(), publicationId: cameras[0] ?? '' });
  await received(bob, [screen, ...cameras.slice(1, 4)]);
  const { answer } = await stage.joined('auto', 'eve');
  expect(answer.subscriptions.map(({ publicationId }) => publicationId).toSorted()).toEqual(
    [screen, ...cameras.slice(1, 4)].toSorted(),
  );
});

test('versions of the view grow: an older one and other content of the same are refused', async () => {
  const ada = await stage.joined('versions', 'ada');
  const publicationId = await camera(ada);
  const bob = await stage.joined('versions', 'bob');
  const view = { videos: [tile(publicationId)] };
  expect(await bob.ask('setView', { version: 7, view })).toEqual({ ok: true, data: { version: 7 } });
  expect(await bob.ask('setView', { version: 7, view })).toEqual({ ok: true, data: { version: 7 } });
  expect(await bob.ask('setView', { version: 7, view: { videos: [] } })).toEqual(refused('conflict'));
  expect(await bob.ask('setView', { version: 6, view: { videos: [] } })).toEqual(refused('conflict'));
  expect(await bob.ask('setView', { version: 6, view })).toEqual(refused('conflict'));
  expect(receiving(bob)).toEqual([publicationId]);
  expect(await bob.ask('setView', { version: 8, view: { videos: [] } })).toEqual({ ok: true, data: { version: 8 } });
  await received(bob, []);
});

test('of views that come at once the last holds', async () => {
  const ada = await stage.joined('storm', 'ada');
  const cameras = await Promise.all(Array.from({ length: 6 }, () => camera(ada)));
  const bob = await stage.joined('storm', 'bob', { view: { videos: [] } });
  await Promise.all(
    Array.from({ length: 60 }, (_, index) => {
      const videos = cameras.filter((_id, at) => (index >> at) & 1).map((id) => tile(id, 100 + index));
      return bob.request('setView', { version: index + 1, view: { videos } });
    }),
  );
  const [first = '', second = ''] = cameras;
  await bob.request('setView', { version: 100, view: { videos: [tile(first), tile(second)] } });
  await received(bob, [first, second]);
  await waitFor('two consumers', () => consumers() === 2);
});

test('unknown ids, own ids and those of other rooms are passed over, until there is such a publication', async () => {
  const ada = await stage.joined('passed', 'ada');
  const bob = await stage.joined('passed', 'bob');
  const eve = await stage.joined('elsewhere', 'eve');
  const [adas, bobs, eves] = [await camera(ada), await camera(bob), await camera(eve)];
  const videos = ['nothing', bobs, eves, adas].map((id) => tile(id));
  expect(await bob.ask('setView', { version: 1, view: { videos } })).toEqual({ ok: true, data: { version: 1 } });
  await received(bob, [adas]);
  await received(ada, [bobs]);
  expect(consumers()).toBe(2);
});

test('later video waits to be started, later audio flows; each comes with its participant and publication', async () => {
  const bob = await stage.joined('later', 'bob');
  const ada = await stage.joined('later', 'ada', { metadata: { seat: 1 } });
  const video = await camera(ada);
  const { publicationId: audio } = await ada.request('publish', fakeMicrophone(newRequestId()));
  await received(bob, [video, audio]);
  const added = bob.received('subscriptionsAdded').flatMap(({ subscriptions }) => subscriptions);
  const of = (id: string) => added.find(({ publicationId }) => publicationId === id);
  const participant = { participantId: ada.answer.participantId, identity: 'ada', metadata: { seat: 1 } };
  expect(of(video)).toMatchObject({
    waiting: true,
    kind: 'video',
    muted: false,
    participantId: ada.answer.participantId,
    participant,
    publication: { publicationId: video, source: 'camera', width: 1280, height: 720, codec: 'vp8', spatialLayers: 3 },
  });
  expect(of(video)?.rtpParameters.codecs[0]?.mimeType).toBe('video/VP8');
  expect(of(audio)).toMatchObject({
    waiting: false,
    kind: 'audio',
    participant,
    publication: { publicationId: audio, source: 'microphone', codec: 'opus', spatialLayers: 1 },
  });
  // Audio is retransmitted too.
  expect(of(audio)?.rtpParameters.codecs.flatMap(({ rtcpFeedback = [] }) => rtcpFeedback)).toContainEqual({
    type: 'nack',
    parameter: '',
  });
  const subscriptionIds = added.map(({ subscriptionId }) => subscriptionId);
  expect(await bob.request('startSubscriptions', { subscriptionIds })).toEqual({});
  expect(await bob.request('startSubscriptions', { subscriptionIds: [...subscriptionIds, 'gone'] })).toEqual({});
});

test('a publication of one encoding has one layer, of simulcast as many as it has encodings', async () => {
  const ada = await stage.joined('layers', 'ada');
  for (const layers of [1, 2, 3]) {
    await ada.request('publish', { ...fakeCamera(newRequestId()), rtpParameters: fakeVideoParameters(layers) });
  }
  const { room } = (await stage.joined('layers', 'bob')).answer;
  expect(room.publications.map(({ spatialLayers }) => spatialLayers)).toEqual([1, 2, 3]);
});

test('the common video codecs shrink and grow with those who come and go', async () => {
  const ada = await stage.joined('codecs', 'ada');
  expect(ada.answer.room.videoCodecs).toEqual(['vp8', 'vp9', 'h264', 'av1']);
  const told = (codecs: VideoCodec[]) =>
    ada.next('roomChanged', ({ videoCodecs }) => String(videoCodecs) === String(codecs));
  const bob = await stage.joined('codecs', 'bob', { recvRtpCapabilities: fakeCapabilities(['VP8', 'H264']) });
  expect(bob.answer.room.videoCodecs).toEqual(['vp8', 'h264']);
  await told(['vp8', 'h264']);
  const eve = await stage.joined('codecs', 'eve', { recvRtpCapabilities: fakeCapabilities(['AV1']) });
  // VP8 stays: browsers must have it.
  expect(eve.answer.room.videoCodecs).toEqual(['vp8']);
  await told(['vp8']);
  await eve.request('leave', {});
  await bob.request('leave', {});
  await told(['vp8', 'vp9', 'h264', 'av1']);
});

test('whoever changes its view without end is refused, and nobody else', async () => {
  const [bob, cyd] = [await stage.joined('busy', 'bob'), await stage.joined('busy', 'cyd')];
  const empty = (version: number) => ({ version, view: { videos: [] } });
  const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => bob.ask('setView', empty(index + 1))));
  expect(answers.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(100);
  expect(answers.at(-1)).toMatchObject({ ok: false, error: { code: 'rate-limited' } });
  expect(await cyd.request('setView', empty(1))).toEqual({ version: 1 });
  await waitFor('the next view', async () => (await bob.ask('setView', empty(1000))).ok, { intervalMs: 100 });
});

test('views that no client sends harm nobody: neither the connection, nor the own view, nor a neighbour', async () => {
  const ada = await stage.joined('hostile', 'ada');
  const [first, second] = [await camera(ada), await camera(ada)];
  const bob = await stage.joined('hostile', 'bob', { view: { videos: [tile(first)] } });
  const cyd = await stage.joined('hostile', 'cyd', { view: { videos: [tile(second)] } });
  expect(await bob.request('setView', { version: 5, view: { videos: [tile(first)] } })).toEqual({ version: 5 });
  const unknown = (count: number) => Array.from({ length: count }, (_, index) => tile(`nothing-${index}`));
  const set = (version: number, videos: ViewEntry[]) => bob.ask('setView', { version, view: { videos } });

  // A message has a limit of its own, which so many entries are over however short they are.
  expect(await set(6, unknown(1500))).toEqual(refused('message-too-large'));
  expect(await set(6, unknown(251))).toEqual(refused('bad-request'));
  const negative = [{ width: -1 }, { height: -320 }, { width: -1e300, height: -1e300 }];
  for (const size of negative) expect(await set(6, [{ ...tile(second), ...size }])).toEqual(refused('bad-request'));
  expect(await set(4, [tile(second)])).toEqual(refused('conflict'));
  expect([receiving(bob), receiving(cyd)]).toEqual([[first], [second]]);
  expect(consumers()).toBe(2);

  // What is unknown is passed over, also as many as may be.
  expect(await set(6, [...unknown(249), tile(first)])).toEqual({ ok: true, data: { version: 6 } });
  expect(await set(7, unknown(250))).toEqual({ ok: true, data: { version: 7 } });
  await received(bob, []);
  expect(await set(8, [tile(second)])).toEqual({ ok: true, data: { version: 8 } });
  await received(bob, [second]);

  expect(bob.socket.connected).toBe(true);
  expect(receiving(cyd)).toEqual([second]);
  expect(cyd.received('subscriptionsRemoved')).toEqual([]);
  await waitFor('the consumers', () => consumers() === 2);
});

test('somebody who cannot decode a publication is told so, and gets the rest', async () => {
  const ada = await stage.joined('decode', 'ada');
  const { publicationId: av1 } = await ada.request('publish', {
    ...fakeCamera(newRequestId()),
    rtpParameters: fakeVideoParameters(1, 'AV1'),
  });
  const bob = await stage.joined('decode', 'bob', { recvRtpCapabilities: fakeCapabilities(['VP8']) });
  expect(bob.answer.subscriptions).toEqual([]);
  const cannot =
    (id: string) =>
    ({ states }: Notice<'subscriptionState'>) =>
      states.some(({ publicationId, status }) => publicationId === id && status === 'cannot-decode');
  await bob.next('subscriptionState', cannot(av1));
  const vp8 = await camera(ada);
  const { publicationId: later } = await ada.request('publish', {
    ...fakeCamera(newRequestId()),
    rtpParameters: fakeVideoParameters(1, 'AV1'),
  });
  await bob.next('subscriptionState', cannot(later));
  await received(bob, [vp8]);
});

test('restartIce gives new credentials for the same transports', async () => {
  const ada = await stage.joined('ice', 'ada');
  const seen = new Set<string>();
  for (const transport of ['send', 'recv'] as const) {
    const before = ada.answer[`${transport}Transport`].iceParameters;
    const { iceParameters } = await ada.request('restartIce', { requestId: newRequestId(), transport });
    for (const { usernameFragment } of [before, iceParameters]) seen.add(usernameFragment);
  }
  expect(seen.size).toBe(4);
  expect(stage.server.app.engine.status.tally.transports).toBe(2);
});
