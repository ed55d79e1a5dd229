import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';

/** A self-signed certificate of a DTLS endpoint: only its fingerprint matters (RFC 8122), so it says next to nothing. */
export interface Certificate {
  privateKey: KeyObject;
  /** The certificate itself, DER. */
  der: Buffer;
  /** SHA-256, colon-separated upper-case hexadecimal. */
  fingerprint: string;
}

const objectId = {
  commonName: Buffer.from([0x55, 0x04, 0x03]),
  ecdsaWithSha256: Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
};

/** One value in DER (ITU-T X.690). */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const time = (text: string) => der(0x17, Buffer.from(text));

/** An ECDSA certificate on P-256, as browsers make them. */
export function makeCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(der(0x06, objectId.ecdsaWithSha256));
  const name = sequence(der(0x31, sequence(der(0x06, objectId.commonName), der(0x0c, Buffer.from('plenum-load')))));
  const body = sequence(
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(time('200101000000Z'), time('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature));
  return { privateKey, der: certificate, fingerprint: new X509Certificate(certificate).fingerprint256 };
}
