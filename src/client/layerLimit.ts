import { type EncodingPlan, spatialLayers } from './encodings.ts';

/** Each spatial layer less has a quarter of the pixels, and costs about this share of the bits. */
const shareOfLayerBelow = 0.3;

/** What `RTCRtpSender.setParameters()` takes besides the parameters (W3C webrtc-extensions). */
export interface KeyFrameOptions {
  encodingOptions: { keyFrame: boolean }[];
}

/**
 * Changes encodings so that only the layers up to `maxLayer` are sent; -1: nothing. Those that come back begin with a
 * key frame. Returns the options of `setParameters()`, or undefined where there is nothing to change.
 * @param encodings of the sender, lowest first, as `getParameters()` gave them
 * @param plan how the track was to be encoded when all of it was wanted
 */
export function limitLayers(
  encodings: RTCRtpEncodingParameters[],
  plan: EncodingPlan,
  maxLayer: number,
): KeyFrameOptions | undefined {
  const before = encodings.map((encoding) => ({ ...encoding }));
  const layers = spatialLayers(plan);
  const only = encodings.length === 1 ? encodings[0] : undefined;
  // A single encoding is all or nothing, unless it holds several layers.
  if (only) limitStream(only, plan, layers, Math.min(maxLayer, layers - 1));
  else {
    for (const [layer, encoding] of encodings.entries()) encoding.active = layer <= maxLayer;
  }
  const changed = encodings.map((encoding, index) => differs(encoding, before[index]));
  if (!changed.includes(true)) return undefined;
  const keyFrames = encodings.map(({ active }, index) => active !== false && changed[index] === true);
  return { encodingOptions: keyFrames.map((keyFrame) => ({ keyFrame })) };
}

function limitStream(encoding: RTCRtpEncodingParameters, plan: EncodingPlan, layers: number, top: number): void {
  encoding.active = top >= 0;
  // What is off keeps its form until it is on again.
  if (layers === 1 || top < 0) return;
  const missing = layers - 1 - top;
  const { scalabilityMode, maxBitrate } = plan.encodings[0] ?? {};
  Object.assign(encoding, {
    scalabilityMode: missing === 0 ? scalabilityMode : `L${top + 1}T3${top > 0 ? '_KEY' : ''}`,
    scaleResolutionDownBy: 2 ** missing,
    ...(maxBitrate !== undefined && { maxBitrate: Math.round(maxBitrate * shareOfLayerBelow ** missing) }),
  });
}

/** As TypeScript's DOM does not know it yet. */
interface Scalable extends RTCRtpEncodingParameters {
  scalabilityMode?: string;
}

function differs(a: Scalable, b: Scalable | undefined): boolean {
  return (
    (a.active ?? true) !== (b?.active ?? true) ||
    a.scalabilityMode !== b?.scalabilityMode ||
    (a.scaleResolutionDownBy ?? 1) !== (b?.scaleResolutionDownBy ?? 1) ||
    a.maxBitrate !== b?.maxBitrate
  );
}
