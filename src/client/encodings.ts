import type { types } from 'mediasoup-client';
import type { Source, VideoCodec } from '../protocol/index.ts';

/** How a track is encoded: what mediasoup-client's `produce()` takes. */
export interface EncodingPlan {
  encodings: types.RtpEncodingParameters[];
  codecOptions: types.ProducerCodecOptions;
}

export interface VideoSize {
  /** Pixels. */
  width: number;
  height: number;
}

/** What is assumed of a track that does not tell its size yet. */
export const assumedSize: VideoSize = { width: 1280, height: 720 };

/**
 * How many simulcast encodings a camera of this size gets. libwebrtc silently sends fewer than it was asked for below
 * these sizes, and then it is the largest that is missing.
 */
export function cameraEncodingCount({ width, height }: VideoSize): 1 | 2 | 3 {
  const pixels = width * height;
  if (pixels >= 960 * 540) return 3;
  if (pixels >= 480 * 270) return 2;
  return 1;
}

/** Bits per second that make a camera picture of that many pixels look good at 30 frames per second in VP8. */
function cameraBitrate(pixels: number): number {
  const rate = 1_700_000 * (pixels / (1280 * 720)) ** 0.9;
  return Math.round(Math.min(3_000_000, Math.max(80_000, rate)) / 1000) * 1000;
}

/**
 * The bandwidth, in kbit/s, with which the sender starts. Without it Chromium climbs from 300 kbit/s and leaves the
 * largest encoding off for many seconds. An encoding starts at about 70 % of its maximum, those below it at 100 %.
 */
function startBitrate(encodings: readonly types.RtpEncodingParameters[]): number {
  const rates = encodings.map((encoding) => encoding.maxBitrate ?? 0);
  const top = rates.at(-1) ?? 0;
  const below = rates.slice(0, -1).reduce((sum, rate) => sum + rate, 0);
  return Math.min(3000, Math.round((below + top * 0.7) / 1000));
}

function withStart(encodings: types.RtpEncodingParameters[]): EncodingPlan {
  return { encodings, codecOptions: { videoGoogleStartBitrate: startBitrate(encodings) } };
}

/**
 * Simulcast with three temporal layers for VP8 and H.264. The worker takes no simulcast of VP9 and AV1: VP9 is one
 * scalable stream with several sizes (or with one, where `svc` is false), AV1 one stream of one size, because receivers
 * cannot decode its larger sizes without the dependency descriptor, which the worker does not pass on.
 */
export function planCamera(size: VideoSize, codec: VideoCodec, svc = true): EncodingPlan {
  const pixels = size.width * size.height;
  const count = cameraEncodingCount(size);
  if (isOneStream(codec)) {
    const spatial = codec === 'vp9' && svc ? count : 1;
    const scalabilityMode = `L${spatial}T3${spatial > 1 ? '_KEY' : ''}`;
    // In a newer codec all layers together cost about what VP8's largest encoding does alone.
    return withStart([{ scalabilityMode, maxBitrate: cameraBitrate(pixels) }]);
  }
  const encodings = Array.from({ length: count }, (_, layer) => {
    const scale = 2 ** (count - 1 - layer);
    return {
      scaleResolutionDownBy: scale,
      scalabilityMode: 'L1T3',
      maxBitrate: cameraBitrate(pixels / scale ** 2),
    };
  });
  return withStart(encodings);
}

/** Whether all layers of a codec are in one stream. */
function isOneStream(codec: VideoCodec): boolean {
  return codec === 'vp9' || codec === 'av1';
}

/**
 * Text first: the full size always, at a high rate that a still picture seldom uses. The small encoding is for
 * thumbnails and for those whose bandwidth cannot carry the large one at its lowest frame rate.
 */
export function planScreen(size: VideoSize, codec: VideoCodec): EncodingPlan {
  const sharp = { maxBitrate: 3_000_000, maxFramerate: 30, scaleResolutionDownBy: 1, scalabilityMode: 'L1T3' };
  if (isOneStream(codec) || cameraEncodingCount(size) < 3) return withStart([sharp]);
  return withStart([
    { scaleResolutionDownBy: 2, scalabilityMode: 'L1T3', maxBitrate: 400_000, maxFramerate: 15 },
    sharp,
  ]);
}

/** Speech for microphones; music-like stereo without gaps for the sound of a screen. */
export function planAudio(source: Source): EncodingPlan {
  if (source === 'screen-audio') {
    return {
      encodings: [{ maxBitrate: 128_000 }],
      codecOptions: { opusStereo: true, opusDtx: false, opusFec: true, opusNack: true, opusMaxAverageBitrate: 128_000 },
    };
  }
  return {
    encodings: [{ maxBitrate: 48_000, dtx: true, networkPriority: 'high' }],
    codecOptions: { opusStereo: false, opusDtx: true, opusFec: true, opusNack: true, opusMaxAverageBitrate: 40_000 },
  };
}

/** The plan for a track of this source. */
export function planEncodings(source: Source, size: VideoSize, codec: VideoCodec, svc: boolean): EncodingPlan {
  switch (source) {
    case 'camera':
      return planCamera(size, codec, svc);
    case 'screen':
      return planScreen(size, codec);
    case 'microphone':
    case 'screen-audio':
      return planAudio(source);
  }
}

/** How many spatial layers a plan has. */
export function spatialLayers(plan: EncodingPlan): number {
  const svc = /^L(\d)/.exec(plan.encodings[0]?.scalabilityMode ?? '')?.[1];
  return Math.max(plan.encodings.length, svc ? Number(svc) : 1);
}

/** The wanted codec where everybody in the room can decode it and this browser can send it, else VP8. */
export function chooseCodec(
  wanted: VideoCodec,
  roomCodecs: readonly VideoCodec[],
  sendCodecs: readonly string[],
): VideoCodec {
  return roomCodecs.includes(wanted) && sendCodecs.includes(wanted) ? wanted : 'vp8';
}
