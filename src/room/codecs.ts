import type { RtpCapabilities, VideoCodec } from '../protocol/index.ts';

/** In the order in which a publisher should take them. VP8 first: every browser encodes it with simulcast. */
const preference: readonly VideoCodec[] = ['vp8', 'vp9', 'h264', 'av1'];

function decodes(capabilities: RtpCapabilities, codec: VideoCodec): boolean {
  return (capabilities.codecs ?? []).some(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`);
}

/** What all of them can decode; VP8 stays in any case, since WebRTC browsers must have it (RFC 7742). */
export function commonVideoCodecs(everybody: Iterable<RtpCapabilities>): VideoCodec[] {
  const all = [...everybody];
  return preference.filter((codec) => codec === 'vp8' || all.every((capabilities) => decodes(capabilities, codec)));
}
