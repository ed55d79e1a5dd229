import { z } from 'zod';
import type { DtlsParameters } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';

type Fingerprints = DtlsParameters['fingerprints'];

export interface Identity {
  certificate: RTCCertificate;
  fingerprints: Fingerprints;
}

const fingerprint = z.object({
  algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
  value: z.string(),
});

/**
 * One DTLS certificate for both transports. Because its fingerprint is known before either transport exists, the server
 * can connect both in the answer to `join`.
 */
export async function createIdentity(): Promise<Identity> {
  const algorithm: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
  const certificate = await RTCPeerConnection.generateCertificate(algorithm);
  // Firefox lacks getFingerprints; an offer made with the certificate says it as well.
  const raw =
    'getFingerprints' in certificate ? certificate.getFingerprints() : await fingerprintsFromOffer(certificate);
  const fingerprints = raw.flatMap((entry) => {
    const parsed = fingerprint.safeParse(entry);
    if (!parsed.success) return [];
    // Browsers give lower case here; RFC 8122 and the server's comparison want upper case.
    return [{ ...parsed.data, value: parsed.data.value.toUpperCase() }];
  });
  if (fingerprints.length === 0) {
    throw new PlenumError('unsupported-browser', 'This browser does not tell the fingerprint of its certificate.');
  }
  return { certificate, fingerprints };
}

async function fingerprintsFromOffer(certificate: RTCCertificate): Promise<unknown[]> {
  const peer = new RTCPeerConnection({ certificates: [certificate] });
  try {
    peer.createDataChannel('fingerprint');
    const offer = await peer.createOffer();
    return parseFingerprints(offer.sdp ?? '');
  } finally {
    peer.close();
  }
}

/** The `a=fingerprint` lines of an SDP (RFC 8122), each once. */
export function parseFingerprints(sdp: string): { algorithm: string; value: string }[] {
  const found = new Map<string, { algorithm: string; value: string }>();
  for (const [, algorithm = '', value = ''] of sdp.matchAll(/^a=fingerprint:(\S+) (\S+)\s*$/gm)) {
    found.set(`${algorithm} ${value}`, { algorithm: algorithm.toLowerCase(), value });
  }
  return [...found.values()];
}
