/** The handshake messages of DTLS 1.2 (RFC 6347, RFC 5246) as far as a client without surprises needs them. */

export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export const handshakeType = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** DTLS 1.2. */
export const version = 0xfefd;
/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (RFC 5289). */
const cipherSuite = 0xc02b;
const secp256r1 = 23;
const uncompressed = 0;
const ecdsaWithSha256 = 0x0403;

const extension = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const;

export function u8(value: number): Buffer {
  return Buffer.from([value]);
}

export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function u24(value: number): Buffer {
  return Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);
}

function prefixed(prefix: (length: number) => Buffer, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([prefix(content.length), content]);
}

/** One handshake message in one fragment, which is also the form in which it enters the transcript (RFC 6347, 4.2.6). */
export function handshakeMessage(type: number, sequence: number, body: Buffer): Buffer {
  return Buffer.concat([u8(type), u24(body.length), u16(sequence), u24(0), u24(body.length), body]);
}

/** @param srtpProfiles in the order of preference; the server takes the first of its own list that is among them */
export function clientHello(random: Buffer, cookie: Buffer, srtpProfiles: readonly number[]): Buffer {
  const extensions = [
    [extension.supportedGroups, prefixed(u16, u16(secp256r1))],
    [extension.pointFormats, prefixed(u8, u8(uncompressed))],
    [extension.signatureAlgorithms, prefixed(u16, u16(ecdsaWithSha256))],
    [extension.useSrtp, Buffer.concat([prefixed(u16, ...srtpProfiles.map(u16)), u8(0)])],
    [extension.extendedMasterSecret, Buffer.alloc(0)],
    [extension.renegotiationInfo, u8(0)],
  ] as const;
  return Buffer.concat([
    u16(version),
    random,
    prefixed(u8),
    prefixed(u8, cookie),
    prefixed(u16, u16(cipherSuite)),
    prefixed(u8, u8(0)),
    prefixed(u16, ...extensions.flatMap(([type, body]) => [u16(type), prefixed(u16, body)])),
  ]);
}

export function certificateMessage(certificate: Buffer): Buffer {
  return prefixed(u24, prefixed(u24, certificate));
}

export function clientKeyExchange(point: Buffer): Buffer {
  return prefixed(u8, point);
}

export function certificateVerify(signature: Buffer): Buffer {
  return Buffer.concat([u16(ecdsaWithSha256), prefixed(u16, signature)]);
}

/** Reads a message from front to back; reading past the end throws a RangeError. */
export class Reader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get left(): number {
    return this.#data.length - this.#at;
  }

  get at(): number {
    return this.#at;
  }

  number(bytes: number): number {
    const value = this.#data.readUIntBE(this.#at, bytes);
    this.#at += bytes;
    return value;
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new RangeError('a DTLS message is shorter than it says');
    const bytes = this.#data.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  /** Bytes that are preceded by their own length, which has `prefixBytes`. */
  vector(prefixBytes: number): Buffer {
    return this.bytes(this.number(prefixBytes));
  }
}

export interface ServerHello {
  random: Buffer;
  extendedMasterSecret: boolean;
  /** Undefined where the server takes none of the offered ones (RFC 5764). */
  srtpProfile: number | undefined;
}

export function readServerHello(body: Buffer): ServerHello {
  const reader = new Reader(body);
  if (reader.number(2) !== version) throw new Error('the server does not speak DTLS 1.2');
  const random = reader.bytes(32);
  reader.vector(1);
  if (reader.number(2) !== cipherSuite) throw new Error('the server chose a cipher suite that was not offered');
  reader.number(1);
  const hello: ServerHello = { random, extendedMasterSecret: false, srtpProfile: undefined };
  const extensions = new Reader(reader.left > 0 ? reader.vector(2) : Buffer.alloc(0));
  while (extensions.left > 0) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type === extension.extendedMasterSecret) hello.extendedMasterSecret = true;
    if (type === extension.useSrtp) hello.srtpProfile = content.readUInt16BE(2);
  }
  return hello;
}

export function readCookie(body: Buffer): Buffer {
  const reader = new Reader(body);
  reader.number(2);
  return reader.vector(1);
}

/** The first certificate of the chain, DER. */
export function readCertificate(body: Buffer): Buffer {
  const chain = new Reader(new Reader(body).vector(3));
  return chain.vector(3);
}

export interface ServerKeyExchange {
  /** The server's point on the curve. */
  point: Buffer;
  /** What the signature covers besides both randoms. */
  signed: Buffer;
  signature: Buffer;
}

export function readServerKeyExchange(body: Buffer): ServerKeyExchange {
  const reader = new Reader(body);
  const namedCurve = 3;
  if (reader.number(1) !== namedCurve || reader.number(2) !== secp256r1) {
    throw new Error('the server chose a curve that was not offered');
  }
  const point = reader.vector(1);
  const signed = body.subarray(0, reader.at);
  if (reader.number(2) !== ecdsaWithSha256) throw new Error('the server signs with an algorithm that was not offered');
  return { point, signed, signature: reader.vector(2) };
}
