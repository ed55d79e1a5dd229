import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

/** SRTP and SRTCP with AES-GCM (RFC 3711, RFC 7714). */

/** Protection profiles by their numbers in `use_srtp`: AEAD_AES_128_GCM and AEAD_AES_256_GCM. */
export const srtpProfiles = { aes128: 7, aes256: 8 } as const;

type GcmName = 'aes-128-gcm' | 'aes-256-gcm';
const saltBytes = 12;
const tagBytes = 16;

export interface SessionKeys {
  cipher: GcmName;
  /** Not as bytes: with these Node takes three times as long for each packet. */
  rtpKey: KeyObject;
  rtpSalt: Buffer;
  rtcpKey: KeyObject;
  rtcpSalt: Buffer;
}

/** The keys for both directions, from a finished DTLS handshake (RFC 5764, 4.2). */
export function sessionKeys(profile: number, exportKeys: (length: number) => Buffer) {
  const keyBytes = profile === srtpProfiles.aes256 ? 32 : 16;
  const block = exportKeys(2 * (keyBytes + saltBytes));
  const at = 2 * keyBytes;
  return {
    client: deriveKeys(block.subarray(0, keyBytes), block.subarray(at, at + saltBytes)),
    server: deriveKeys(block.subarray(keyBytes, at), block.subarray(at + saltBytes)),
  };
}

/** RFC 3711, 4.3.1, with a key derivation rate of zero; the labels of RTP are 0 and 2, those of RTCP 3 and 5. */
export function deriveKeys(masterKey: Buffer, masterSalt: Buffer): SessionKeys {
  const bits = masterKey.length * 8;
  const derive = (label: number, length: number) => {
    // The salt of 96 bits is taken as 112 bits with zeros after it (RFC 7714, 11).
    const counter = Buffer.alloc(16);
    masterSalt.copy(counter);
    counter.writeUInt8(counter.readUInt8(7) ^ label, 7);
    return createCipheriv(`aes-${bits}-ctr`, masterKey, counter).update(Buffer.alloc(length));
  };
  return {
    cipher: bits === 256 ? 'aes-256-gcm' : 'aes-128-gcm',
    rtpKey: createSecretKey(derive(0, masterKey.length)),
    rtpSalt: derive(2, saltBytes),
    rtcpKey: createSecretKey(derive(3, masterKey.length)),
    rtcpSalt: derive(5, saltBytes),
  };
}

function rtpNonce(salt: Buffer, ssrc: number, index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(ssrc, 2);
  nonce.writeUIntBE(index, 6, 6);
  return xor(nonce, salt);
}

function rtcpNonce(salt: Buffer, ssrc: number, index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(ssrc, 2);
  nonce.writeUInt32BE(index, 8);
  return xor(nonce, salt);
}

function xor(nonce: Buffer, salt: Buffer): Buffer {
  for (let at = 0; at < nonce.length; at += 1) nonce.writeUInt8(nonce.readUInt8(at) ^ salt.readUInt8(at), at);
  return nonce;
}

/**
 * @param header of the RTP packet with its extensions, which stays in the clear
 * @param index the sequence number with its roll-over counter above it, 48 bits (RFC 3711, 3.3.1)
 * @returns the parts of the protected packet in their order
 */
export function protectRtp(keys: SessionKeys, header: Buffer, payload: Buffer, index: number): Buffer[] {
  const cipher = createCipheriv(keys.cipher, keys.rtpKey, rtpNonce(keys.rtpSalt, header.readUInt32BE(8), index));
  cipher.setAAD(header);
  const encrypted = cipher.update(payload);
  cipher.final();
  return [header, encrypted, cipher.getAuthTag()];
}

/**
 * The payload of an RTP packet; undefined where it was not protected with these keys and index.
 *
 * @param headerBytes length of the header with its extensions
 */
export function openRtp(keys: SessionKeys, packet: Buffer, headerBytes: number, index: number): Buffer | undefined {
  const end = packet.length - tagBytes;
  if (end < headerBytes) return undefined;
  const nonce = rtpNonce(keys.rtpSalt, packet.readUInt32BE(8), index);
  return open(keys.cipher, keys.rtpKey, nonce, {
    aad: packet.subarray(0, headerBytes),
    encrypted: packet.subarray(headerBytes, end),
    tag: packet.subarray(end),
  });
}

const encryptedFlag = 0x8000_0000;

/** @param index counts the SRTCP packets of this direction, 31 bits */
export function protectRtcp(keys: SessionKeys, packet: Buffer, index: number): Buffer {
  const cipher = createCipheriv(keys.cipher, keys.rtcpKey, rtcpNonce(keys.rtcpSalt, packet.readUInt32BE(4), index));
  const trailer = Buffer.alloc(4);
  trailer.writeUInt32BE((encryptedFlag | index) >>> 0);
  cipher.setAAD(Buffer.concat([packet.subarray(0, 8), trailer]));
  const encrypted = cipher.update(packet.subarray(8));
  cipher.final();
  return Buffer.concat([packet.subarray(0, 8), encrypted, cipher.getAuthTag(), trailer]);
}

/** The plain compound packet; undefined where it was not protected with these keys. */
export function openRtcp(keys: SessionKeys, packet: Buffer): Buffer | undefined {
  const end = packet.length - 4 - tagBytes;
  if (end < 8) return undefined;
  const trailer = packet.subarray(packet.length - 4);
  const index = trailer.readUInt32BE() & 0x7fff_ffff;
  const head = packet.subarray(0, 8);
  const plain = open(keys.cipher, keys.rtcpKey, rtcpNonce(keys.rtcpSalt, packet.readUInt32BE(4), index), {
    aad: Buffer.concat([head, trailer]),
    encrypted: packet.subarray(8, end),
    tag: packet.subarray(end, end + tagBytes),
  });
  return plain && Buffer.concat([head, plain]);
}

function open(
  name: GcmName,
  key: KeyObject,
  nonce: Buffer,
  { aad, encrypted, tag }: { aad: Buffer; encrypted: Buffer; tag: Buffer },
): Buffer | undefined {
  const decipher = createDecipheriv(name, key, nonce);
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch {
    // Damaged, forged, or of another index: to be passed over (RFC 3711, 3.3).
    return undefined;
  }
}
