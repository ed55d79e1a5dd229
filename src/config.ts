import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import type { z } from 'zod';
import { isFilePath } from './filePath.ts';
import { doorOf } from './openDoor.ts';
import { options } from './options.ts';
import { AddressPolicy } from './webhooks/addresses.ts';

/**
 * The one place that reads the environment and the command line: `PLENUM_RTC_PORT` in the environment and `--rtc-port`
 * on the command line are the option `rtcPort` of src/options.ts. Secrets are read from the environment alone.
 */

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
/** Options whose values no message shows. */
const secrets: ReadonlySet<string> = new Set(names.filter((name) => 'secret' in options[name]));
/** Whether there is a flag for it; secrets are taken from the environment alone. */
export const hasFlag = (name: OptionName) => !('variableOnly' in options[name]);
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
    if (fromFlag !== undefined && !hasFlag(name)) complaints.push(noFlag(name));
    const fromEnv = help ? undefined : env[variableOf(name)];
    // An empty variable is how a shell or a container says "not set".
    const raw = fromFlag ?? (fromEnv === '' ? undefined : fromEnv);
    const result = options[name].schema.safeParse(raw);
    if (!result.success && (fromFlag === undefined || hasFlag(name))) {
      const where = fromFlag === undefined ? variableOf(name) : flagOf(name);
      // A key in the wrong place is a key all the same.
      const isKey = typeof raw === 'string' && !isFilePath(raw);
      const shown = secrets.has(name) || isKey ? '(not shown)' : JSON.stringify(raw);
      complaints.push(`${where} is ${shown}; it must be ${options[name].right}.${explanation(name, result.error)}`);
    }
    return [name, result.data];
  });
  if (complaints.length > 0) throw new ConfigError(complaints.join('\n'));
  // Each value was parsed by the schema of its name; fromEntries() loses which is whose.
  const config = Object.fromEntries(values) as Config;
  if (!help) checkTogether(config, env);
  return { ...config, help };
}

/** Which part of a value is wrong, where it has parts. */
function explanation(name: OptionName, { issues }: z.ZodError): string {
  if (!('explains' in options[name])) return '';
  const parts = issues.map(({ path, message }) => [...path, message].join(': '));
  return ` ${parts.join('; ')}.`;
}

/** What programs beside the server read; by `readOption()`. */
export const environment: NodeJS.ProcessEnv = process.env;

/**
 * One option, for a program beside the server.
 *
 * @throws ConfigError where it is wrong
 */
export function readOption<N extends OptionName>(name: N, env: NodeJS.ProcessEnv): Config[N] {
  const raw = env[variableOf(name)];
  const result = options[name].schema.safeParse(raw === '' ? undefined : raw);
  // Parsed by the schema of this very name.
  if (result.success) return result.data as Config[N];
  throw new ConfigError(`${variableOf(name)} is not what it must be: ${options[name].right}.`);
}

/**
 * Takes them out of the environment, which every process inherits that this one starts: media workers parse what strangers
 * send, and need none of it.
 */
export function forgetSecrets(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of secrets) delete env[variableOf(name)];
}

/** Variables that look like options but are none, with the nearest that is: most often a slip of the keyboard. */
export function unknownVariables(env: NodeJS.ProcessEnv = process.env): { name: string; nearest: string }[] {
  const known = names.map(variableOf);
  return Object.keys(env)
    .filter((name) => name.startsWith('PLENUM_') && !known.includes(name))
    .map((name) => ({ name, nearest: closest(name, known) }));
}

function noFlag(name: OptionName): string {
  return (
    `${flagOf(name)} is no flag: everybody on this machine can read the flags of a process. ` +
    `Give it as the variable ${variableOf(name)}.`
  );
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
      const shown = [...given.keys()].some((name) => secrets.has(name))
        ? 'What follows the secret'
        : `"${token.value}"`;
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
    const flags = new Map(names.map((each) => [flagOf(each), hasFlag(each) ? flagOf(each) : variableOf(each)]));
    const nearest = closest(token.rawName, [...flags.keys(), '--help']);
    const meant = flags.get(nearest) ?? nearest;
    throw new ConfigError(`${token.rawName} is no option; did you mean ${meant}? All options: --help.`);
  }
  if (negated && token.value !== undefined) throw new ConfigError(`${token.rawName} takes no value.`);
  if (isBoolean(name)) return [name, token.value ?? !negated];
  if (token.value === undefined) throw new ConfigError(`${token.rawName} needs a value: ${options[name].right}.`);
  return [name, token.value];
}

/** So that servers beside one another, each with a port of its own, do not meet at the second one. */
export function adminPortOf({ port, adminPort }: Pick<Config, 'port' | 'adminPort'>): number {
  return adminPort ?? (port === 0 ? 0 : port + 1);
}

function checkTogether(config: Config, env: NodeJS.ProcessEnv): void {
  if (config.simulateFaults && env.NODE_ENV === 'production') {
    throw new ConfigError(
      'PLENUM_SIMULATE_FAULTS is on, and NODE_ENV is production: everybody in a meeting could kill its worker. Switch ' +
        'it off (--no-simulate-faults); it is for development only.',
    );
  }
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new ConfigError('PLENUM_TLS_CERT and PLENUM_TLS_KEY belong together: give both, or none.');
  }
  if (doorOf(config) === 'closed' && config.tokenSecret === undefined && config.tokenKeys === undefined) {
    throw new ConfigError(
      `PLENUM_TOKEN_SECRET is missing. The server listens on ${config.host}${config.trustProxy.length > 0 ? ' behind a proxy' : ''}, ` +
        'where others can come, so it takes only ' +
        'people with an access token: give it a secret of at least 32 bytes (openssl rand -base64 48), or keys with ' +
        '--token-keys, or let everybody in with --open.',
    );
  }
  if (adminPortOf(config) > 65_535) {
    throw new ConfigError('PLENUM_PORT is 65535, after which there is no other: give PLENUM_ADMIN_PORT as well.');
  }
  checkWebhooks(config);
  if (config.rtcPort > 0 && config.rtcPort + config.workers - 1 > 65_535) {
    throw new ConfigError(`PLENUM_RTC_PORT is ${config.rtcPort}; with ${config.workers} workers it must be lower.`);
  }
}

function checkWebhooks({ webhookUrls, webhookSecrets, webhookAllowPrivate }: Config): void {
  if (webhookUrls.length > 0 && webhookSecrets.length === 0) {
    throw new ConfigError(
      'PLENUM_WEBHOOK_SECRETS is missing, and PLENUM_WEBHOOK_URLS is given: webhooks are signed, so that their receiver ' +
        'knows who sends them. Make a secret with: echo "whsec_$(openssl rand -base64 32)"',
    );
  }
  const policy = new AddressPolicy(webhookAllowPrivate);
  for (const url of webhookUrls) {
    const complaint = policy.complaint(url);
    // Not its path, which may be a secret.
    if (complaint !== undefined) {
      throw new ConfigError(
        `PLENUM_WEBHOOK_URLS: ${url.origin} ${complaint}; only targets whose host or address is in ` +
          'PLENUM_WEBHOOK_ALLOW_PRIVATE may be like that.',
      );
    }
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
    const shownFlag = hasFlag(name) ? `${flagOf(name)}${isBoolean(name) ? '' : ' VALUE'}` : '(no flag)';
    return `  ${shownFlag.padEnd(28)}${variableOf(name)}\n      ${doc}\n      Default: ${fallback}`;
  });
  return [
    'Plenum, an SFU media server for group calls.',
    '',
    'Usage: npm start -- [options]',
    '',
    'Each option is a flag or an environment variable; the flag wins. Secrets are variables only.',
    '',
    ...lines,
    `  ${'--help, -h'.padEnd(28)}\n      This text.`,
  ].join('\n');
}
