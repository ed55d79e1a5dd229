import { describe, expect, it } from 'vitest';
import { toRtpParameters } from '../../../src/client/wire.ts';
import type { RtpParameters } from '../../../src/protocol/index.ts';

const parameters = (change: Partial<RtpParameters>): RtpParameters => ({
  mid: '0',
  codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }],
  encodings: [{ ssrc: 1234 }],
  ...change,
});

describe('parameters of a subscription', () => {
  it('bring no lines of their own into the SDP', () => {
    const evil = 'x\r\na=candidate:1 1 udp 1 192.0.2.1 1 typ host';
    const { rtcp, msid, codecs } = toRtpParameters(
      parameters({
        msid: `${evil} y`,
        rtcp: { cname: evil },
        codecs: [
          {
            mimeType: 'video/VP8',
            payloadType: 101,
            clockRate: 90_000,
            parameters: { good: 'a=1; b', bad: evil, number: 5 },
          },
        ],
      }),
    );
    expect(rtcp?.cname).not.toMatch(/\s/);
    expect(msid).toBeUndefined();
    expect(codecs[0]?.parameters).toEqual({ good: 'a=1; b', number: 5 });
  });

  it('leave out header extensions that the SDK does not know', () => {
    const mid = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 };
    const { headerExtensions } = toRtpParameters(parameters({ headerExtensions: [mid, { uri: 'urn:other', id: 2 }] }));
    expect(headerExtensions).toEqual([{ ...mid, encrypt: undefined }]);
  });
});
