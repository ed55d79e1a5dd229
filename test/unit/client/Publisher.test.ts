import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Hub } from '../../../src/client/Hub.ts';
import { Publisher } from '../../../src/client/Publisher.ts';
import type { Session } from '../../../src/client/Session.ts';
import { plainGrants, plainRoomSettings, type VideoCodec } from '../../../src/protocol/index.ts';
import { fakeVideoParameters } from '../../support/fakeMedia.ts';

interface FakeSender {
  encodings: RTCRtpEncodingParameters[];
  /** How often each encoding was told to begin with a key frame. */
  keyFrames: number[];
  busy: boolean;
}

/** A browser's sender: parameters are to be set as they were got, one change at a time. */
function fakeSender(encodings: RTCRtpEncodingParameters[]) {
  const state: FakeSender = {
    encodings: encodings.map((encoding) => ({ active: true, ...encoding })),
    keyFrames: encodings.map(() => 0),
    busy: false,
  };
  const rtpSender = {
    getParameters: () => ({ encodings: structuredClone(state.encodings) }),
    setParameters: async (
      { encodings: next }: { encodings: RTCRtpEncodingParameters[] },
      options?: { encodingOptions?: { keyFrame: boolean }[] },
    ) => {
      if (state.busy) throw new DOMException('twice at once', 'InvalidModificationError');
      state.busy = true;
      await Promise.resolve();
      state.busy = false;
      state.encodings = next;
      for (const [index, { keyFrame }] of (options?.encodingOptions ?? []).entries()) {
        if (keyFrame) state.keyFrames[index] = (state.keyFrames[index] ?? 0) + 1;
      }
    },
  };
  return { state, rtpSender };
}

function fakeTrack(width = 1280, height = 720): MediaStreamTrack {
  const track = Object.assign(new EventTarget(), {
    kind: 'video',
    readyState: 'live',
    enabled: true,
    getSettings: () => ({ width, height }),
  });
  return track as unknown as MediaStreamTrack;
}

describe('what nobody watches', () => {
  let hub: Hub;
  let publisher: Publisher;
  let senders: FakeSender[];
  let errors: string[];
  let answer: (publicationId: string) => void;
  let restored: () => void;

  beforeEach(() => {
    vi.stubGlobal('MediaStreamTrack', class {});
    hub = new Hub();
    errors = [];
    senders = [];
    hub.on('error', (error) => errors.push(error.message));
    publisher = new Publisher(hub, () => undefined);
    publisher.attach(session(), { videoCodecs: ['vp8', 'vp9'], settings: plainRoomSettings });
  });
  afterEach(() => {
    publisher.close();
    vi.unstubAllGlobals();
    expect(errors).toEqual([]);
  });

  /** A visit whose `publish` waits until the test answers; everything else is answered at once. */
  function session(): Session {
    const fake = {
      alive: true,
      welcome: { grants: plainGrants },
      whenRestored: (listener: () => void) => {
        restored = listener;
      },
      link: {
        sendVideoCodecs: ['vp8', 'vp9'],
        produce: async (track: MediaStreamTrack, { encodings }: { encodings: RTCRtpEncodingParameters[] }) => {
          const { state, rtpSender } = fakeSender(encodings);
          senders.push(state);
          const producer = {
            track,
            rtpSender,
            closed: false,
            rtpParameters: fakeVideoParameters(encodings.length),
            close: () => Object.assign(producer, { closed: true }),
            replaceTrack: async ({ track: next }: { track: MediaStreamTrack | null }) => {
              Object.assign(producer, { track: next });
            },
          };
          return producer;
        },
      },
      request: (name: string) =>
        name === 'publish'
          ? new Promise((resolve) => {
              answer = (publicationId) => resolve({ publicationId, muted: false });
            })
          : Promise.resolve({}),
    };
    return fake as unknown as Session;
  }

  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  const active = (index: number) => senders[index]?.encodings.map((encoding) => encoding.active);
  const say = (publicationId: string, maxSpatialLayer: number) =>
    publisher.wantedLayers([{ publicationId, maxSpatialLayer }]);

  async function publish(publicationId: string, before: () => void = () => undefined) {
    const published = publisher.publish(fakeTrack(), { source: 'camera' });
    await settled();
    before();
    answer(publicationId);
    return published;
  }

  it('ends with the right to send it, whatever the server says of the publication', async () => {
    const removed: string[] = [];
    hub.on('localPublicationRemoved', ({ source }) => removed.push(source));
    await publish('one');
    publisher.allowed({ ...plainGrants, canPublish: ['camera', 'microphone'] }, plainRoomSettings);
    expect(removed).toEqual([]);
    publisher.allowed({ ...plainGrants, canPublish: ['microphone'] }, plainRoomSettings);
    await settled();
    expect(removed).toEqual(['camera']);
    expect(publisher.publications.size).toBe(0);
  });

  it('is switched off, and on again with a key frame', async () => {
    await publish('p');
    expect(active(0)).toEqual([true, true, true]);
    say('p', 0);
    await settled();
    expect(active(0)).toEqual([true, false, false]);
    say('p', -1);
    await settled();
    expect(active(0)).toEqual([false, false, false]);
    say('p', 1);
    await settled();
    expect(active(0)).toEqual([true, true, false]);
    expect(senders[0]?.keyFrames).toEqual([1, 1, 0]);
  });

  it('is not disturbed by the whole pictures that are made when the media flow again', async () => {
    await publish('p');
    say('p', 1);
    await settled();
    restored();
    await vi.waitFor(() => expect(senders[0]?.keyFrames).toEqual([1, 1, 1]));
    expect(active(0)).toEqual([true, true, false]);
  });

  it('is known before the publication is, when the server says so before it answers', async () => {
    await publish('p', () => say('p', 1));
    expect(active(0)).toEqual([true, true, false]);
  });

  it('holds when words come faster than the browser takes them, also beside a wish for a key frame', async () => {
    await publish('p');
    for (const layer of [0, 2, -1, 1]) say('p', layer);
    publisher.keyFrameWanted('p');
    say('p', 0);
    await vi.waitFor(() => expect(active(0)).toEqual([true, false, false]));
  });

  it('stays off under another track, and is told anew of another publication', async () => {
    const publication = await publish('p');
    say('p', 0);
    await settled();
    await publication.replaceTrack(fakeTrack());
    expect(active(0)).toEqual([true, false, false]);
    // Another number of encodings needs another producer, of which the server has said nothing yet.
    const renewed = publication.replaceTrack(fakeTrack(640, 360));
    await settled();
    say('q', 0);
    answer('q');
    await renewed;
    expect(active(1)).toEqual([true, false]);
    expect(publication.publicationId).toBe('q');
  });

  it('is forgotten when a visit ends: the next one begins with all of it', async () => {
    const publication = await publish('p');
    say('p', -1);
    await settled();
    publisher.detach();
    publisher.attach(session(), { videoCodecs: ['vp8'], settings: plainRoomSettings });
    await settled();
    answer('p');
    await vi.waitFor(() => expect(senders).toHaveLength(2));
    expect(active(1)).toEqual([true, true, true]);
    expect(publication.muted).toBe(false);
  });

  it('of a muted camera does not come back with it', async () => {
    const publication = await publish('p');
    await publication.mute();
    say('p', 0);
    await settled();
    await publication.unmute();
    expect(active(0)).toEqual([true, false, false]);
  });

  it.each<[VideoCodec, number, string]>([['vp9', 1, 'L2T3_KEY']])(
    'in one stream of %s is left out',
    async (codec, layer, mode) => {
      const published = publisher.publish(fakeTrack(), { source: 'camera', codec });
      await settled();
      answer('p');
      await published;
      say('p', layer);
      await settled();
      expect(senders[0]?.encodings).toEqual([expect.objectContaining({ scalabilityMode: mode, active: true })]);
    },
  );
});
