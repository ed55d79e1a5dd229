import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { shapes } from '../../src/protocol/index.ts';

/** Every option of `npm run load`, declared once. */

const digits = z
  .string()
  .trim()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
const whole = (least: number, most: number) => digits.pipe(z.number().int().min(least).max(most));
const server = z
  .string()
  .transform((text) => (URL.canParse(text) ? new URL(text) : undefined))
  .pipe(z.instanceof(URL))
  .refine(({ protocol }) => protocol === 'http:' || protocol === 'https:')
  .transform(({ origin }) => origin);

interface OptionDeclaration {
  /** Absent for switches. */
  schema?: z.ZodType;
  doc: string;
  /** What a right value looks like. */
  right: string;
}

export const options = {
  url: {
    schema: server.default('http://localhost:3000'),
    doc: 'The server. It must be on this machine, unless --remote is given.',
    right: 'an address such as http://localhost:3000',
  },
  room: {
    schema: shapes.roomName.default('load'),
    doc: 'The room that all join.',
    right: '1 to 64 letters, digits, "_" or "-"',
  },
  publishers: {
    schema: whole(0, 10_000).default(2),
    doc: 'Participants with camera and microphone.',
    right: 'a whole number from 0 to 10000',
  },
  audioPublishers: {
    schema: whole(0, 10_000).default(0),
    doc: 'Participants with a microphone only.',
    right: 'a whole number from 0 to 10000',
  },
  subscribers: {
    schema: whole(0, 10_000).default(3),
    doc: 'Participants who only look and listen.',
    right: 'a whole number from 0 to 10000',
  },
  view: {
    schema: whole(0, 250).default(9),
    doc: 'Videos that each of them looks at: one page of an even grid on a full-HD screen.',
    right: 'a whole number from 0 to 250',
  },
  spread: {
    doc: 'Each looks at another page of the grid, instead of all at the first.',
    right: '',
  },
  speakers: {
    schema: whole(0, 10_000).default(3),
    doc: 'Microphones that talk at a time, in turns of 2 to 5 seconds.',
    right: 'a whole number from 0 to 10000',
  },
  audioFrame: {
    schema: z
      .enum(['20', '60'])
      .transform((text) => (text === '60' ? (60 as const) : (20 as const)))
      .default(20),
    doc: 'Milliseconds of sound in a packet.',
    right: '20 or 60',
  },
  noDtx: {
    doc: 'Silent microphones go on sending, instead of a packet every 400 ms.',
    right: '',
  },
  transportCc: {
    doc: 'Participants answer with transport-wide feedback, so that the server estimates their bandwidth.',
    right: '',
  },
  seconds: {
    schema: digits.pipe(z.number().min(1).max(86_400)).default(60),
    doc: 'How long is measured, from the last join on.',
    right: 'seconds from 1 to 86400',
  },
  ramp: {
    schema: z
      .string()
      .transform((text) => text.trim().replace(/\/s$/, ''))
      .pipe(digits.pipe(z.number().min(0.1).max(1000)))
      .default(20),
    doc: 'Joins per second.',
    right: 'a rate from 0.1/s to 1000/s, such as 20/s',
  },
  remote: {
    doc: 'Allows a server that is not on this machine. Only for one that is yours.',
    right: '',
  },
  tokenSecret: {
    schema: z
      .string()
      .refine((secret) => Buffer.byteLength(secret) >= 32)
      .optional(),
    doc: "The server's PLENUM_TOKEN_SECRET, to sign tokens with; without it the open door is asked for them.",
    right: 'a secret of at least 32 bytes',
  },
  json: {
    doc: 'Prints one JSON object at the end, and nothing else on standard output.',
    right: '',
  },
} as const satisfies Record<string, OptionDeclaration>;

type OptionName = keyof typeof options;
type Value<N extends OptionName> = (typeof options)[N] extends { schema: infer S extends z.ZodType }
  ? z.output<S>
  : boolean;
export type LoadOptions = { [N in OptionName]: Value<N> } & { help: boolean };

/** Something on the command line is wrong; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const names = Object.keys(options) as OptionName[];
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const flagOf = (name: string) => `--${kebab(name)}`;
const declarationOf = (name: OptionName): OptionDeclaration => options[name];

/**
 * @param args what follows the program's name on the command line
 * @throws UsageError that names the flag, its value, and what would be right
 */
export function readOptions(args: string[]): LoadOptions {
  const given = readFlags(args);
  const help = given.has('help');
  const values = names.map((name): [OptionName, unknown] => {
    const { schema } = declarationOf(name);
    const raw = help ? undefined : given.get(name);
    if (!schema) return [name, raw === true];
    const parsed = schema.safeParse(raw);
    if (!parsed.success) {
      const shown = name === 'tokenSecret' ? '(not shown)' : JSON.stringify(raw);
      throw new UsageError(`${flagOf(name)} is ${shown}; it must be ${options[name].right}.`);
    }
    return [name, parsed.data];
  });
  // Each value was parsed by the schema of its name; fromEntries() loses which is whose.
  const read = { ...(Object.fromEntries(values) as Omit<LoadOptions, 'help'>), help };
  if (!help) checkTogether(read);
  return read;
}

function readFlags(args: string[]): Map<OptionName | 'help', string | true> {
  const declared = Object.fromEntries(
    names.map((name) => [
      kebab(name),
      { type: declarationOf(name).schema ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args,
    options: { ...declared, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  const given = new Map<OptionName | 'help', string | true>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw new UsageError(`"${token.value}" is no option; see --help.`);
    if (token.name === 'help') {
      given.set('help', true);
      continue;
    }
    const name = names.find((candidate) => kebab(candidate) === token.name);
    if (!name) {
      const nearest = closest(token.rawName, [...names.map(flagOf), '--help']);
      throw new UsageError(`${token.rawName} is no option; did you mean ${nearest}? All options: --help.`);
    }
    const takesValue = declarationOf(name).schema !== undefined;
    if (takesValue && token.value === undefined) {
      throw new UsageError(`${token.rawName} needs a value: ${options[name].right}.`);
    }
    if (!takesValue && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`);
    given.set(name, token.value ?? true);
  }
  return given;
}

function checkTogether({ url, remote, publishers, audioPublishers, subscribers }: LoadOptions): void {
  if (!remote && !isThisMachine(new URL(url).hostname)) {
    throw new UsageError(
      `${url} is not on this machine. A load test brings a server to its limits: give --remote if it is yours.`,
    );
  }
  if (publishers + audioPublishers + subscribers === 0) {
    throw new UsageError('Nobody would join: give --publishers, --audio-publishers or --subscribers.');
  }
}

/** Whether a host name or address is one of this machine's own; others are not looked up. */
export function isThisMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (isLoopback(host)) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address.toLowerCase() === host));
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

export function helpText(): string {
  const lines = names.map((name) => {
    const { schema, doc } = declarationOf(name);
    const fallback = schema?.safeParse(undefined).data;
    const shown = fallback === undefined ? '' : ` Default: ${fallback}.`;
    return `  ${`${flagOf(name)}${schema ? ' VALUE' : ''}`.padEnd(26)}${doc}${shown}`;
  });
  return [
    'Drives a running Plenum with participants without browsers, and measures what comes back.',
    '',
    'Usage: npm run load -- [options]',
    '',
    ...lines,
    `  ${'--help, -h'.padEnd(26)}This text.`,
    '',
    'Ctrl-C ends it with the report. The exit code is 0 when somebody joined.',
  ].join('\n');
}
