import fc from 'fast-check';
import { headerLength } from '../../load/rtp/header.ts';
import { mostly, seldom } from './seldom.ts';

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
  /** Of a video whose encodings are told apart by their RID, in the header extensions 1 and 2. */
  names?: { mid: string; rids: readonly string[] };
}

/** Elements of one byte's head (RFC 8285, 4.2). */
const element = (id: number, text: string) =>
  Buffer.concat([Buffer.from([(id << 4) | (text.length - 1)]), Buffer.from(text)]);

/** MID and RID (RFC 8852), or what is neither. */
function extensionsOf({ names }: RtpIds): fc.Arbitrary<Buffer> {
  if (!names) return noise;
  const { mid, rids } = names;
  const named = fc
    .tuple(fc.boolean(), fc.constantFrom(...rids, 'none'))
    .map(([hasMid, rid]) => Buffer.concat([...(hasMid ? [element(1, mid)] : []), element(2, rid)]));
  return fc.oneof({ weight: 3, arbitrary: named }, { weight: 1, arbitrary: noise });
}

const usualFirst = fc.constantFrom(0x80, 0x90);
const oddFirst = fc.oneof(fc.constantFrom(0x80, 0x90, 0xb0, 0xa0, 0x8f, 0x9f), fc.integer({ min: 0x80, max: 0xbf }));

const profiles = fc.constantFrom(0xbede, 0x1000, 0x100f, 0, 0xffff);

/** RTP packets (RFC 3550, 5.1; RFC 8285), which may be cut off within the header. */
export function rtpPackets(ids: RtpIds): fc.Arbitrary<Buffer> {
  const { ssrc, payloadType, names } = ids;
  // Several streams, and the one that no encoding names.
  const own = names ? fc.constantFrom(ssrc, ssrc + 1, ssrc + 2, 0) : fc.constant(ssrc);
  return fc
    .record({
      first: mostly(usualFirst, oddFirst, 2),
      type: mostly(fc.constant(payloadType), fc.nat(255), 4),
      sequence: fc.nat(0xffff),
      source: mostly(own, fc.nat(), 4),
      profile: names ? mostly(fc.constant(0xbede), profiles, 4) : profiles,
      claims: names ? seldom(lengths) : fc.option(lengths, { freq: 4 }),
      extension: extensionsOf(ids),
      payload: fc.uint8Array({ maxLength: 200 }),
      cut: seldom(fc.integer({ min: 12, max: 32 })),
    })
    .map(({ first, type, sequence, source, profile, claims, extension, payload, cut }) => {
      const fixed = Buffer.concat([Buffer.from([first, type]), u16(sequence), u32(sequence * 960), u32(source)]);
      const padded = Buffer.concat([extension, Buffer.alloc((4 - (extension.length % 4)) % 4)]);
      const extended = Buffer.concat([u16(profile), u16(claims ?? padded.length / 4), padded]);
      const packet = Buffer.concat([fixed, (first & 0x10) === 0 ? Buffer.alloc(0) : extended, payload]);
      return packet.subarray(0, cut);
    });
}

/**
 * The packet with the sequence number of an index, parted where SRTP takes the header's end to be (RFC 3711, 3.1): what
 * is before is in the clear. Where the header says that it is longer than the packet, all of it is.
 *
 * @param index of 48 bits; the receiver knows its lower 16 only by what the header says
 */
export function partsForSrtp(packet: Buffer, index: number): { header: Buffer; payload: Buffer } {
  const numbered = Buffer.from(packet);
  numbered.writeUInt16BE(index & 0xffff, 2);
  const sources = 12 + 4 * (numbered.readUInt8(0) & 0x0f);
  const whole = (numbered.readUInt8(0) & 0x10) === 0 || sources + 4 <= numbered.length;
  const end = whole ? headerLength(numbered) : numbered.length;
  return { header: numbered.subarray(0, end), payload: numbered.subarray(end) };
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
  rtpPackets({ ssrc: 1, payloadType: 111 }),
  rtcpPackets({ ssrc: 1, payloadType: 111 }),
  noise,
  fc.constantFrom(Buffer.alloc(0), Buffer.alloc(1400, 0x80), Buffer.alloc(1400, 22), Buffer.alloc(60_000, 1)),
);
