import type { RtpCapabilities, VideoCodec } from '../protocol/index.ts';

/** In the order in which a publisher should take them. VP8 first: every browser encodes it with simulcast. */
const preference: readonly VideoCodec[] = ['vp8', 'vp9', 'h264', 'av1'];

function decodes(capabilities: RtpCapabilities, codec: VideoCodec): boolean {
  return (capabilities.codecs ?? []).some(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`);
}

/**
 * What all participants can decode; VP8 stays in any case, since WebRTC browsers must have it (RFC 7742). Counts
 * instead of asking everybody: a join must not cost more in a larger room.
 */
export class CommonVideoCodecs {
  readonly #decoders = new Map<VideoCodec, number>(preference.map((codec) => [codec, 0]));
  #participants = 0;

  get list(): VideoCodec[] {
    return preference.filter((codec) => codec === 'vp8' || this.#decoders.get(codec) === this.#participants);
  }

  add(capabilities: RtpCapabilities): void {
    this.#count(capabilities, 1);
  }

  /** @param capabilities the same object that was added, unchanged */
  remove(capabilities: RtpCapabilities): void {
    this.#count(capabilities, -1);
  }

  #count(capabilities: RtpCapabilities, by: 1 | -1): void {
    this.#participants += by;
    for (const codec of preference) {
      if (decodes(capabilities, codec)) this.#decoders.set(codec, (this.#decoders.get(codec) ?? 0) + by);
    }
  }
}
