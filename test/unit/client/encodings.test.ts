import { describe, expect, it } from 'vitest';
import {
  cameraEncodingCount,
  chooseCodec,
  planAudio,
  planCamera,
  planEncodings,
  planScreen,
  spatialLayers,
} from '../../../src/client/encodings.ts';

describe('camera encodings', () => {
  it.each([
    [1920, 1080, 3],
    [1280, 720, 3],
    [720, 1280, 3],
    [960, 540, 3],
    [958, 540, 2],
    [640, 480, 2],
    [480, 270, 2],
    [478, 270, 1],
    [320, 180, 1],
  ])('%ix%i gets %i, the largest at full size', (width, height, count) => {
    const { encodings } = planCamera({ width, height }, 'vp8');
    expect(cameraEncodingCount({ width, height })).toBe(count);
    expect(encodings.map((encoding) => encoding.scaleResolutionDownBy)).toEqual([4, 2, 1].slice(3 - count));
    expect(encodings.every((encoding) => encoding.scalabilityMode === 'L1T3')).toBe(true);
  });

  it('spend more on larger pictures, within bounds', () => {
    const rates = planCamera({ width: 1280, height: 720 }, 'vp8').encodings.map((encoding) => encoding.maxBitrate ?? 0);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(rates.at(-1)).toBe(1_700_000);
    expect(planCamera({ width: 3840, height: 2160 }, 'vp8').encodings.at(-1)?.maxBitrate).toBe(3_000_000);
    expect(planCamera({ width: 64, height: 36 }, 'vp8').encodings[0]?.maxBitrate).toBe(80_000);
  });

  it('start with a bandwidth that carries the largest one', () => {
    for (const size of [
      { width: 1280, height: 720 },
      { width: 640, height: 480 },
      { width: 320, height: 180 },
    ]) {
      const { encodings, codecOptions } = planCamera(size, 'vp8');
      const below = encodings.slice(0, -1).reduce((sum, encoding) => sum + (encoding.maxBitrate ?? 0), 0);
      const start = (codecOptions.videoGoogleStartBitrate ?? 0) * 1000;
      expect(start).toBeGreaterThan(below);
      expect(start).toBeLessThan(below + (encodings.at(-1)?.maxBitrate ?? 0));
    }
  });

  it('are one stream where the worker takes no simulcast', () => {
    const size = { width: 1280, height: 720 };
    const modes = (...args: Parameters<typeof planCamera>) =>
      planCamera(...args).encodings.map((encoding) => encoding.scalabilityMode);
    expect(modes(size, 'vp9')).toEqual(['L3T3_KEY']);
    expect(modes({ width: 640, height: 480 }, 'vp9')).toEqual(['L2T3_KEY']);
    expect(modes({ width: 320, height: 180 }, 'vp9')).toEqual(['L1T3']);
    expect(modes(size, 'vp9', false)).toEqual(['L1T3']);
    expect(modes(size, 'av1')).toEqual(['L1T3']);
    expect(modes(size, 'h264')).toHaveLength(3);
    expect(planScreen(size, 'vp9').encodings).toHaveLength(1);
  });
});

describe('other encodings', () => {
  it('a screen keeps its full size', () => {
    const { encodings } = planScreen({ width: 1920, height: 1080 }, 'vp8');
    expect(encodings.at(-1)).toMatchObject({ scaleResolutionDownBy: 1, maxBitrate: 3_000_000 });
    expect(planScreen({ width: 400, height: 300 }, 'vp8').encodings).toHaveLength(1);
  });

  it('a microphone may fall silent, the sound of a screen may not', () => {
    expect(planAudio('microphone').codecOptions).toMatchObject({ opusDtx: true, opusFec: true, opusNack: true });
    expect(planAudio('screen-audio').codecOptions).toMatchObject({ opusDtx: false, opusStereo: true });
  });

  it('count their spatial layers', () => {
    const size = { width: 1280, height: 720 };
    expect(spatialLayers(planEncodings('camera', size, 'vp8', false))).toBe(3);
    expect(spatialLayers(planEncodings('camera', size, 'vp9', true))).toBe(3);
    expect(spatialLayers(planEncodings('screen', size, 'vp8', false))).toBe(2);
    expect(spatialLayers(planEncodings('microphone', size, 'vp8', false))).toBe(1);
  });
});

describe('the codec', () => {
  it('is the wanted one where all can decode it and this browser can send it', () => {
    expect(chooseCodec('av1', ['vp8', 'av1'], ['vp8', 'av1'])).toBe('av1');
    expect(chooseCodec('av1', ['vp8', 'vp9'], ['vp8', 'av1'])).toBe('vp8');
    expect(chooseCodec('h264', ['vp8', 'h264'], ['vp8'])).toBe('vp8');
  });
});
