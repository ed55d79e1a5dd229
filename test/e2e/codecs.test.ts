import { expect } from 'vitest';
import type { VideoCodec } from '../../src/client/index.ts';
import { fakeCapabilities } from '../support/fakeMedia.ts';
import { test } from '../support/meetingTest.ts';
import type { Person } from '../support/Person.ts';
import { RawClient } from '../support/RawClient.ts';
import { waitFor } from '../support/waitFor.ts';

/** Publishes a small camera: software encoders of newer codecs are slow. */
async function publishCamera(person: Person, codec: VideoCodec, svc = false): Promise<void> {
  await person.page.evaluate(
    async (options) => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 } });
      const [track] = stream.getVideoTracks();
      if (track) await window.plenum.publish(track, { source: 'camera', ...options });
    },
    { codec, svc },
  );
}

function codecOf(person: Person): Promise<string | undefined> {
  return person.page.evaluate(() => [...window.plenum.participants.values()][0]?.publication('camera')?.codec);
}

const cases: { codec: VideoCodec; svc: boolean }[] = [
  { codec: 'vp8', svc: false },
  { codec: 'vp9', svc: false },
  { codec: 'vp9', svc: true },
  { codec: 'h264', svc: false },
  { codec: 'av1', svc: false },
];

for (const { codec, svc } of cases) {
  test(`a camera in ${codec}${svc ? ' with scalable layers' : ''}`, async ({ meeting }) => {
    const ada = await meeting.join({ room: 'codec', name: 'Ada', query: { video: '0', audio: '0' } });
    const bob = await meeting.join({ room: 'codec', name: 'Bob', query: { video: '0', audio: '0' } });
    await publishCamera(ada, codec, svc);
    await bob.seesPicture(bob.tile('Ada'));
    expect(await codecOf(bob)).toBe(codec);
  });
}

test('a publisher turns to VP8 while somebody is there who cannot decode what it would send', async ({ meeting }) => {
  const server = await meeting.serve();
  const ada = await meeting.join({ room: 'fallback', name: 'Ada', query: { video: '0', audio: '0' } });
  const bob = await meeting.join({ room: 'fallback', name: 'Bob', query: { video: '0', audio: '0' } });
  await publishCamera(ada, 'vp9');
  await bob.seesPicture(bob.tile('Ada'));
  const old = await RawClient.connect(server.url, await server.token('fallback', 'old'));
  await old.join({ recvRtpCapabilities: fakeCapabilities(['VP8', 'H264']) });
  await waitFor('Ada to send VP8', async () => (await codecOf(bob)) === 'vp8');
  await bob.seesPicture(bob.tile('Ada'));
  old.close();
  await waitFor('Ada to send VP9 again', async () => (await codecOf(bob)) === 'vp9');
  await bob.seesPicture(bob.tile('Ada'));
});
