import { parseArgs } from 'node:util';
import { attacks } from './attacks/index.ts';

export class UsageError extends Error {}

export interface FuzzArguments {
  help: boolean;
  messages: number;
  seed: number;
  only: string[] | undefined;
  json: string | undefined;
}

export const helpText = `Attacks a server of its own with messages that are right, nearly right and wild, while a call goes on.

Usage: npm run test:fuzz [-- OPTIONS]

Options:
  --messages N    How many; default 100000. A long run has 1000000.
  --seed N        The same seed makes the same messages; default: taken from the time, and printed.
  --only NAME     Only this attack; may be given several times: ${attacks.map(({ name }) => name).join(', ')}.
  --json FILE     Writes the report to a file, too.
  --help, -h      This text.

Batches in which something was found are kept in test/fuzz/corpus/seeds.json, and come first from then on.`;

/** @throws UsageError with a sentence for people */
export function readOptions(args: string[]): FuzzArguments {
  const { messages, seed, only, json, help } = parse(args);
  const unknown = only?.find((name) => !attacks.some((attack) => attack.name === name));
  if (unknown !== undefined) {
    throw new UsageError(`There is no attack "${unknown}"; there are ${attacks.map(({ name }) => name).join(', ')}.`);
  }
  return {
    help,
    messages: messages === undefined ? 100_000 : wholeNumber('--messages', messages),
    seed: seed === undefined ? Date.now() % 1_000_000 : wholeNumber('--seed', seed),
    only,
    json,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        messages: { type: 'string' },
        seed: { type: 'string' },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new UsageError(`${option} takes a whole number.`);
  return number;
}
