import fc from 'fast-check';
import { oddities } from './oddities.ts';
import { reference } from './placeholders.ts';
import { mostly, seldom } from './seldom.ts';

/** What a client may say of the visit that it wants to go on with: right, nearly right and odd, field by field. */
export interface Resume {
  /** Which of the keys that there are, by any number; else what stands in its place. */
  key: { real: number } | { odd: unknown };
  seq: unknown;
  revision: unknown;
  chatId?: unknown;
}

const odd = fc.constantFrom(...oddities);
const place = mostly(fc.constantFrom<unknown>(0, 1, 2, 7, Number.MAX_SAFE_INTEGER), odd);
const chat = fc.oneof(
  fc.nat(100).map((index) => reference('chat', index)),
  fc.nat(100).map((index) => reference('foreign', index)),
  odd,
);

export const resumes: fc.Arbitrary<Resume> = fc
  .record({
    key: fc.oneof(
      { weight: 3, arbitrary: fc.nat(100).map((real) => ({ real })) },
      { weight: 1, arbitrary: odd.map((text) => ({ odd: text })) },
    ),
    seq: place,
    revision: place,
    chatId: seldom(chat),
  })
  .map(({ chatId, ...rest }) => ({ ...rest, ...(chatId !== undefined && { chatId }) }));

/** What goes into the handshake. */
export function withKey({ key, ...rest }: Resume, keys: readonly string[]): object {
  return { key: 'real' in key ? (keys[key.real % Math.max(1, keys.length)] ?? 'none') : key.odd, ...rest };
}
