import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The STUN messages of a controlling ICE agent, with an ice-lite one or a full one (RFC 8489, RFC 8445). */

const magicCookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;

const attribute = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
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
  /** By which a full agent's checks are answered; an ice-lite one makes none. */
  localPassword?: string;
  /** Whether the server decides which pair is used, as it does where it made the offer. */
  controlled?: boolean;
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
    ...(credentials.controlled
      ? [encode(attribute.iceControlled, credentials.tieBreaker)]
      : [encode(attribute.iceControlling, credentials.tieBreaker), encode(attribute.useCandidate, Buffer.alloc(0))]),
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

/**
 * The answer to a full agent's own check, which tells it the address that the check came from; undefined where the
 * message is no check.
 */
export function answerToCheck(
  message: Buffer,
  password: string,
  from: { ip: string; port: number },
): Buffer | undefined {
  if (!isStun(message) || message.readUInt16BE(0) !== bindingRequest) return undefined;
  const mapped = Buffer.alloc(8);
  mapped.writeUInt8(1, 1);
  mapped.writeUInt16BE(from.port ^ (magicCookie >>> 16), 2);
  Buffer.from(from.ip.split('.').map(Number)).copy(mapped, 4);
  mapped.writeUInt32BE((mapped.readUInt32BE(4) ^ magicCookie) >>> 0, 4);
  const attributes = encode(attribute.xorMappedAddress, mapped);
  return seal(bindingSuccess, Buffer.from(message.subarray(8, 20)), attributes, password);
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
