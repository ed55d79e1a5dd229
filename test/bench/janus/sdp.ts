import { parse, write } from 'sdp-transform';
import type { RtpParameters, TransportInfo } from '../../../src/protocol/index.ts';

/** Between the shapes of WebRTC without SDP, as Plenum has them, and the SDP that Janus wants (RFC 8829). */

/** What our side says of itself; the checks that Janus gets carry these credentials. */
export interface OwnSide {
  usernameFragment: string;
  password: string;
  /** SHA-256 of the certificate. */
  fingerprint: string;
}

const session = {
  version: 0,
  origin: {
    username: '-',
    sessionId: 1,
    sessionVersion: 1,
    netType: 'IN',
    ipVer: 4,
    address: '127.0.0.1',
  },
  name: '-',
  timing: { start: 0, stop: 0 },
  groups: [{ type: 'BUNDLE', mids: '0' }],
};

function common({ usernameFragment, password, fingerprint }: OwnSide) {
  return {
    port: 9,
    protocol: 'UDP/TLS/RTP/SAVPF',
    connection: { version: 4, ip: '0.0.0.0' },
    mid: '0',
    iceUfrag: usernameFragment,
    icePwd: password,
    fingerprint: { type: 'sha-256', hash: fingerprint },
    // The load client opens DTLS itself, whoever makes the offer.
    setup: 'active',
    rtcpMux: 'rtcp-mux' as const,
  };
}

/** An offer to send one video in simulcast. */
export function videoOffer(own: OwnSide, { codecs, headerExtensions = [], encodings, rtcp }: RtpParameters): string {
  const ssrcs = encodings.flatMap(({ ssrc }) => (ssrc === undefined ? [] : [ssrc]));
  const [video] = codecs;
  if (!video) throw new Error('a video has no codec');
  return write({
    ...session,
    media: [
      {
        type: 'video',
        ...common(own),
        payloads: String(video.payloadType),
        direction: 'sendonly',
        rtp: [{ payload: video.payloadType, codec: 'VP8', rate: video.clockRate }],
        fmtp: [],
        rtcpFb: (video.rtcpFeedback ?? []).map(({ type, parameter }) => ({
          payload: video.payloadType,
          type,
          ...(parameter && { subtype: parameter }),
        })),
        ext: headerExtensions.map(({ id, uri }) => ({ value: id, uri })),
        ssrcs: ssrcs.flatMap((id) => [
          { id, attribute: 'cname', value: rtcp?.cname ?? 'load' },
          { id, attribute: 'msid', value: 'load video' },
        ]),
        ssrcGroups: [{ semantics: 'SIM', ssrcs: ssrcs.join(' ') }],
      },
    ],
  });
}

/** Where Janus listens and who it is, from its offer or answer. */
export function transportOf(sdp: string): TransportInfo {
  const description = parse(sdp);
  const [media] = description.media;
  const fingerprint = media?.fingerprint ?? description.fingerprint;
  const usernameFragment = media?.iceUfrag ?? description.iceUfrag;
  const password = media?.icePwd ?? description.icePwd;
  if (!media || !fingerprint || !usernameFragment || !password) throw new Error('Janus said too little of itself');
  return {
    transportId: 'janus',
    iceParameters: { usernameFragment, password, iceLite: true },
    iceCandidates: (media.candidates ?? [])
      .filter(({ component, transport }) => component === 1 && transport.toLowerCase() === 'udp')
      .map(({ foundation, priority, ip, port }) => ({
        foundation,
        priority: Number(priority),
        address: ip,
        ip,
        protocol: 'udp',
        port,
        type: 'host',
      })),
    dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: fingerprint.hash }] },
  };
}

/** The answer that takes what was offered, and what will come then. */
export function receivingAnswer(own: OwnSide, offer: string): { sdp: string; rtpParameters: RtpParameters } {
  const [media] = parse(offer).media;
  const codec = media?.rtp[0];
  const ssrc = media?.ssrcs?.[0]?.id;
  if (!media || !codec || ssrc === undefined) throw new Error('Janus has offered no video');
  const { rtp, fmtp, rtcpFb, ext } = media;
  const sdp = write({
    ...session,
    media: [
      {
        type: 'video',
        ...common(own),
        mid: String(media.mid ?? '0'),
        payloads: String(media.payloads),
        direction: 'recvonly',
        rtp,
        fmtp,
        ...(rtcpFb && { rtcpFb }),
        ...(ext && { ext }),
      },
    ],
    groups: [{ type: 'BUNDLE', mids: String(media.mid ?? '0') }],
  });
  return {
    sdp,
    rtpParameters: {
      codecs: [
        {
          mimeType: 'video/VP8',
          payloadType: codec.payload,
          clockRate: codec.rate ?? 90_000,
          parameters: {},
          rtcpFeedback: [],
        },
      ],
      headerExtensions: (ext ?? []).map(({ value, uri }) => ({ id: value, uri })),
      encodings: [{ ssrc: Number(ssrc) }],
    },
  };
}
