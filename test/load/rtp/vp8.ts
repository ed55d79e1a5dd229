/** The VP8 payload descriptor (RFC 7741, 4.2) with all that simulcast with temporal layers needs. */

export interface Vp8Fields {
  /** Whether the packet begins the frame. */
  start: boolean;
  /** Whether no other frame of a higher temporal layer depends on it. */
  discardable: boolean;
  /** 15 bits. */
  pictureId: number;
  /** Number of the last frame of the lowest temporal layer, 8 bits. */
  tl0PictureIndex: number;
  temporalLayer: number;
  /** Whether it depends on nothing above the lowest layer, so that a receiver may begin with this layer here. */
  layerSync: boolean;
}

export const descriptorBytes = 6;

export function writeDescriptor(fields: Vp8Fields): Buffer {
  const bytes = Buffer.alloc(descriptorBytes);
  // X: more follows; N: nothing refers to this frame; S: start of the partition; the partition is always the first.
  bytes.writeUInt8(0x80 | (fields.discardable ? 0x20 : 0) | (fields.start ? 0x10 : 0), 0);
  // I, L and T.
  bytes.writeUInt8(0xe0, 1);
  bytes.writeUInt16BE(0x8000 | (fields.pictureId & 0x7fff), 2);
  bytes.writeUInt8(fields.tl0PictureIndex & 0xff, 4);
  bytes.writeUInt8((fields.temporalLayer << 6) | (fields.layerSync ? 0x20 : 0), 5);
  return bytes;
}

/** Whether an RTP payload is the first packet of a key frame (RFC 7741, 4.3). */
export function startsKeyFrame(payload: Buffer): boolean {
  const at = descriptorLength(payload);
  if (at === undefined || at >= payload.length) return false;
  const startOfFirstPartition = (payload.readUInt8(0) & 0x17) === 0x10;
  return startOfFirstPartition && isKeyFrame(payload.subarray(at));
}

/** Whether a VP8 frame is a key frame (RFC 6386, 9.1). */
export function isKeyFrame(frame: Buffer): boolean {
  return frame.length > 0 && (frame.readUInt8(0) & 1) === 0;
}

function descriptorLength(payload: Buffer): number | undefined {
  if (payload.length < 1) return undefined;
  if ((payload.readUInt8(0) & 0x80) === 0) return 1;
  if (payload.length < 3) return undefined;
  const flags = payload.readUInt8(1);
  const pictureId = flags & 0x80 ? (payload.readUInt8(2) & 0x80 ? 2 : 1) : 0;
  const tl0 = flags & 0x40 ? 1 : 0;
  const layer = flags & 0x30 ? 1 : 0;
  return 2 + pictureId + tl0 + layer;
}
