/** RTP headers (RFC 3550, 5.1) with extensions in the one-byte form (RFC 8285, 4.2). */

export const uri = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  transportCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  captureTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
} as const;

const oneByteProfile = 0xbede;

export interface HeaderFields {
  payloadType: number;
  marker: boolean;
  /** 16 bits. */
  sequence: number;
  /** 32 bits. */
  timestamp: number;
  ssrc: number;
  /** Each of 1 to 16 bytes, with an id from 1 to 14. */
  extensions: readonly { id: number; data: Buffer }[];
}

export function writeHeader({ payloadType, marker, sequence, timestamp, ssrc, extensions }: HeaderFields): Buffer {
  const used = extensions.reduce((sum, { data }) => sum + 1 + data.length, 0);
  const words = Math.ceil(used / 4);
  const header = Buffer.alloc(12 + (words > 0 ? 4 + words * 4 : 0));
  header.writeUInt8(words > 0 ? 0x90 : 0x80, 0);
  header.writeUInt8((marker ? 0x80 : 0) | payloadType, 1);
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(ssrc, 8);
  if (words === 0) return header;
  header.writeUInt16BE(oneByteProfile, 12);
  header.writeUInt16BE(words, 14);
  let at = 16;
  for (const { id, data } of extensions) {
    header.writeUInt8((id << 4) | (data.length - 1), at);
    data.copy(header, at + 1);
    at += 1 + data.length;
  }
  return header;
}

/** Length of the header with its contributing sources and extensions. */
export function headerLength(packet: Buffer): number {
  const first = packet.readUInt8(0);
  const fixed = 12 + 4 * (first & 0x0f);
  return (first & 0x10) === 0 ? fixed : fixed + 4 + 4 * packet.readUInt16BE(fixed + 2);
}

/**
 * Where the data of an extension begins, 0 where the packet has none of that id. Nothing is allocated: this runs for
 * every packet that comes in.
 */
export function findExtension(packet: Buffer, id: number): number {
  const first = packet.readUInt8(0);
  if ((first & 0x10) === 0) return 0;
  const start = 12 + 4 * (first & 0x0f);
  if (packet.readUInt16BE(start) !== oneByteProfile) return 0;
  const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
  let at = start + 4;
  while (at < end) {
    const head = packet.readUInt8(at);
    if (head === 0) {
      at += 1;
      continue;
    }
    if (head >> 4 === id) return at + 1;
    at += 2 + (head & 0x0f);
  }
  return 0;
}
