import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

/** The key schedule and the record protection of TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 in DTLS 1.2. */

/** The pseudo-random function of TLS 1.2 with SHA-256 (RFC 5246, 5). */
export function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const full = Buffer.concat([Buffer.from(label), seed]);
  const parts: Buffer[] = [];
  let a = full;
  for (let made = 0; made < length; made += 32) {
    a = createHmac('sha256', secret).update(a).digest();
    parts.push(createHmac('sha256', secret).update(a).update(full).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

export function sha256(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

export interface RecordKeys {
  key: Buffer;
  /** The 4 bytes of the nonce that are not sent (RFC 5288, 3). */
  salt: Buffer;
}

/** Keys for what the client writes and what the server writes (RFC 5246, 6.3); GCM has no MAC keys. */
export function recordKeys(master: Buffer, clientRandom: Buffer, serverRandom: Buffer) {
  const block = prf(master, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40);
  return {
    client: { key: block.subarray(0, 16), salt: block.subarray(32, 36) },
    server: { key: block.subarray(16, 32), salt: block.subarray(36, 40) },
  };
}

const tagBytes = 16;

/** @param sequence epoch and sequence number as in the record's header, 8 bytes */
export function sealRecord({ key, salt }: RecordKeys, sequence: Buffer, type: number, plain: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([salt, sequence]));
  cipher.setAAD(additionalData(sequence, type, plain.length));
  return Buffer.concat([sequence, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where the record was not made with these keys. */
export function openRecord({ key, salt }: RecordKeys, sequence: Buffer, type: number, body: Buffer) {
  const length = body.length - 8 - tagBytes;
  if (length < 0) return undefined;
  const decipher = createDecipheriv('aes-128-gcm', key, Buffer.concat([salt, body.subarray(0, 8)]));
  decipher.setAAD(additionalData(sequence, type, length));
  decipher.setAuthTag(body.subarray(body.length - tagBytes));
  try {
    return Buffer.concat([decipher.update(body.subarray(8, 8 + length)), decipher.final()]);
  } catch {
    // A forged or damaged record is to be passed over (RFC 6347, 4.1.2.7).
    return undefined;
  }
}

function additionalData(sequence: Buffer, type: number, length: number): Buffer {
  const data = Buffer.alloc(13);
  sequence.copy(data, 0);
  data.writeUInt8(type, 8);
  data.writeUInt16BE(0xfefd, 9);
  data.writeUInt16BE(length, 11);
  return data;
}
