/** Reading RTP headers (RFC 3550, 5.1) and their extensions (RFC 8285). */

const oneByteProfile = 0xbede;
/** The lower four bits are free (RFC 8285, 4.3). */
const twoByteProfile = 0x1000;

/**
 * The bytes of one header extension, or undefined where the packet has none of that id.
 *
 * @param id the id that was negotiated for the extension, 1 to 255
 */
export function headerExtension(packet: Buffer, id: number): Buffer | undefined {
  const hasExtension = packet.length >= 12 && (packet.readUInt8(0) & 0x10) !== 0;
  if (!hasExtension) return undefined;
  const start = 12 + 4 * (packet.readUInt8(0) & 0x0f);
  if (packet.length < start + 4) return undefined;
  const profile = packet.readUInt16BE(start);
  const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
  if (packet.length < end) return undefined;
  const elements = packet.subarray(start + 4, end);
  if (profile === oneByteProfile) return findElement(elements, id, 1);
  if ((profile & 0xfff0) === twoByteProfile) return findElement(elements, id, 2);
  return undefined;
}

function findElement(elements: Buffer, id: number, headerBytes: 1 | 2): Buffer | undefined {
  let at = 0;
  while (at + headerBytes <= elements.length) {
    const first = elements.readUInt8(at);
    if (first === 0) {
      // Padding is a single byte in both forms.
      at += 1;
      continue;
    }
    const found = headerBytes === 1 ? first >> 4 : first;
    const length = headerBytes === 1 ? (first & 0x0f) + 1 : elements.readUInt8(at + 1);
    const data = elements.subarray(at + headerBytes, at + headerBytes + length);
    if (found === id) return data.length === length ? data : undefined;
    at += headerBytes + length;
  }
  return undefined;
}

/** Loudness in dBov, 0 the loudest and -127 silence, from the client-to-mixer audio level extension (RFC 6464). */
export function audioLevel(extension: Buffer): number | undefined {
  return extension.length === 0 ? undefined : -(extension.readUInt8(0) & 0x7f);
}
