import type { RtpCapabilities } from '../../../src/protocol/index.ts';
import { uri } from '../rtp/header.ts';

/**
 * What the load client says that it can receive. Without feedback for transport-cc the server knows nothing of the
 * bandwidth and sends every layer that is wanted, as on a very good line.
 *
 * @param transportCc whether the server is to estimate the bandwidth
 */
export function recvCapabilities(transportCc: boolean): RtpCapabilities {
  const estimate = transportCc ? [{ type: 'transport-cc' }] : [];
  return {
    codecs: [
      {
        kind: 'audio',
        mimeType: 'audio/opus',
        preferredPayloadType: 100,
        clockRate: 48_000,
        channels: 2,
        parameters: {},
        rtcpFeedback: [{ type: 'nack' }, ...estimate],
      },
      {
        kind: 'video',
        mimeType: 'video/VP8',
        preferredPayloadType: 101,
        clockRate: 90_000,
        parameters: {},
        rtcpFeedback: [
          { type: 'nack' },
          { type: 'nack', parameter: 'pli' },
          { type: 'ccm', parameter: 'fir' },
          ...estimate,
        ],
      },
      {
        kind: 'video',
        mimeType: 'video/rtx',
        preferredPayloadType: 102,
        clockRate: 90_000,
        parameters: { apt: 101 },
        rtcpFeedback: [],
      },
    ],
    headerExtensions: (['audio', 'video'] as const).flatMap((kind) => [
      { kind, uri: uri.mid, preferredId: 1 },
      ...(transportCc ? [{ kind, uri: uri.transportCc, preferredId: 5 }] : []),
      { kind, uri: uri.captureTime, preferredId: 10 },
    ]),
  };
}
