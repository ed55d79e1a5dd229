import fc from 'fast-check';
import type { z } from 'zod';
import { requests } from '../../../src/protocol/index.ts';
import { fromSchema } from './fromSchema.ts';
import { nearly } from './mutate.ts';
import { oddities, oddNames } from './oddities.ts';
import { specials } from './specials.ts';
import { plainTexts } from './texts.ts';

/** One socket.io event, with placeholders (placeholders.ts). */
export interface FuzzMessage {
  kind: 'valid' | 'nearly' | 'wild';
  name: string;
  args: readonly unknown[];
  /** Whether an answer is asked for. */
  ack: boolean;
}

export type RequestTable = Readonly<Record<string, { readonly params: z.ZodType }>>;

/**
 * What ends something that the others need comes once in a while, what does one of many things more often. Everything
 * that is not named has the weight 10.
 */
const weights: Readonly<Record<string, number>> = { leave: 1, join: 2, moderate: 40 };

/** All requests of a table, valid, nearly valid and wild. */
export function messages(table: RequestTable = requests): fc.Arbitrary<FuzzMessage> {
  const all = Object.entries(table).map(([name, { params }]) => ({
    weight: weights[name] ?? 10,
    name,
    made: fromSchema(params, specials),
  }));
  const of = (kind: FuzzMessage['kind'], change: (made: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>) =>
    fc.oneof(
      ...all.map(({ weight, name, made }) => ({
        weight,
        arbitrary: change(made).map((params): FuzzMessage => ({ kind, name, args: [params], ack: true })),
      })),
    );
  return fc.oneof(
    { weight: 4, arbitrary: of('valid', (made) => made) },
    { weight: 5, arbitrary: of('nearly', nearly) },
    { weight: 2, arbitrary: wild(Object.keys(table)) },
  );
}

function wild(names: readonly string[]): fc.Arbitrary<FuzzMessage> {
  const odd = fc.oneof(fc.constantFrom(...oddities), fc.jsonValue({ maxDepth: 4 }));
  return fc.record({
    kind: fc.constant('wild' as const),
    name: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...names.filter((name) => name !== 'leave')) },
      { weight: 1, arbitrary: fc.constantFrom(...oddNames) },
      { weight: 1, arbitrary: fc.constantFrom(...plainTexts) },
    ),
    args: fc.array(odd, { maxLength: 3 }),
    ack: fc.boolean(),
  });
}
