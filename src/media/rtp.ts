/** Reading RTP headers (RFC 3550, 5.1) and their extensions (RFC 8285), without allocating: it is done per packet. */

const oneByteProfile = 0xbede;
/** The lower four bits are free (RFC 8285, 4.3). */
const twoByteProfile = 0x1000;
const none = -1;

/**
 * Loudness in dBov, 0 the loudest and -127 silence, from the client-to-mixer audio level extension (RFC 6464);
 * undefined where the packet does not tell it.
 *
 * @param id the id that was negotiated for the extension, 1 to 255
 */
export function audioLevel(packet: Buffer, id: number): number | undefined {
  const at = extensionData(packet, id);
  return at === none ? undefined : -(packet.readUInt8(at) & 0x7f);
}

/** Where the data of a header extension begins; -1 where the packet has none of that id, or an empty one. */
export function extensionData(packet: Buffer, id: number): number {
  const hasExtension = packet.length >= 12 && (packet.readUInt8(0) & 0x10) !== 0;
  if (!hasExtension) return none;
  const start = 12 + 4 * (packet.readUInt8(0) & 0x0f);
  if (packet.length < start + 4) return none;
  const profile = packet.readUInt16BE(start);
  const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
  if (packet.length < end) return none;
  if (profile === oneByteProfile) return findElement(packet, start + 4, end, id, 1);
  if ((profile & 0xfff0) === twoByteProfile) return findElement(packet, start + 4, end, id, 2);
  return none;
}

function findElement(packet: Buffer, start: number, end: number, id: number, headerBytes: 1 | 2): number {
  let at = start;
  while (at + headerBytes <= end) {
    const first = packet.readUInt8(at);
    if (first === 0) {
      // Padding is a single byte in both forms.
      at += 1;
      continue;
    }
    const found = headerBytes === 1 ? first >> 4 : first;
    const length = headerBytes === 1 ? (first & 0x0f) + 1 : packet.readUInt8(at + 1);
    at += headerBytes;
    if (found === id) return length > 0 && at + length <= end ? at : none;
    at += length;
  }
  return none;
}
