import { z } from 'zod';
import { kind } from './shapes.ts';

/**
 * RTP, ICE, DTLS and SCTP shapes as mediasoup uses them (ORTC, RFC 3550, 5245, 8122, 8832), bounded in size: whatever
 * passes here is small enough for a worker.
 */

/** Ends up in a line of other clients' SDP (RFC 8866): a line break in it would add lines of the sender's making. */
const text = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u, 'control characters are not allowed');
const shortText = text(256);
const payloadType = z.int().min(0).max(127);
const ssrc = z.int().min(0).max(0xffff_ffff);

/** Codec parameters (`fmtp`): flat, as browsers make them. */
const fmtp = z
  .record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), z.union([shortText, z.number(), z.boolean(), z.null()]))
  .refine((record) => Object.keys(record).length <= 64, 'a codec has at most 64 parameters');

const rtcpFeedback = z.object({ type: shortText, parameter: shortText.optional() });

const mimeType = z.string().regex(/^(audio|video)\/[A-Za-z0-9.+-]{1,32}$/, 'a MIME type such as video/VP8');

const rtpCodecCapability = z.object({
  kind,
  mimeType,
  preferredPayloadType: payloadType,
  clockRate: z.int().min(1).max(1_000_000),
  channels: z.int().min(1).max(255).optional(),
  parameters: fmtp.optional(),
  rtcpFeedback: z.array(rtcpFeedback).max(32).optional(),
});

const rtpHeaderExtension = z.object({
  kind,
  uri: shortText,
  preferredId: z.int().min(1).max(255),
  preferredEncrypt: z.boolean().optional(),
  direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
});

export const rtpCapabilities = z.object({
  codecs: z.array(rtpCodecCapability).max(128).optional(),
  headerExtensions: z.array(rtpHeaderExtension).max(64).optional(),
});

const rtpCodecParameters = z.object({
  mimeType,
  payloadType,
  clockRate: z.int().min(1).max(1_000_000),
  channels: z.int().min(1).max(255).optional(),
  parameters: fmtp.optional(),
  rtcpFeedback: z.array(rtcpFeedback).max(32).optional(),
});

const rtpEncoding = z.object({
  ssrc: ssrc.optional(),
  rid: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,16}$/)
    .optional(),
  codecPayloadType: payloadType.optional(),
  rtx: z.object({ ssrc }).optional(),
  dtx: z.boolean().optional(),
  scalabilityMode: z
    .string()
    .regex(/^[A-Za-z0-9_]{1,16}$/)
    .optional(),
  maxBitrate: z.int().min(0).max(1_000_000_000).optional(),
});

export const rtpParameters = z.object({
  mid: text(32).optional(),
  codecs: z.array(rtpCodecParameters).min(1).max(16),
  headerExtensions: z
    .array(
      z.object({
        uri: shortText,
        id: z.int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: fmtp.optional(),
      }),
    )
    .max(32)
    .optional(),
  encodings: z.array(rtpEncoding).min(1).max(8),
  rtcp: z.object({ cname: shortText.optional(), reducedSize: z.boolean().optional() }).optional(),
  msid: shortText.optional(),
});

/** Hexadecimal bytes with colons, as in RFC 8122, of the length that the hash function gives. */
const fingerprintBytes = { 'sha-1': 20, 'sha-224': 28, 'sha-256': 32, 'sha-384': 48, 'sha-512': 64 } as const;

const fingerprint = z
  .object({
    algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
    value: z.string().max(256),
  })
  .refine(
    ({ algorithm, value }) =>
      new RegExp(`^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){${fingerprintBytes[algorithm] - 1}}$`).test(value),
    'a fingerprint is colon-separated hexadecimal bytes of the length of its hash',
  );

export const dtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z.array(fingerprint).min(1).max(8),
});

export const iceParameters = z.object({
  usernameFragment: z.string(),
  password: z.string(),
  iceLite: z.boolean().optional(),
});

const iceCandidate = z.object({
  foundation: z.string(),
  priority: z.number(),
  address: z.string(),
  ip: z.string(),
  protocol: z.enum(['udp', 'tcp']),
  port: z.number(),
  type: z.enum(['host', 'srflx', 'prflx', 'relay']),
  tcpType: z.enum(['active', 'passive', 'so']).optional(),
});

/** Passed through to mediasoup-client as the worker gives it. */
const sctpParameters = z.looseObject({ port: z.number() });

/** All that a client needs to open its side of a transport. The server's side is connected already. */
export const transport = z.object({
  transportId: z.string(),
  iceParameters,
  iceCandidates: z.array(iceCandidate),
  dtlsParameters: z.object({
    role: z.enum(['auto', 'client', 'server']).optional(),
    fingerprints: z.array(
      z.object({ algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']), value: z.string() }),
    ),
  }),
  sctpParameters: sctpParameters.optional(),
});

export const iceServer = z.object({
  urls: z.array(z.string()),
  username: z.string().optional(),
  credential: z.string().optional(),
});
