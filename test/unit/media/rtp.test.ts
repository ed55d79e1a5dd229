import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audioLevel, headerExtension } from '../../../src/media/rtp.ts';

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

describe.each(['one-byte', 'two-byte'] as const)('header extensions in the %s form', (form) => {
  test('are found by their id, whatever stands before them', () => {
    const elements = [
      { id: 1, data: [65] },
      { id: 5, data: [1, 2] },
      { id: 10, data: [0x80 | 30] },
    ];
    for (const sources of [0, 1, 15]) {
      expect(headerExtension(packet(elements, form, sources), 10)).toEqual(Buffer.from([0x80 | 30]));
      expect(headerExtension(packet(elements, form, sources), 5)).toEqual(Buffer.from([1, 2]));
      expect(headerExtension(packet(elements, form, sources), 7)).toBeUndefined();
    }
  });
});

test('a packet without extensions, or one that is cut off, has none', () => {
  expect(headerExtension(Buffer.from([0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 5, 5]), 10)).toBeUndefined();
  const whole = packet([{ id: 10, data: [42] }], 'one-byte');
  for (let length = 0; length < 20; length += 1) expect(headerExtension(whole.subarray(0, length), 10)).toBeUndefined();
});

test('no bytes make it throw or hang', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 255 }), (bytes, id) => {
      const found = headerExtension(Buffer.from(bytes), id);
      if (found) audioLevel(found);
    }),
    { numRuns: 2000 },
  );
});

test('the level is told in dBov, without the voice activity bit', () => {
  expect(audioLevel(Buffer.from([0x80 | 30]))).toBe(-30);
  expect(audioLevel(Buffer.from([127]))).toBe(-127);
  expect(audioLevel(Buffer.from([]))).toBeUndefined();
});
