import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { z } from 'zod';

/**
 * The one place that reads the environment and the command line. Each option is declared once, with its default and
 * a description; `PLENUM_RTC_PORT` in the environment and `--rtc-port` on the command line are the option `rtcPort`.
 */

/** Not z.coerce: Number('') is 0, and an empty value is a slip. */
const digits = z
  .string()
  .trim()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
const whole = (least: number, most: number) => digits.pipe(z.number().int().min(least).max(most));
const amount = (least: number, most: number) => digits.pipe(z.number().min(least).max(most));
const port = whole(0, 65_535);
const count = (most: number) => whole(1, most);
const flag = z
  .union([z.boolean(), z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'])])
  .transform((value) => value === true || ['1', 'true', 'yes', 'on'].includes(String(value)));
const text = z.string().trim().min(1);

interface OptionDeclaration {
  schema: z.ZodType;
  doc: string;
  /** What a right value looks like, for the message that refuses a wrong one. */
  right: string;
  /** Shown by --help where the default is not a plain value. */
  shownDefault?: string;
}

const cores = availableParallelism();

export const options = {
  port: {
    schema: port.default(3000),
    doc: 'Port of the web page, the API and the signaling. 0: any free one.',
    right: 'a whole number from 0 to 65535',
  },
  host: {
    schema: text.default('localhost'),
    doc: 'Address to listen on. localhost: both loopback addresses. 0.0.0.0: every IPv4 address.',
    right: 'an IP address or a host name of this machine',
  },
  announcedAddress: {
    schema: text.optional(),
    doc: 'Address that clients send their media to, when it is not an address of this machine (NAT, cloud).',
    right: 'an IP address or a host name',
    shownDefault: 'every address of this machine',
  },
  rtcPort: {
    schema: port.default(40_000),
    doc: 'First port for media, UDP and TCP; worker i uses this port + i. 0: any free ones.',
    right: 'a whole number from 0 to 65535',
  },
  workers: {
    schema: count(256).default(cores),
    doc: 'Number of mediasoup workers.',
    right: 'a whole number from 1 to 256',
    shownDefault: 'one per core',
  },
  tlsCert: {
    schema: text.optional(),
    doc: 'File with the TLS certificate (PEM); with --tls-key, the server speaks https.',
    right: 'the path of a PEM file',
  },
  tlsKey: {
    schema: text.optional(),
    doc: 'File with the private key of the TLS certificate (PEM).',
    right: 'the path of a PEM file',
  },
  lan: {
    schema: flag.default(false),
    doc: 'For trying it with a phone: https with a self-signed certificate on the LAN address, and an open door.',
    right: '1 or 0',
  },
  tokenSecret: {
    schema: z.string().min(32).optional(),
    doc: 'Secret that access tokens are signed with, at least 32 bytes. Needed unless the door is open.',
    right: 'a secret of at least 32 bytes, for example from: openssl rand -base64 48',
    shownDefault: 'made up at each start while the door is open',
  },
  open: {
    schema: flag.optional(),
    doc: 'Open door: the demo page gives a token to everybody who asks.',
    right: '1 or 0',
    shownDefault: 'only while the server listens on loopback',
  },
  maxParticipants: {
    schema: count(100_000).default(200),
    doc: 'Participants in a room.',
    right: 'a whole number from 1 to 100000',
  },
  maxPublications: {
    schema: count(256).default(16),
    doc: 'Tracks that one participant may publish at once.',
    right: 'a whole number from 1 to 256',
  },
  autoViewVideos: {
    schema: count(1000).default(25),
    doc: 'Videos that a client receives which does not say what it shows.',
    right: 'a whole number from 1 to 1000',
  },
  chatHistory: {
    schema: whole(0, 10_000).default(200),
    doc: 'Chat messages that a room keeps for those who come later.',
    right: 'a whole number from 0 to 10000',
  },
  roomGrace: {
    schema: amount(0, 86_400).default(5),
    doc: 'Seconds that a room stays after its last participant.',
    right: 'seconds from 0 to 86400',
  },
  maxMessageBytes: {
    schema: count(1024 * 1024).default(64 * 1024),
    doc: 'Largest signaling message; a larger one is refused.',
    right: 'bytes from 1 to 1048576',
  },
  maxPacketBytes: {
    schema: count(64 * 1024 * 1024).default(1024 * 1024),
    doc: 'Largest signaling packet; a larger one closes the connection.',
    right: 'bytes from 1 to 67108864',
  },
  pingInterval: {
    schema: amount(0.2, 60).default(1),
    doc: 'Seconds between two heartbeats; a client that misses two is marked as lost.',
    right: 'seconds from 0.2 to 60',
  },
  pingTimeout: {
    schema: amount(1, 120).default(10),
    doc: 'Seconds of silence after a heartbeat until a client is taken to be gone.',
    right: 'seconds from 1 to 120',
  },
  keyFrameDelay: {
    schema: whole(0, 5000).default(350),
    doc: 'Milliseconds within which key-frame requests for one video are merged.',
    right: 'milliseconds from 0 to 5000',
  },
  initialBitrate: {
    schema: count(1_000_000_000).default(1_500_000),
    doc: 'Bits per second that a participant is taken to receive before it has been measured.',
    right: 'a whole number of bits per second',
  },
  logLevel: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    doc: 'What is logged: debug, info, warn, error or silent.',
    right: 'debug, info, warn, error or silent',
  },
  logFormat: {
    schema: z.enum(['text', 'json']).default('text'),
    doc: 'text for people, json for machines.',
    right: 'text or json',
  },
} as const satisfies Record<string, OptionDeclaration>;

type OptionName = keyof typeof options;
export type Config = { [N in OptionName]: z.output<(typeof options)[N]['schema']> };

/** Something on the command line or in the environment is wrong; the message says what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const flagOf = (name: string) => `--${kebab(name)}`;
export const variableOf = (name: string) => `PLENUM_${kebab(name).replaceAll('-', '_').toUpperCase()}`;

const names = Object.keys(options) as OptionName[];
const isBoolean = (name: OptionName) => options[name].right === '1 or 0';

/**
 * @param args what follows the program's name on the command line
 * @returns with `help`, the defaults: whoever asks for help may have come because something is wrong
 * @throws ConfigError naming each option that is wrong, its value, and what would be right
 */
export function readConfig(args: string[], env: NodeJS.ProcessEnv = process.env): Config & { help: boolean } {
  const given = readFlags(args);
  const help = given.has('help');
  const complaints: string[] = [];
  const values = names.map((name): [OptionName, unknown] => {
    const fromFlag = help ? undefined : given.get(name);
    const fromEnv = help ? undefined : env[variableOf(name)];
    // An empty variable is how a shell or a container says "not set".
    const raw = fromFlag ?? (fromEnv === '' ? undefined : fromEnv);
    const result = options[name].schema.safeParse(raw);
    if (!result.success) {
      const where = fromFlag === undefined ? variableOf(name) : flagOf(name);
      const shown = name === 'tokenSecret' ? '(not shown)' : JSON.stringify(raw);
      complaints.push(`${where} is ${shown}; it must be ${options[name].right}.`);
    }
    return [name, result.data];
  });
  if (complaints.length > 0) throw new ConfigError(complaints.join('\n'));
  const config = Object.fromEntries(values) as Config;
  if (!help) checkTogether(config);
  return { ...config, help };
}

/** Variables that look like options but are none, with the nearest that is: most often a slip of the keyboard. */
export function unknownVariables(env: NodeJS.ProcessEnv = process.env): { name: string; nearest: string }[] {
  const known = names.map(variableOf);
  return Object.keys(env)
    .filter((name) => name.startsWith('PLENUM_') && !known.includes(name))
    .map((name) => ({ name, nearest: closest(name, known) }));
}

function readFlags(args: string[]): Map<OptionName | 'help', string | boolean> {
  const declared = Object.fromEntries(
    names.map((name) => [kebab(name), { type: isBoolean(name) ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({
    args,
    options: { ...declared, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowNegative: true,
    tokens: true,
  });
  const given = new Map<OptionName | 'help', string | boolean>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      // It may be the rest of a secret with a space in it.
      const shown = given.has('tokenSecret') ? 'What follows the secret' : `"${token.value}"`;
      throw new ConfigError(`${shown} is no option; see --help.`);
    }
    given.set(...readFlag(token));
  }
  return given;
}

function readFlag(token: {
  name: string;
  rawName: string;
  value?: string | undefined;
}): [OptionName | 'help', string | boolean] {
  if (token.name === 'help') return ['help', true];
  // By the flag as it was typed: parseArgs has taken the "no-" off some names and not off others.
  const negated = token.rawName.startsWith('--no-');
  const wanted = negated ? token.rawName.slice('--no-'.length) : token.name;
  const name = names.find((candidate) => kebab(candidate) === wanted);
  if (!name || (negated && !isBoolean(name))) {
    const nearest = closest(token.rawName, [...names.map(flagOf), '--help']);
    throw new ConfigError(`${token.rawName} is no option; did you mean ${nearest}? All options: --help.`);
  }
  if (negated && token.value !== undefined) throw new ConfigError(`${token.rawName} takes no value.`);
  if (isBoolean(name)) return [name, token.value ?? !negated];
  if (token.value === undefined) throw new ConfigError(`${token.rawName} needs a value: ${options[name].right}.`);
  return [name, token.value];
}

const loopback = new Set(['localhost', '127.0.0.1', '::1']);

/** Whether the demo page may mint tokens: as it is asked for, or else only where nobody else can come. */
export function doorIsOpen({ open, host, lan }: Pick<Config, 'open' | 'host' | 'lan'>): boolean {
  return open ?? (lan || loopback.has(host));
}

function checkTogether(config: Config): void {
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new ConfigError('PLENUM_TLS_CERT and PLENUM_TLS_KEY belong together: give both, or none.');
  }
  if (!doorIsOpen(config) && config.tokenSecret === undefined) {
    throw new ConfigError(
      `PLENUM_TOKEN_SECRET is missing. The server listens on ${config.host}, where others can come, so it takes only ` +
        'people with an access token: give it a secret of at least 32 bytes (openssl rand -base64 48), or let ' +
        'everybody in with --open.',
    );
  }
  if (config.rtcPort > 0 && config.rtcPort + config.workers - 1 > 65_535) {
    throw new ConfigError(`PLENUM_RTC_PORT is ${config.rtcPort}; with ${config.workers} workers it must be lower.`);
  }
}

/** Where things are kept that can be made again: certificates, the worker, Node. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'plenum');
}

export function helpText(): string {
  const lines = names.map((name) => {
    const { schema, doc } = options[name];
    const shown = 'shownDefault' in options[name] ? options[name].shownDefault : undefined;
    const fallback = shown ?? schema.safeParse(undefined).data ?? 'none';
    return `  ${`${flagOf(name)}${isBoolean(name) ? '' : ' VALUE'}`.padEnd(28)}${variableOf(name)}\n      ${doc}\n      Default: ${fallback}`;
  });
  return [
    'Plenum, an SFU media server for group calls.',
    '',
    'Usage: npm start -- [options]',
    '',
    'Each option is a flag or an environment variable; the flag wins.',
    '',
    ...lines,
    `  ${'--help, -h'.padEnd(28)}\n      This text.`,
  ].join('\n');
}
