import { describe, expect, it } from 'vitest';
import { type EncodingPlan, planEncodings } from '../../../src/client/encodings.ts';
import { limitLayers } from '../../../src/client/layerLimit.ts';
import type { VideoCodec } from '../../../src/protocol/index.ts';

const size = { width: 1280, height: 720 };
const planOf = (codec: VideoCodec, source: 'camera' | 'screen' = 'camera') => planEncodings(source, size, codec, true);

/** The encodings of a sender, as the browser keeps them: changed by each limit after the other. */
function senderOf(plan: EncodingPlan) {
  const encodings: RTCRtpEncodingParameters[] = plan.encodings.map((encoding) => ({ active: true, ...encoding }));
  return {
    encodings,
    limit: (maxLayer: number) => {
      const options = limitLayers(encodings, plan, maxLayer);
      return { active: encodings.map(({ active }) => active), keyFrames: options?.encodingOptions };
    },
  };
}

const keyFrames = (...list: boolean[]) => list.map((keyFrame) => ({ keyFrame }));

describe('layers that nobody watches', () => {
  it('are off, and come back with a key frame', () => {
    const { limit } = senderOf(planOf('vp8'));
    expect(limit(0)).toEqual({ active: [true, false, false], keyFrames: keyFrames(false, false, false) });
    expect(limit(2)).toEqual({ active: [true, true, true], keyFrames: keyFrames(false, true, true) });
    expect(limit(-1)).toEqual({ active: [false, false, false], keyFrames: keyFrames(false, false, false) });
    expect(limit(1)).toEqual({ active: [true, true, false], keyFrames: keyFrames(true, true, false) });
  });

  it('need no change where they are off already, or where there is no higher one', () => {
    const { limit } = senderOf(planOf('vp8'));
    expect(limit(2).keyFrames).toBeUndefined();
    expect(limit(7).keyFrames).toBeUndefined();
    limit(0);
    expect(limit(0).keyFrames).toBeUndefined();
  });

  it('of a single encoding are all or nothing', () => {
    const { limit, encodings } = senderOf(planOf('av1'));
    expect(limit(0).keyFrames).toBeUndefined();
    const before = { ...encodings[0] };
    expect(limit(-1).active).toEqual([false]);
    expect(limit(2)).toEqual({ active: [true], keyFrames: keyFrames(true) });
    expect(encodings[0]).toEqual(before);
  });

  it('of one scalable stream leave it smaller', () => {
    const { limit, encodings } = senderOf(planOf('vp9'));
    const [full] = encodings.map((encoding) => ({ ...encoding }));
    limit(1);
    expect(encodings[0]).toMatchObject({ active: true, scalabilityMode: 'L2T3_KEY', scaleResolutionDownBy: 2 });
    limit(0);
    expect(encodings[0]).toMatchObject({ active: true, scalabilityMode: 'L1T3', scaleResolutionDownBy: 4 });
    expect(encodings[0]?.maxBitrate).toBeLessThan((full?.maxBitrate ?? 0) / 5);
    limit(-1);
    expect(encodings[0]).toMatchObject({ active: false, scalabilityMode: 'L1T3' });
    expect(limit(2).keyFrames).toEqual(keyFrames(true));
    expect(encodings[0]).toMatchObject({ ...full, active: true, scaleResolutionDownBy: 1 });
  });

  it('of a screen leave the small encoding', () => {
    const { limit } = senderOf(planOf('vp8', 'screen'));
    expect(limit(0).active).toEqual([true, false]);
  });
});
