import fc from 'fast-check';
import { seldom } from './seldom.ts';

/** SCTP packets (RFC 9260) as they go over DTLS. */

export const chunkType = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  cookieEcho: 10,
  cookieAck: 11,
} as const;

export interface Chunk {
  type: number;
  flags: number;
  value: Buffer;
  /** What the chunk says of its length, its head of 4 bytes included; undefined: the truth. */
  claims?: number | undefined;
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** CRC32c (RFC 9260, appendix A). */
export function crc32c(bytes: Uint8Array): number {
  let value = 0xffff_ffff;
  for (const byte of bytes) value = (value >>> 8) ^ (table[(value ^ byte) & 255] ?? 0);
  return (value ^ 0xffff_ffff) >>> 0;
}

/** The port at both ends that data channels use (RFC 8841). */
const port = 5000;

/** What of a packet is not as it should be; what is left out is. */
export interface OddPacket {
  tag?: number | undefined;
  source?: number | undefined;
  destination?: number | undefined;
  checksum?: number | undefined;
  /** So many bytes of it are left. */
  cut?: number | undefined;
}

export function sctpPacket(tag: number, chunks: readonly Chunk[], odd: OddPacket = {}): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(odd.source ?? port, 0);
  head.writeUInt16BE(odd.destination ?? port, 2);
  head.writeUInt32BE(odd.tag ?? tag, 4);
  const packet = Buffer.concat([head, ...chunks.map(encode)]);
  packet.writeUInt32LE(odd.checksum ?? crc32c(packet), 8);
  return packet.subarray(0, odd.cut);
}

function encode({ type, flags, value, claims }: Chunk): Buffer {
  const padded = Math.ceil(value.length / 4) * 4;
  const chunk = Buffer.alloc(4 + padded);
  chunk.writeUInt8(type, 0);
  chunk.writeUInt8(flags, 1);
  chunk.writeUInt16BE((claims ?? 4 + value.length) & 0xffff, 2);
  value.copy(chunk, 4);
  return chunk;
}

/** The chunks of a packet, as far as they can be read. */
export function chunksOf(packet: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  let at = 12;
  while (at + 4 <= packet.length) {
    const length = packet.readUInt16BE(at + 2);
    if (length < 4) break;
    chunks.push({
      type: packet.readUInt8(at),
      flags: packet.readUInt8(at + 1),
      value: packet.subarray(at + 4, at + length),
    });
    at += Math.ceil(length / 4) * 4;
  }
  return chunks;
}

const lies = fc.constantFrom(0, 1, 3, 4, 5, 16, 17, 20, 0x7fff, 0xffff);

/** Chunks of all types, whose parameters are not what the type asks for. */
export const oddChunks: fc.Arbitrary<Chunk> = fc.record({
  // With those of RFC 3758, 4895, 5061, 6525 and 8260.
  type: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 14, 15, 64, 128, 130, 192, 193, 194),
    },
    { weight: 1, arbitrary: fc.nat(255) },
  ),
  flags: fc.oneof(fc.constantFrom(0, 3, 7), fc.nat(255)),
  value: fc
    .oneof(
      fc.uint8Array({ maxLength: 80 }),
      // Parameters, each with its type and length.
      fc
        .array(fc.tuple(fc.constantFrom(1, 5, 6, 7, 8, 9, 0x8000, 0x8001, 0x8008, 0xc000, 0xc006), lies), {
          maxLength: 6,
        })
        .map((list) =>
          Uint8Array.from(list.flatMap(([type, length]) => [type >> 8, type & 255, length >> 8, length & 255])),
        ),
      fc.constantFrom(new Uint8Array(16), new Uint8Array(16).fill(255), new Uint8Array(1200)),
    )
    .map((bytes) => Buffer.from(bytes)),
  claims: seldom(lies),
});

const odd16 = fc.constantFrom(0, 1, 5001, 0xffff);
const odd32 = fc.constantFrom(0, 1, 0x7fff_ffff, 0xffff_ffff);

/** As a rule a packet is right but for its chunks: what is wrong here ends the reading early. */
export const oddPackets: fc.Arbitrary<OddPacket> = fc.record({
  tag: seldom(odd32),
  source: seldom(odd16),
  destination: seldom(odd16),
  checksum: seldom(odd32),
  cut: seldom(fc.nat(30)),
});
