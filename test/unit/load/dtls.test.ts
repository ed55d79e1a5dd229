import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type Address,
  CipherContext,
  DtlsServer,
  HashAlgorithm,
  NamedCurveAlgorithm,
  ProtectionProfileAeadAes128Gcm,
  RtpHeader,
  SignatureAlgorithm,
  SrtcpSession,
  SrtpSession,
  type Transport,
} from 'werift';
import { makeCertificate } from '../../load/transport/certificate.ts';
import { DtlsClient, type SrtpSecrets } from '../../load/transport/DtlsClient.ts';
import { openRtcp, openRtp, protectRtcp, protectRtp, sessionKeys, srtpProfiles } from '../../load/transport/srtp.ts';

/** Everything here is checked against werift's implementation of DTLS and SRTP, which shares no code with ours. */

const signatureHash = { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 } as const;
const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
  signatureHash,
  NamedCurveAlgorithm.secp256r1_23,
);
const fingerprint = new X509Certificate(certPem).fingerprint256;
const certificate = makeCertificate();
const here: Address = ['127.0.0.1', 1];

interface HandshakeOptions {
  remoteFingerprint?: string;
  /** Whether the datagram of that number, counted over both sides, gets lost. */
  lost?: (number: number) => boolean;
}

/** A server of werift's and a client of ours, with nothing between them but a function call. */
function handshake({ remoteFingerprint = fingerprint, lost = () => false }: HandshakeOptions = {}) {
  let datagrams = 0;
  const arrives = () => {
    datagrams += 1;
    return !lost(datagrams);
  };
  const transport: Transport = {
    type: 'udp',
    address: { address: here[0], port: here[1], family: 'IPv4' },
    closed: false,
    onData: () => undefined,
    send: async (data) => {
      if (arrives()) setImmediate(() => client.receive(data));
    },
    close: async () => undefined,
  };
  const server = new DtlsServer({
    transport,
    cert: certPem,
    key: keyPem,
    signatureHash,
    srtpProfiles: [ProtectionProfileAeadAes128Gcm],
    certificateRequest: true,
    extendedMasterSecret: true,
  });
  const client = new DtlsClient({
    certificate,
    remoteFingerprint,
    srtpProfiles: [srtpProfiles.aes256, srtpProfiles.aes128],
    send: (datagram) => {
      if (arrives()) setImmediate(() => transport.onData(datagram, here));
    },
  });
  const connected = new Promise<void>((resolve) => server.onConnect.once(() => resolve()));
  client.start();
  return { server, client, connected };
}

function keysOf({ profile, exportKeys }: SrtpSecrets) {
  return sessionKeys(profile, exportKeys);
}

test('both sides end with the same keys, and the server has seen our certificate', async () => {
  const { server, client, connected } = handshake();
  const secrets = await client.connected;
  await connected;
  expect(secrets.profile).toBe(srtpProfiles.aes128);
  const theirs = server.extractSessionKeys(16, 12);
  const block = secrets.exportKeys(56);
  expect(theirs.remoteKey, "the client's").toEqual(block.subarray(0, 16));
  expect(theirs.localKey, "the server's").toEqual(block.subarray(16, 32));
  expect(theirs.remoteSalt).toEqual(block.subarray(32, 44));
  expect(theirs.localSalt).toEqual(block.subarray(44, 56));
  expect(server.remoteCertificate && new X509Certificate(server.remoteCertificate).fingerprint256).toBe(
    certificate.fingerprint,
  );
});

test.each([1, 2, 3, 4, 5, 6])('datagram %i gets lost: it is sent again', async (number) => {
  const { client, connected } = handshake({ lost: (count) => count === number });
  expect((await client.connected).profile).toBe(srtpProfiles.aes128);
  await connected;
});

test('another certificate than the one that signaling named ends it', async () => {
  const { client } = handshake({ remoteFingerprint: certificate.fingerprint });
  await expect(client.connected).rejects.toThrow("the server's certificate is not the one that its signaling named");
});

test('a client that is closed meanwhile says so', async () => {
  const { client } = handshake({ lost: () => true });
  client.close();
  await expect(client.connected).rejects.toThrow('the DTLS connection was closed');
});

test('werift opens the packets that we protect, and we open its own', async () => {
  const { server, client, connected } = handshake();
  const keys = keysOf(await client.connected);
  await connected;
  const { localKey, localSalt, remoteKey, remoteSalt } = server.extractSessionKeys(16, 12);
  const config = {
    profile: ProtectionProfileAeadAes128Gcm,
    keys: {
      localMasterKey: localKey,
      localMasterSalt: localSalt,
      remoteMasterKey: remoteKey,
      remoteMasterSalt: remoteSalt,
    },
  };
  const rtp = new SrtpSession(config);
  const header = new RtpHeader({ payloadType: 96, sequenceNumber: 65_534, timestamp: 7, ssrc: 0xabcdef01 });
  const payload = Buffer.from('a payload');
  for (const index of [65_534, 65_535, 65_536]) {
    header.sequenceNumber = index & 0xffff;
    const plain = header.serialize(header.serializeSize);
    const packet = Buffer.concat(protectRtp(keys.client, plain, payload, index));
    expect(rtp.decrypt(packet)).toEqual(Buffer.concat([plain, payload]));
  }
  header.sequenceNumber = 100;
  const theirs = rtp.encrypt(payload, header);
  expect(openRtp(keys.server, theirs, header.serializeSize, 100)).toEqual(payload);

  const rtcp = new SrtcpSession(config);
  const report = Buffer.from('81c9000700000001000000aa0000000000000000000000000000000000000000', 'hex');
  expect(rtcp.decrypt(protectRtcp(keys.client, report, 3))).toEqual(report);
  expect(openRtcp(keys.server, rtcp.encrypt(report))).toEqual(report);
});
