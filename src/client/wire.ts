import type { types } from 'mediasoup-client';
import { z } from 'zod';
import type { RtpCapabilities, RtpParameters, TransportInfo } from '../protocol/index.ts';
import { requests } from '../protocol/index.ts';

type Uri = types.RtpHeaderExtensionUri;

/** Every header extension that mediasoup-client knows; one that it does not know is left out. */
const uris: Record<Uri, true> = {
  'urn:ietf:params:rtp-hdrext:sdes:mid': true,
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id': true,
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id': true,
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time': true,
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01': true,
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level': true,
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension': true,
  'urn:3gpp:video-orientation': true,
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time': true,
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay': true,
  'urn:mediasoup:params:rtp-hdrext:packet-id': true,
};

function isKnown(uri: string): uri is Uri {
  return Object.hasOwn(uris, uri);
}

function knownExtensions<T extends { uri: string }>(list: readonly T[] = []): (T & { uri: Uri })[] {
  return list.flatMap((entry) => (isKnown(entry.uri) ? [{ ...entry, uri: entry.uri }] : []));
}

export function toRtpCapabilities(capabilities: RtpCapabilities): types.RtpCapabilities {
  return { ...capabilities, headerExtensions: knownExtensions(capabilities.headerExtensions) };
}

/**
 * What `consume()` takes. Some of its text was written by another participant's client and becomes part of an SDP here:
 * a line break in it would add lines of their choice.
 */
export function toRtpParameters(parameters: RtpParameters): types.RtpParameters {
  const { msid, rtcp, ...rest } = parameters;
  return {
    ...rest,
    codecs: parameters.codecs.map((codec) => ({ ...codec, parameters: oneLine(codec.parameters) })),
    headerExtensions: knownExtensions(parameters.headerExtensions).map(({ uri, id, encrypt }) => ({
      uri,
      id,
      encrypt,
    })),
    rtcp: { ...rtcp, ...(rtcp?.cname !== undefined && { cname: rtcp.cname.replace(/[^\x21-\x7e]/g, '') || '-' }) },
  };
}

function oneLine<T>(record: Record<string, T> = {}): Record<string, T> {
  const safe = Object.entries(record).filter(([, value]) => typeof value !== 'string' || /^[\x20-\x7e]*$/.test(value));
  return Object.fromEntries(safe);
}

export function fromRtpCapabilities(capabilities: types.RtpCapabilities): RtpCapabilities {
  return requests.join.params.shape.recvRtpCapabilities.parse(capabilities);
}

export function fromRtpParameters(parameters: types.RtpParameters): RtpParameters {
  return requests.publish.params.shape.rtpParameters.parse(parameters);
}

const sctp = z.looseObject({
  port: z.number(),
  /** Bytes; 256 KiB is what a worker takes unless told otherwise. */
  maxSendMessageSize: z.number().default(262_144),
  maxReceiveMessageSize: z.number().default(262_144),
});

export function toTransportOptions(info: TransportInfo): types.TransportOptions {
  return {
    id: info.transportId,
    iceParameters: info.iceParameters,
    iceCandidates: info.iceCandidates,
    dtlsParameters: info.dtlsParameters,
    ...(info.sctpParameters && { sctpParameters: sctp.parse(info.sctpParameters) }),
  };
}
