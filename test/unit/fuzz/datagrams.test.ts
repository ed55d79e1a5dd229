import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { partsForSrtp, rtpPackets } from '../../fuzz/generate/datagrams.ts';
import { headerLength } from '../../load/rtp/header.ts';
import { deriveKeys, openRtp, protectRtp } from '../../load/transport/srtp.ts';

test('most odd RTP packets of a participant open with its keys, by what their headers say', () => {
  const keys = deriveKeys(randomBytes(16), randomBytes(12));
  const packets = fc.sample(rtpPackets({ ssrc: 1, payloadType: 111 }), { numRuns: 500, seed: 1 });
  const opened = packets.filter((packet, at) => {
    const { header, payload } = partsForSrtp(packet, at + 1);
    const sent = Buffer.concat(protectRtp(keys, header, payload, at + 1));
    // It may be shorter than what its header has to be read.
    const headerBytes = headerLength(Buffer.concat([sent, Buffer.alloc(64)]));
    return openRtp(keys, sent, headerBytes, sent.readUInt16BE(2)) !== undefined;
  });
  expect(opened.length).toBeGreaterThan(250);
  // Odd ones among them: padding, contributing sources, extensions.
  expect(opened.filter((packet) => (packet.readUInt8(0) & 0x2f) !== 0).length).toBeGreaterThan(20);
  expect(opened.filter((packet) => (packet.readUInt8(0) & 0x10) !== 0).length).toBeGreaterThan(50);
});
