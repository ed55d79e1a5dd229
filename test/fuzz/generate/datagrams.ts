import fc from 'fast-check';
import { seldom } from './seldom.ts';

/** Packets for a worker's UDP port that begin as one of the protocols there does (RFC 7983) and go on as they like. */

const noise = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes));
const lengths = fc.constantFrom(0, 1, 3, 4, 8, 255, 256, 0x7fff, 0xfffc, 0xffff);

const u16 = (value: number) => Buffer.from([(value >> 8) & 255, value & 255]);
const u32 = (value: number) =>
  Buffer.from([(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);

/** STUN (RFC 8489): types, lengths and attributes that do not fit. */
const stun = fc
  .tuple(
    fc.constantFrom(0x0001, 0x0101, 0x0111, 0x0011, 0x0003, 0x3fff),
    fc.boolean(),
    fc.array(
      fc.tuple(fc.constantFrom(0x06, 0x08, 0x09, 0x20, 0x24, 0x25, 0x8028, 0x8029, 0x802a, 0xffff), lengths, noise),
      { maxLength: 4 },
    ),
    seldom(lengths),
  )
  .map(([type, cookie, attributes, claims]) => {
    const body = Buffer.concat(
      attributes.map(([kind, length, value]) =>
        Buffer.concat([u16(kind), u16(length % 64 === 0 ? value.length : length), value]),
      ),
    );
    return Buffer.concat([
      u16(type),
      u16(claims ?? body.length),
      u32(cookie ? 0x2112a442 : 1),
      Buffer.alloc(12, 7),
      body,
    ]);
  });

/** DTLS records (RFC 6347): handshake messages of lengths that are not theirs, unknown types and versions. */
const dtls = fc
  .tuple(
    fc.constantFrom(20, 21, 22, 23, 24, 25, 63),
    fc.constantFrom(0xfefd, 0xfeff, 0xfefc, 0x0303, 0),
    fc.nat(3),
    seldom(lengths),
    noise,
  )
  .map(([type, version, epoch, claims, body]) =>
    Buffer.concat([
      Buffer.from([type]),
      u16(version),
      u16(epoch),
      Buffer.alloc(5),
      Buffer.from([epoch]),
      u16(claims ?? body.length),
      body,
    ]),
  );

export interface RtpIds {
  ssrc: number;
  payloadType: number;
}

/** The header of an RTP packet (RFC 3550, 5.1; RFC 8285), which may be cut off after its fixed part. */
export function rtpHeaders({ ssrc, payloadType }: RtpIds): fc.Arbitrary<Buffer> {
  return fc
    .record({
      first: fc.oneof(fc.constantFrom(0x80, 0x90, 0xb0, 0xa0, 0x8f, 0x9f), fc.integer({ min: 0x80, max: 0xbf })),
      type: fc.oneof({ weight: 4, arbitrary: fc.constant(payloadType) }, { weight: 1, arbitrary: fc.nat(255) }),
      sequence: fc.nat(0xffff),
      source: fc.oneof({ weight: 4, arbitrary: fc.constant(ssrc) }, { weight: 1, arbitrary: fc.nat() }),
      profile: fc.constantFrom(0xbede, 0x1000, 0x100f, 0, 0xffff),
      words: lengths,
      extension: noise,
      cut: fc.oneof(
        { weight: 5, arbitrary: fc.constant(1000) },
        { weight: 1, arbitrary: fc.integer({ min: 12, max: 32 }) },
      ),
    })
    .map(({ first, type, sequence, source, profile, words, extension, cut }) => {
      const fixed = Buffer.concat([Buffer.from([first, type]), u16(sequence), u32(sequence * 960), u32(source)]);
      const fits = words % 256 === 0;
      const padded = Buffer.concat([extension, Buffer.alloc((4 - (extension.length % 4)) % 4)]);
      const rest =
        (first & 0x10) === 0
          ? Buffer.alloc(0)
          : Buffer.concat([u16(profile), u16(fits ? padded.length / 4 : words), padded]);
      return Buffer.concat([fixed, rest]).subarray(0, cut);
    });
}

/** Compound RTCP packets (RFC 3550, 6; RFC 4585; RFC 3611): counts and lengths that do not fit. */
export function rtcpPackets({ ssrc }: RtpIds): fc.Arbitrary<Buffer> {
  const one = fc
    .tuple(
      fc.constantFrom(200, 201, 202, 203, 204, 205, 206, 207, 208, 195, 192, 223),
      fc.oneof(fc.constantFrom(0, 1, 2, 4, 15, 31), fc.nat(31)),
      fc.boolean(),
      fc.oneof(fc.constant(ssrc), fc.nat()),
      seldom(lengths),
      noise,
    )
    .map(([type, count, padding, source, claims, body]) => {
      const content = Buffer.concat([u32(source), body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
      return Buffer.concat([
        Buffer.from([0x80 | (padding ? 0x20 : 0) | count, type]),
        u16(claims ?? content.length / 4),
        content,
      ]);
    });
  return fc.array(one, { minLength: 1, maxLength: 4 }).map((list) => Buffer.concat(list));
}

/** What anybody can send who knows the port. */
export const datagrams: fc.Arbitrary<Buffer> = fc.oneof(
  stun,
  dtls,
  rtpHeaders({ ssrc: 1, payloadType: 111 }),
  rtcpPackets({ ssrc: 1, payloadType: 111 }),
  noise,
  fc.constantFrom(Buffer.alloc(0), Buffer.alloc(1400, 0x80), Buffer.alloc(1400, 22), Buffer.alloc(60_000, 1)),
);
