import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audioLevel, extensionData } from '../../../src/media/rtp.ts';

/** An RTP packet with these extension elements (RFC 8285) and contributing sources. */
function packet(elements: { id: number; data: number[] }[], form: 'one-byte' | 'two-byte', sources = 0): Buffer {
  const body = elements.flatMap(({ id, data }) =>
    form === 'one-byte' ? [(id << 4) | (data.length - 1), ...data] : [id, data.length, ...data],
  );
  while (body.length % 4 !== 0) body.push(0);
  const profile = form === 'one-byte' ? [0xbe, 0xde] : [0x10, 0x00];
  const words = body.length / 4;
  const fixed = [0x90 | sources, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2];
  return Buffer.from([...fixed, ...Array(4 * sources).fill(9), ...profile, words >> 8, words & 0xff, ...body, 1, 2, 3]);
}

/** The first byte of the extension of that id. */
function firstByte(bytes: Buffer, id: number): number | undefined {
  const at = extensionData(bytes, id);
  return at < 0 ? undefined : bytes.readUInt8(at);
}

describe.each(['one-byte', 'two-byte'] as const)('header extensions in the %s form', (form) => {
  test('are found by their id, whatever stands before them', () => {
    const elements = [
      { id: 1, data: [65] },
      { id: 5, data: [1, 2] },
      { id: 10, data: [0x80 | 30] },
    ];
    for (const sources of [0, 1, 15]) {
      expect(firstByte(packet(elements, form, sources), 10)).toBe(0x80 | 30);
      expect(firstByte(packet(elements, form, sources), 5)).toBe(1);
      expect(firstByte(packet(elements, form, sources), 7)).toBeUndefined();
    }
  });
});

test('a packet without extensions, or one that is cut off, has none', () => {
  expect(firstByte(Buffer.from([0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 5]), 10)).toBeUndefined();
  const whole = packet([{ id: 10, data: [42] }], 'one-byte');
  for (let length = 0; length < 20; length += 1) expect(firstByte(whole.subarray(0, length), 10)).toBeUndefined();
  // The length that the element tells goes beyond the extensions.
  expect(firstByte(packet([{ id: 10, data: [] }], 'two-byte'), 10)).toBeUndefined();
  const lying = Buffer.from(packet([{ id: 3, data: [1, 2, 3] }], 'one-byte'));
  lying[16] = 0x3f;
  expect(firstByte(lying, 3)).toBeUndefined();
});

test('no bytes make it throw or hang, and what it finds is in the packet', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 255 }), (bytes, id) => {
      const at = extensionData(Buffer.from(bytes), id);
      expect(at).toBeLessThan(Math.max(bytes.length, 1));
      const level = audioLevel(Buffer.from(bytes), id);
      if (level !== undefined) expect(level >= -127 && level <= 0).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('the level is told in dBov, without the voice activity bit', () => {
  expect(audioLevel(packet([{ id: 10, data: [0x80 | 30] }], 'one-byte'), 10)).toBe(-30);
  expect(audioLevel(packet([{ id: 10, data: [127] }], 'two-byte'), 10)).toBe(-127);
  expect(audioLevel(packet([{ id: 9, data: [127] }], 'one-byte'), 10)).toBeUndefined();
});
