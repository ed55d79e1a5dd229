import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ClientMessageHeader,
  clientFrameCodec,
  frameOverheadBytes,
  messageIdOf,
  PlenumError,
  serverFrameCodec,
} from '../../../src/protocol/index.ts';
import { isName } from '../../../src/protocol/names.ts';

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const name = fc.stringMatching(/^[\p{L}\p{N} -]{1,40}$/u).filter(isName);
const bytes = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const payload = fc.uint8Array({ maxLength: 2000 });
const messageId = fc.nat({ max: 0xffff_ffff });

const filePart = fc.oneof(
  fc.record({ type: fc.constant('offer' as const), fileId: id, name, mimeType: name, size: bytes }),
  fc.record({ type: fc.constantFrom('accept' as const, 'decline' as const, 'complete' as const), fileId: id }),
  fc.record({ type: fc.constant('chunk' as const), fileId: id, offset: bytes }),
  fc.record({ type: fc.constant('end' as const), fileId: id, sha256: fc.stringMatching(/^[0-9a-f]{64}$/) }),
  fc.record({ type: fc.constant('progress' as const), fileId: id, bytes }),
  fc.record({
    type: fc.constant('cancel' as const),
    fileId: id,
    reason: fc.constantFrom('cancelled' as const, 'damaged' as const, 'failed' as const),
  }),
);

const messageHeader: fc.Arbitrary<ClientMessageHeader> = fc.record(
  { to: fc.array(name, { minLength: 1, maxLength: 20 }), topic: name, file: filePart },
  { requiredKeys: [] },
);

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof PlenumError) return error.code;
    throw error;
  }
  return 'none';
}

/** A frame as a hostile client may write it. */
function rawFrame(code: number, headerLength: number, rest: Uint8Array, idOfMessage = 7): Uint8Array {
  const frame = new Uint8Array(7 + rest.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint8(0, code);
  view.setUint32(1, idOfMessage);
  view.setUint16(5, headerLength);
  frame.set(rest, 7);
  return frame;
}

const text = (value: string) => new TextEncoder().encode(value);

describe('frames of data channels', () => {
  test('a message comes out as it went in', () => {
    fc.assert(
      fc.property(messageId, messageHeader, payload, (number, header, content) => {
        const frame = clientFrameCodec.encode('message', number, header, content);
        expect(clientFrameCodec.parse(frame)).toEqual({ name: 'message', messageId: number, header, payload: content });
        expect(messageIdOf(frame)).toBe(number);
      }),
    );
  });

  test('also in the middle of a larger buffer, as a worker hands it over', () => {
    fc.assert(
      fc.property(messageHeader, payload, payload, (header, content, around) => {
        const frame = clientFrameCodec.encode('message', 9, header, content);
        const larger = new Uint8Array([...around, ...frame, ...around]);
        const inside = larger.subarray(around.byteLength, around.byteLength + frame.byteLength);
        expect(clientFrameCodec.parse(inside)).toEqual({ name: 'message', messageId: 9, header, payload: content });
      }),
    );
  });

  test('what the server says comes out as it went in', () => {
    const refused = { messageIds: [1, 2], code: 'not-found', message: 'nobody', recipients: ['ada'] } as const;
    const frames = [
      serverFrameCodec.parse(serverFrameCodec.encode('settled', 0, { messageIds: [1, 0xffff_ffff] })),
      serverFrameCodec.parse(
        serverFrameCodec.encode('refused', 0, { ...refused, recipients: ['ada'], messageIds: [1] }),
      ),
      serverFrameCodec.parse(serverFrameCodec.encode('missed', 0, { messages: 3 })),
    ];
    expect(frames.map(({ name: kind, header }) => [kind, header])).toEqual([
      ['settled', { messageIds: [1, 0xffff_ffff] }],
      ['refused', { ...refused, messageIds: [1] }],
      ['missed', { messages: 3 }],
    ]);
  });

  test('an error code of a newer server is an internal error', () => {
    const newer = JSON.stringify({ messageIds: [1], code: 'too-blue', message: 'no' });
    expect(serverFrameCodec.parse(rawFrame(3, newer.length, text(newer)))).toMatchObject({
      header: { code: 'internal', message: 'no' },
    });
  });

  test('any bytes are parsed or refused with bad-request', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect(['none', 'bad-request']).toContain(codeOf(() => clientFrameCodec.parse(noise)));
        expect(['none', 'bad-request']).toContain(codeOf(() => serverFrameCodec.parse(noise)));
        expect(messageIdOf(noise)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('a frame with any bit changed is parsed or refused with bad-request', () => {
    const frame = clientFrameCodec.encode('message', 1, { to: ['ada'], topic: 'x' }, text('hello'));
    fc.assert(
      fc.property(fc.nat(frame.byteLength * 8 - 1), fc.nat(frame.byteLength), (bit, length) => {
        const changed = frame.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(['none', 'bad-request']).toContain(codeOf(() => clientFrameCodec.parse(changed.subarray(0, length))));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['no head', new Uint8Array(6)],
    ['an unknown code', rawFrame(99, 2, text('{}'))],
    ['a header longer than the frame', rawFrame(1, 3, text('{}'))],
    ['a header longer than allowed', rawFrame(1, 32_001, text(`{}${' '.repeat(31_999)}`))],
    ['a header that is no JSON', rawFrame(1, 2, text('{]'))],
    ['a header that is no UTF-8', rawFrame(1, 4, new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]))],
    ['a header that is no object', rawFrame(1, 4, text('null'))],
    ['a key that is not declared', rawFrame(1, 16, text('{"__proto__":{}}'))],
    ['nobody to go to', rawFrame(1, 9, text('{"to":[]}'))],
    ['a recipient that is no text', rawFrame(1, 10, text('{"to":[1]}'))],
    [
      'more recipients than allowed',
      (() => {
        const header = JSON.stringify({ to: Array.from({ length: 501 }, () => 'a') });
        return rawFrame(1, header.length, text(header));
      })(),
    ],
    ['a control character in the topic', rawFrame(1, 18, text('{"topic":"\\u0007"}'))],
    ['a file without an id', rawFrame(1, 26, text('{"file":{"type":"accept"}}'))],
    ['a negative credit', rawFrame(2, 12, text('{"bytes":-1}'))],
    ['an endless credit', rawFrame(2, 15, text('{"bytes":1e400}'))],
  ])('%s is refused', (_, frame) => {
    expect(codeOf(() => clientFrameCodec.parse(frame))).toBe('bad-request');
  });

  test('recipients that fill more than a header are refused where they are written', () => {
    const to = Array.from({ length: 500 }, (_, index) => `${'é'.repeat(60)}${index}`);
    expect(codeOf(() => clientFrameCodec.encode('message', 1, { to }))).toBe('message-too-large');
  });

  test('the head costs little: 25 bytes for a message to all', () => {
    expect(clientFrameCodec.encode('message', 1, {}, text('x')).byteLength).toBeLessThan(25);
    expect(frameOverheadBytes).toBeLessThan(33_000);
  });
});
