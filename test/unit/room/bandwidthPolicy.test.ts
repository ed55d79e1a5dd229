import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allowanceOf,
  audioLimit,
  exceeds,
  isAll,
  type Load,
  lowestBitrate,
  oneMore,
  unlimited,
} from '../../../src/room/bandwidthPolicy.ts';

const load = (audio: number, ...bitrates: number[]): Load => ({
  audio,
  claims: bitrates.map((bitrate, index) => ({ publicationId: `v${index}`, bitrate })),
});

const all = Number.POSITIVE_INFINITY;
const loads = fc
  .record({ audio: fc.nat(12), bitrates: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300_000 }))) })
  .map(({ audio, bitrates }) => load(audio, ...bitrates));
const estimates = fc.integer({ min: 0, max: 5_000_000 });

describe('what a bandwidth can carry', () => {
  test.each([
    [10_000, 1],
    [100_000, 1],
    [200_000, 2],
    [300_000, 4],
    [374_000, 5],
    [375_000, 6],
    [500_000, 6],
    [5_000_000, 6],
  ])('%i bit/s without video: %i of 6 audio streams', (total, expected) => {
    expect(Math.min(6, audioLimit(total))).toBe(expected);
    expect(Math.min(6, allowanceOf(load(6), total).audio)).toBe(expected);
  });

  test('audio is taken off before video, and the least important videos have no room first', () => {
    const six = load(6, 70_000, 70_000, 70_000);
    expect(allowanceOf(six, 2_000_000)).toEqual({ videos: 3, audio: all });
    expect(allowanceOf(six, 480_000)).toEqual({ videos: 2, audio: all });
    expect(allowanceOf(six, 400_000)).toEqual({ videos: 1, audio: all });
    expect(allowanceOf(six, 399_000)).toEqual({ videos: 0, audio: all });
    expect(allowanceOf(six, 370_000)).toEqual({ videos: 0, audio: 5 });
    expect(allowanceOf(six, 200_000)).toEqual({ videos: 0, audio: 2 });
  });

  test('a video that has no room is not passed over for a less important one', () => {
    expect(allowanceOf(load(0, 50_000, 200_000, 50_000), 150_000).videos).toBe(1);
  });

  test('what is muted costs nothing', () => {
    expect(allowanceOf(load(2, 0, 0, 0), 1000)).toEqual({ videos: 3, audio: 1 });
  });

  test('no audio is lost while there is a video, and more bandwidth never carries less', () => {
    fc.assert(
      fc.property(loads, estimates, estimates, (given, one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const allowance = allowanceOf(given, low);
        expect(exceeds(allowance, allowanceOf(given, high), given)).toBe(false);
        const shown = given.claims.slice(0, allowance.videos).filter(({ bitrate }) => bitrate > 0);
        if (shown.length > 0) expect(allowance.audio).toBe(all);
        expect(allowance.audio).toBeGreaterThan(0);
        const cost = shown.reduce((sum, { bitrate }) => sum + bitrate, 0);
        if (shown.length > 0) expect(cost).toBeLessThanOrEqual(low);
      }),
    );
  });

  test('one more is more, until it is all', () => {
    fc.assert(
      fc.property(loads, estimates, (given, estimate) => {
        let allowance = allowanceOf(given, estimate);
        for (let step = 0; !isAll(allowance, given); step += 1) {
          expect(step).toBeLessThan(given.claims.length + given.audio);
          const more = oneMore(allowance, given);
          expect(exceeds(more, allowance, given)).toBe(true);
          allowance = more;
        }
        expect(exceeds(unlimited, allowance, given)).toBe(false);
      }),
    );
  });
});

describe('the lowest layers of a video', () => {
  const camera = {
    publicationId: 'v',
    participantId: 'p',
    source: 'camera' as const,
    kind: 'video' as const,
    muted: false,
    width: 1280,
    height: 720,
    codec: 'vp8',
    spatialLayers: 3,
  };

  test('of a camera of 1280x720 need 70 kbit/s, of a single encoding more', () => {
    expect(lowestBitrate(camera)).toBeCloseTo(70_100, -3);
    expect(lowestBitrate({ ...camera, spatialLayers: 1 })).toBe(850_000);
  });

  test('of a screen no more than it needs while it stands still; of what is muted nothing', () => {
    expect(lowestBitrate({ ...camera, source: 'screen', spatialLayers: 1 })).toBe(150_000);
    expect(lowestBitrate({ ...camera, muted: true })).toBe(0);
  });
});
