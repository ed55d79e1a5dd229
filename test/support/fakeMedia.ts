import type { DtlsParameters, ParamsInput, RtpCapabilities, RtpParameters } from '../../src/protocol/index.ts';

/** RTP parameters as Chromium makes them, for clients that send no media: the worker cannot tell until packets come. */

const extension = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  transportCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  level: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
};

const videoFeedback = [
  { type: 'transport-cc' },
  { type: 'nack' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
];

/** @param codecs which video codecs can be decoded */
export function fakeCapabilities(
  codecs: ('VP8' | 'VP9' | 'H264' | 'AV1')[] = ['VP8', 'VP9', 'H264', 'AV1'],
): RtpCapabilities {
  const parameters = {
    VP8: {},
    VP9: { 'profile-id': 0 },
    H264: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
    AV1: {},
  };
  return {
    codecs: [
      {
        kind: 'audio',
        mimeType: 'audio/opus',
        preferredPayloadType: 100,
        clockRate: 48_000,
        channels: 2,
        parameters: {},
        rtcpFeedback: [{ type: 'nack' }, { type: 'transport-cc' }],
      },
      ...codecs.flatMap((codec, index) => [
        {
          kind: 'video' as const,
          mimeType: `video/${codec}`,
          preferredPayloadType: 101 + 2 * index,
          clockRate: 90_000,
          parameters: parameters[codec],
          rtcpFeedback: videoFeedback,
        },
        {
          kind: 'video' as const,
          mimeType: 'video/rtx',
          preferredPayloadType: 102 + 2 * index,
          clockRate: 90_000,
          parameters: { apt: 101 + 2 * index },
          rtcpFeedback: [],
        },
      ]),
    ],
    headerExtensions: [
      { kind: 'audio', uri: extension.mid, preferredId: 1 },
      { kind: 'video', uri: extension.mid, preferredId: 1 },
      { kind: 'audio', uri: extension.transportCc, preferredId: 5 },
      { kind: 'video', uri: extension.transportCc, preferredId: 5 },
      { kind: 'audio', uri: extension.level, preferredId: 10 },
    ],
  };
}

export function fakeDtlsParameters(): DtlsParameters {
  const value = Array.from({ length: 32 }, (_, index) =>
    (index * 7 + 11).toString(16).padStart(2, '0').toUpperCase(),
  ).join(':');
  return { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] };
}

/** A function that gives the next number at each call. */
function counter(from: number): () => number {
  let next = from;
  return () => {
    next += 1;
    return next;
  };
}

const nextSsrc = counter(10_000);
const nextMid = counter(0);

export function fakeAudioParameters(): RtpParameters {
  return {
    mid: String(nextMid()),
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 111,
        clockRate: 48_000,
        channels: 2,
        parameters: { useinbandfec: 1, usedtx: 1 },
        rtcpFeedback: [{ type: 'transport-cc' }, { type: 'nack' }],
      },
    ],
    headerExtensions: [
      { uri: extension.mid, id: 1 },
      { uri: extension.transportCc, id: 5 },
      { uri: extension.level, id: 10 },
    ],
    encodings: [{ ssrc: nextSsrc(), dtx: true }],
    rtcp: { cname: 'test', reducedSize: true },
  };
}

/** @param layers number of simulcast encodings */
export function fakeVideoParameters(layers = 3, codec: 'VP8' | 'AV1' = 'VP8'): RtpParameters {
  return {
    mid: String(nextMid()),
    codecs: [
      { mimeType: `video/${codec}`, payloadType: 96, clockRate: 90_000, parameters: {}, rtcpFeedback: videoFeedback },
      { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 }, rtcpFeedback: [] },
    ],
    headerExtensions: [
      { uri: extension.mid, id: 1 },
      { uri: extension.rid, id: 2 },
      { uri: extension.transportCc, id: 5 },
    ],
    encodings: Array.from({ length: layers }, (_, index) =>
      layers === 1 ? { ssrc: nextSsrc(), rtx: { ssrc: nextSsrc() } } : { rid: `r${index}`, scalabilityMode: 'L1T3' },
    ),
    rtcp: { cname: 'test', reducedSize: true },
  };
}

export function fakeCamera(requestId: string): ParamsInput<'publish'> {
  return { requestId, source: 'camera', kind: 'video', rtpParameters: fakeVideoParameters(), width: 1280, height: 720 };
}

export function fakeMicrophone(requestId: string): ParamsInput<'publish'> {
  return { requestId, source: 'microphone', kind: 'audio', rtpParameters: fakeAudioParameters() };
}
