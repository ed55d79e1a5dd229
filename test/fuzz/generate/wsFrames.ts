import fc from 'fast-check';
import { mostly } from './seldom.ts';

/** WebSocket frames (RFC 6455, 5.2) that keep to the rules in some places only. */
interface Frame {
  fin: boolean;
  /** The three reserved bits. */
  reserved: number;
  opcode: number;
  masked: boolean;
  payload: Uint8Array;
  /** What the frame says of its length: the truth, or something else. */
  claims: number | undefined;
  /** In how many bytes the length is written: 1, 3 or 9. */
  lengthBytes: 1 | 3 | 9;
}

export function encode({ fin, reserved, opcode, masked, payload, claims, lengthBytes }: Frame): Buffer {
  const length = claims ?? payload.length;
  const head = Buffer.alloc(1 + lengthBytes);
  head.writeUInt8((fin ? 128 : 0) | (reserved << 4) | opcode, 0);
  const mask = masked ? 128 : 0;
  if (lengthBytes === 1) head.writeUInt8(mask | Math.min(125, length), 1);
  else if (lengthBytes === 3) {
    head.writeUInt8(mask | 126, 1);
    head.writeUInt16BE(Math.min(65_535, length), 2);
  } else {
    head.writeUInt8(mask | 127, 1);
    head.writeBigUInt64BE(BigInt(Math.trunc(length)), 2);
  }
  // A mask of zeros leaves the payload as it is.
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

const texts = ['2', '40{"token":"x"}', '42["raiseHand",{}]', '1', '', '\u0000'];
const payloads = fc.oneof(
  fc.constantFrom(...texts).map((text): Uint8Array => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }),
  // No UTF-8.
  fc.constant<Uint8Array>(Buffer.from([0xc0, 0x80, 0xff, 0xfe])),
);

const frames: fc.Arbitrary<Frame> = fc.record({
  fin: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  reserved: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
  opcode: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 8, 9, 10) }, { weight: 1, arbitrary: fc.nat(15) }),
  masked: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  payload: payloads,
  claims: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(0, 1, 125, 126, 65_535, 65_536, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
    },
  ),
  lengthBytes: fc.constantFrom(1, 3, 9),
});

const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const address = '/socket.io/?EIO=4&transport=websocket';
const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key];

/** A request for a WebSocket. */
const rightOpening = [`GET ${address} HTTP/1.1`, 'Host: x', ...upgrade];

const wrongOpenings: readonly string[][] = [
  [`GET ${address}&sid=unknown HTTP/1.1`, 'Host: x', ...upgrade],
  [`GET ${address.replace('4', '3')} HTTP/1.1`, 'Host: x', ...upgrade],
  ['GET /socket.io/?EIO=4&transport=polling HTTP/1.1', 'Host: x', ...upgrade],
  ['GET /other HTTP/1.1', 'Host: x', ...upgrade],
  [`POST ${address} HTTP/1.1`, 'Host: x', ...upgrade, 'Content-Length: 3', '', 'abc'],
  [`GET ${address} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket'],
  [`GET ${address} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: h2c', key],
  [`GET ${address} HTTP/1.1`, 'Host: x', ...upgrade.slice(0, 2), 'Sec-WebSocket-Version: 99', key],
  [`GET ${address} HTTP/1.1`, 'Host: x', ...upgrade, 'Sec-WebSocket-Extensions: permessage-deflate; x="'],
  [`GET ${address} HTTP/1.0`, ...upgrade],
];

/** What goes over one TCP connection. */
export interface RawConnection {
  /** As it is written. */
  pieces: Buffer[];
  /** Whether it ends with a reset, at once. */
  resets: boolean;
}

export const connections: fc.Arbitrary<RawConnection> = fc
  .record({
    opening: mostly(fc.constant(rightOpening), fc.constantFrom(...wrongOpenings), 2),
    end: mostly(fc.constant('\r\n\r\n'), fc.constant('\r\n')),
    list: fc.array(frames, { minLength: 1, maxLength: 8 }),
    cut: fc.nat(40),
    resets: fc.boolean(),
  })
  .map(({ opening, end, list, cut, resets }) => {
    const head = Buffer.from(`${opening.join('\r\n')}${end}`);
    const bytes = Buffer.concat([head, ...list.map(encode)]);
    return { pieces: cut === 0 ? [bytes] : [bytes.subarray(0, -cut), bytes.subarray(-cut)], resets };
  });
