import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import type { Fault } from './Fault.ts';
import { faults } from './faults/index.ts';

export class UsageError extends Error {}

export interface ChaosOptions {
  help: boolean;
  /** Which faults, and how often each. */
  plan: { fault: Fault; times: number }[];
  /** Of the first run; each further one has the next. */
  seed: number;
  json: string | undefined;
  /** Instead of faults: so many joins and leaves, after which nothing may be left. */
  joins: number | undefined;
}

export const helpText = `Breaks calls of three people in real browsers, and measures how long they stand still.

Usage: npm run test:chaos [-- OPTIONS]

Without options each fault happens as often as in npm test. Faults need Linux, root and network namespaces.

Options:
  --full          Each fault as often as the figures need; this takes hours.
  --fault NAME    Only this fault; may be given several times.
  --repeat N      So many times each.
  --seed N        Decides who is hit, when and for how long; default: taken from the time, and printed.
  --json FILE     Writes all figures to a file, too.
  --joins N       Instead of faults: so many joins and leaves, without browsers, after which nothing may be left.
  --help, -h      This text.

Faults (with how often each happens with --full):
${faults.map(({ name, what, times }) => `  ${name.padEnd(16)}${`${times.full}`.padStart(4)}  ${what}`).join('\n')}`;

/** @throws UsageError with a sentence for people */
export function readOptions(args: string[]): ChaosOptions {
  const values = parse(args);
  const chosen = values.fault.length > 0 ? values.fault.map(find) : faults;
  const repeat = values.repeat === undefined ? undefined : wholeNumber('--repeat', values.repeat);
  const usual = ({ times }: Fault) => {
    if (values.full) return times.full;
    // Who asks for a fault by name gets it.
    return values.fault.length > 0 ? Math.max(1, times.quick) : times.quick;
  };
  return {
    help: values.help,
    plan: chosen.map((fault) => ({ fault, times: repeat ?? usual(fault) })).filter(({ times }) => times > 0),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : wholeNumber('--seed', values.seed),
    json: values.json,
    joins: values.joins === undefined ? undefined : wholeNumber('--joins', values.joins),
  };
}

function parse(args: string[]) {
  const options = {
    full: { type: 'boolean', default: false },
    fault: { type: 'string', multiple: true, default: [] as string[] },
    repeat: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'string' },
    joins: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function find(name: string): Fault {
  const fault = faults.find((each) => each.name === name);
  if (fault) return fault;
  const names = faults.map((each) => each.name);
  throw new UsageError(`There is no fault "${name}"; did you mean ${closest(name, names)}? All: ${names.join(', ')}.`);
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new UsageError(`${option} takes a whole number.`);
  return number;
}
