import fc from 'fast-check';
import { clientFrames } from '../../../src/protocol/index.ts';
import { fromSchema } from './fromSchema.ts';
import { nearly } from './mutate.ts';
import { jsonOf, type Names } from './placeholders.ts';
import { seldom } from './seldom.ts';
import { specials } from './specials.ts';

/** A message on one of the room's data channels. */
export interface DataFrame {
  stream: number;
  /** Payload protocol identifier (RFC 8831, 8): 53 is what the SDK sends. */
  ppid: number;
  bytes: Buffer;
}

/** Frames of src/protocol/data.ts: right, nearly right, and anything. */
export function dataFrames(names: Names): fc.Arbitrary<DataFrame> {
  const headers = Object.values(clientFrames).flatMap(({ code, header }) => {
    const valid = fromSchema(header, specials);
    return [valid, nearly(valid)].map((made) => made.map((value) => ({ code, text: jsonOf(value, names) })));
  });
  const frames = fc
    .tuple(fc.oneof(...headers), fc.nat(0xffff), fc.uint8Array({ maxLength: 300 }), seldom(fc.nat(0xffff)))
    .map(([{ code, text }, id, payload, claims]) => {
      const header = Buffer.from(text);
      const head = Buffer.alloc(7);
      head.writeUInt8(code, 0);
      head.writeUInt32BE(id, 1);
      head.writeUInt16BE((claims ?? header.length) & 0xffff, 5);
      return Buffer.concat([head, header, payload]);
    });
  const bytes = fc.oneof(
    { weight: 6, arbitrary: frames },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((list) => Buffer.from(list)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(20_000, 1), Buffer.alloc(70_000, 123)),
    },
  );
  return fc.record({
    stream: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(0, 1) },
      { weight: 1, arbitrary: fc.constantFrom(2, 1023, 65_535) },
    ),
    ppid: fc.oneof(
      { weight: 8, arbitrary: fc.constant(53) },
      { weight: 1, arbitrary: fc.constantFrom(0, 50, 51, 52, 54, 56, 57, 0xffff_ffff) },
    ),
    bytes,
  });
}
