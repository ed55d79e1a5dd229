import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectMessage } from '../../../src/signaling/inspect.ts';

const limit = 64 * 1024;
const code = (expected: string) => expect.objectContaining({ name: 'PlenumError', code: expected });

function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

describe('size', () => {
  test('up to the limit, in bytes as they are on the wire', () => {
    const overhead = JSON.stringify({ t: '' }).length;
    expect(() => inspectMessage({ t: 'x'.repeat(limit - overhead) }, limit)).not.toThrow();
    expect(() => inspectMessage({ t: 'x'.repeat(limit - overhead + 1) }, limit)).toThrow(code('message-too-large'));
    // Two bytes each in UTF-8.
    expect(() => inspectMessage({ t: '\u00e4'.repeat(limit / 2) }, limit)).toThrow(code('message-too-large'));
  });

  test('says how large it is and may be, and nothing of what it says', () => {
    expect(() => inspectMessage('secret'.repeat(20), 100)).toThrow('the message has 122 bytes; the server takes 100');
  });

  test('many small things are large together', () => {
    expect(() => inspectMessage(Array(40_000).fill(0), limit)).toThrow(code('message-too-large'));
  });
});

describe('depth', () => {
  test.each([
    ['arrays', (inner: unknown) => [inner]],
    ['objects', (inner: unknown) => ({ inner })],
  ])('of %s', (_what, wrap) => {
    expect(() => inspectMessage(nested(16, wrap), limit)).not.toThrow();
    expect(() => inspectMessage(nested(17, wrap), limit)).toThrow(code('bad-request'));
  });

  test('so deep that recursion would end the process', () => {
    expect(() =>
      inspectMessage(
        nested(100_000, (inner) => [inner]),
        limit,
      ),
    ).toThrow(code('bad-request'));
  });
});

test.each([
  ['a buffer', Buffer.from('x')],
  ['bytes', new Uint8Array(2)],
  ['a view', new DataView(new ArrayBuffer(2))],
  ['an array buffer', new ArrayBuffer(2)],
])('%s is refused wherever it is', (_what, binary) => {
  for (const message of [binary, [binary], { deep: [{ binary }] }]) {
    expect(() => inspectMessage(message, limit)).toThrow('requests carry no binary attachments');
  }
});

test.each(['__proto__', 'constructor', 'prototype'])('the key %s, as it comes off the wire, is refused', (key) => {
  for (const text of [`{"${key}":{"polluted":true}}`, `{"a":[{"b":{"${key}":1}}]}`]) {
    expect(() => inspectMessage(JSON.parse(text), limit)).toThrow(code('bad-request'));
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('as values these words harm nobody', () => {
  expect(() => inspectMessage({ text: '__proto__', list: ['constructor'] }, limit)).not.toThrow();
});

test.each([undefined, null, 0, '', true, [], {}])('%j passes: its shape is the schema\u2019s business', (message) => {
  expect(() => inspectMessage(message, limit)).not.toThrow();
});

test('whatever JSON can say is passed or refused with a code', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 20 }), fc.integer({ min: 1, max: 200 }), (text, bytes) => {
      try {
        inspectMessage(JSON.parse(text), bytes);
        expect(Buffer.byteLength(JSON.stringify(JSON.parse(text)))).toBeLessThanOrEqual(bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(message-too-large|bad-request)$/) });
      }
    }),
  );
});
