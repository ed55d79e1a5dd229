import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The STUN messages that a controlling ICE agent exchanges with an ice-lite one (RFC 8489, RFC 8445). */

const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;

const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlling: 0x802a,
} as const;

const headerBytes = 20;
const integrityBytes = 24;
const fingerprintBytes = 8;
const fingerprintXor = 0x5354554e;

/** A peer-reflexive candidate's priority (RFC 8445, 7.1.1): type preference 110, local preference 65535, component 1. */
const reflexivePriority = 110 * 2 ** 24 + 65_535 * 2 ** 8 + 255;

export interface IceCredentials {
  /** The server's, from the transport's `iceParameters`. */
  remoteFragment: string;
  remotePassword: string;
  localFragment: string;
  /** Decides between two controlling agents; any 8 bytes. */
  tieBreaker: Buffer;
}

export function isStun(packet: Buffer): boolean {
  return packet.length >= headerBytes && packet.readUInt8(0) < 4 && packet.readUInt32BE(4) === magicCookie;
}

/** A connectivity check that also nominates the pair; consent checks (RFC 7675) are the same message. */
export function bindingRequestFor(credentials: IceCredentials, transactionId = randomBytes(12)): Buffer {
  const username = Buffer.from(`${credentials.remoteFragment}:${credentials.localFragment}`);
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(reflexivePriority);
  const attributes = Buffer.concat([
    encode(attribute.username, username),
    encode(attribute.iceControlling, credentials.tieBreaker),
    encode(attribute.useCandidate, Buffer.alloc(0)),
    encode(attribute.priority, priority),
  ]);
  return seal(bindingRequest, transactionId, attributes, credentials.remotePassword);
}

/** Adds MESSAGE-INTEGRITY and FINGERPRINT, which each cover all before them with the length counted up to themselves. */
export function seal(type: number, transactionId: Buffer, attributes: Buffer, password: string): Buffer {
  const message = Buffer.alloc(headerBytes + attributes.length + integrityBytes + fingerprintBytes);
  message.writeUInt16BE(type, 0);
  message.writeUInt32BE(magicCookie, 4);
  transactionId.copy(message, 8);
  attributes.copy(message, headerBytes);
  const integrityAt = headerBytes + attributes.length;
  message.writeUInt16BE(attributes.length + integrityBytes, 2);
  encode(attribute.messageIntegrity, integrityOf(message.subarray(0, integrityAt), password)).copy(
    message,
    integrityAt,
  );
  const fingerprintAt = integrityAt + integrityBytes;
  message.writeUInt16BE(attributes.length + integrityBytes + fingerprintBytes, 2);
  message.writeUInt16BE(attribute.fingerprint, fingerprintAt);
  message.writeUInt16BE(4, fingerprintAt + 2);
  message.writeUInt32BE((crc32(message.subarray(0, fingerprintAt)) ^ fingerprintXor) >>> 0, fingerprintAt + 4);
  return message;
}

export type StunAnswer =
  | { kind: 'success'; transactionId: Buffer }
  | { kind: 'error'; transactionId: Buffer; code: number }
  | { kind: 'other' };

/** What a message says; `other` where it is no answer, is broken or was not made with the password. */
export function readAnswer(message: Buffer, password: string): StunAnswer {
  if (!isStun(message) || message.length < headerBytes + message.readUInt16BE(2)) return { kind: 'other' };
  const type = message.readUInt16BE(0);
  const transactionId = Buffer.from(message.subarray(8, 20));
  if (type === bindingError) return { kind: 'error', transactionId, code: errorCode(message) };
  if (type !== bindingSuccess) return { kind: 'other' };
  const integrity = find(message, attribute.messageIntegrity);
  if (integrity?.value.length !== 20) return { kind: 'other' };
  const covered = Buffer.from(message.subarray(0, integrity.at));
  covered.writeUInt16BE(integrity.at - headerBytes + integrityBytes, 2);
  if (!timingSafeEqual(integrityOf(covered, password), integrity.value)) return { kind: 'other' };
  return { kind: 'success', transactionId };
}

function errorCode(message: Buffer): number {
  const found = find(message, attribute.errorCode)?.value;
  return found && found.length >= 4 ? (found.readUInt8(2) & 7) * 100 + found.readUInt8(3) : 0;
}

function integrityOf(covered: Buffer, password: string): Buffer {
  return createHmac('sha1', password).update(covered).digest();
}

function encode(type: number, value: Buffer): Buffer {
  const encoded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  encoded.writeUInt16BE(type, 0);
  encoded.writeUInt16BE(value.length, 2);
  value.copy(encoded, 4);
  return encoded;
}

/** The first attribute of a type, and where it begins. */
export function find(message: Buffer, type: number): { at: number; value: Buffer } | undefined {
  let at = headerBytes;
  while (at + 4 <= message.length) {
    const length = message.readUInt16BE(at + 2);
    if (message.readUInt16BE(at) === type) return { at, value: message.subarray(at + 4, at + 4 + length) };
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return undefined;
}
