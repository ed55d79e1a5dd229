import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameCodec } from '../../../src/protocol/frames.ts';
import { clientFrames } from '../../../src/protocol/index.ts';
import { dataFrames } from '../../fuzz/generate/dataFrames.ts';
import { chunksOf, crc32c, oddChunks, oddPackets, sctpPacket } from '../../fuzz/generate/sctp.ts';

test('the checksum is that of RFC 9260', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
});

test('chunks are read as they were written, also where there are several', () => {
  const chunks = [
    { type: 1, flags: 2, value: Buffer.from([1, 2, 3, 4, 5]) },
    { type: 10, flags: 0, value: Buffer.alloc(0) },
  ];
  expect(chunksOf(sctpPacket(7, chunks))).toEqual(chunks);
  for (const odd of fc.sample(oddChunks, { numRuns: 300, seed: 1 }))
    expect(() => chunksOf(sctpPacket(7, [odd]))).not.toThrow();
});

test('packets are right as a rule, and each part of them is wrong at times', () => {
  const chunks = [{ type: 1, flags: 2, value: Buffer.from([1, 2, 3, 4]) }];
  const right = sctpPacket(7, chunks).toString('hex');
  const list = fc.sample(oddPackets, { numRuns: 400, seed: 1 });
  expect(list.filter((odd) => sctpPacket(7, chunks, odd).toString('hex') === right).length).toBeGreaterThan(100);
  for (const part of ['tag', 'source', 'destination', 'checksum', 'cut'] as const) {
    expect(list.some((odd) => odd[part] !== undefined)).toBe(true);
  }
});

test('many frames of data channels are right, and many are not', () => {
  const codec = new FrameCodec(clientFrames);
  const names = { name: (kind: string, index: number) => `${kind}-${index}`, freshNumber: () => 1 };
  const frames = fc.sample(dataFrames(names), { numRuns: 400, seed: 1 });
  const right = frames.filter(({ bytes }) => {
    try {
      codec.parse(bytes);
      return true;
    } catch {
      return false;
    }
  });
  expect(right.length).toBeGreaterThan(80);
  expect(right.length).toBeLessThan(320);
});
