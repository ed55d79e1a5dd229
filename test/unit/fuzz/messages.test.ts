import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { requests } from '../../../src/protocol/index.ts';
import { fromSchema } from '../../fuzz/generate/fromSchema.ts';
import { messages } from '../../fuzz/generate/messages.ts';
import { jsonOf, type Names, rawTexts } from '../../fuzz/generate/placeholders.ts';
import { specials } from '../../fuzz/generate/specials.ts';

let last = 0;
const names: Names = {
  name: (kind, index) => `${kind}-${index}`,
  freshNumber: () => {
    last += 1;
    return last;
  },
};
const parsed = (value: unknown): unknown => JSON.parse(jsonOf(value, names));

describe('what is derived from the protocol', () => {
  test.each(Object.keys(requests) as (keyof typeof requests)[])('%s: most are valid', (name) => {
    const { params } = requests[name];
    const samples = fc.sample(fromSchema(params, specials), { numRuns: 100, seed: 1 }).map(parsed);
    const wrong = samples.filter((sample) => !params.safeParse(sample).success);
    expect(wrong.length, JSON.stringify(wrong[0])).toBeLessThan(50);
  });

  test('a request that is added is sent as well, right and wrong', () => {
    const invite = {
      params: z.strictObject({ participantId: z.string().min(1).max(9), times: z.int().min(1).max(3) }),
    };
    const samples = fc.sample(messages({ invite }), { numRuns: 300, seed: 2 });
    const valid = samples.filter(({ kind }) => kind === 'valid');
    expect(valid.length).toBeGreaterThan(50);
    for (const { name, args } of valid) {
      expect(name).toBe('invite');
      expect(invite.params.safeParse(parsed(args[0])).success).toBe(true);
    }
    const near = samples.filter(({ kind }) => kind === 'nearly');
    expect(near.some(({ args }) => !invite.params.safeParse(parsed(args[0])).success)).toBe(true);
  });
});

test('the same seed gives the same messages, another seed others', () => {
  const of = (seed: number) => JSON.stringify(fc.sample(messages(), { numRuns: 200, seed }));
  expect(of(7)).toBe(of(7));
  expect(of(7)).not.toBe(of(8));
});

test('a message can say what no value says', () => {
  expect(parsed('raw--infinity--')).toBe(Number.POSITIVE_INFINITY);
  expect(jsonOf({ a: 'raw--sameKeyTwice--' }, names)).toBe(`{"a":${rawTexts.sameKeyTwice}}`);
  expect(Object.keys(Object(parsed({ 'key--proto--': 1 })))).toEqual(['__proto__']);
  expect(parsed(['ref--publication--7', 'raw--number--'])).toEqual(['publication-7', last]);
});
