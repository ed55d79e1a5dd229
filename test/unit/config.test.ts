import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ConfigError,
  cacheFolder,
  doorIsOpen,
  flagOf,
  helpText,
  readConfig,
  unknownVariables,
  variableOf,
} from '../../src/config.ts';
import { options } from '../../src/options.ts';

const secret = 'a secret of more than thirty-two bytes';

type Name = keyof typeof options;
interface Example {
  right: [string, unknown];
  wrong: string[];
}

const wholeNumbers = (right: number, most: number): Example => ({
  right: [String(right), right],
  wrong: ['-1', String(most + 1), '1.5', '1e3', '0x10', 'many', ' ', 'Infinity', 'NaN', '9'.repeat(400)],
});

/** A right value with what it becomes, and wrong ones, for each option; a new option has to be added here. */
const examples: Record<Name, Example> = {
  port: wholeNumbers(8080, 65_535),
  host: { right: ['127.0.0.1', '127.0.0.1'], wrong: [' '] },
  announcedAddress: {
    right: ['203.0.113.9, 2001:db8::1,sfu.example.org', ['203.0.113.9', '2001:db8::1', 'sfu.example.org']],
    wrong: [' ', 'not an address', '300.1.1.1', 'a,,b', '2001:db8::1::2', '-x.org', 'a,b,c,d,e'],
  },
  rtcPort: wholeNumbers(50_000, 65_535),
  workers: { ...wholeNumbers(3, 256), wrong: [...wholeNumbers(3, 256).wrong, '0'] },
  workerMaxConsumers: { ...wholeNumbers(50, 100_000), wrong: ['0', '100001', '1.5'] },
  workerMaxCpu: { right: ['0.5', 0.5], wrong: ['0', '1.1', '50%'] },
  workerMaxParticipants: { ...wholeNumbers(50, 100_000), wrong: ['0', '100001', '1.5'] },
  tlsCert: { right: ['cert.pem', 'cert.pem'], wrong: [' '] },
  tlsKey: { right: ['key.pem', 'key.pem'], wrong: [' '] },
  lan: { right: ['yes', true], wrong: ['2', 'ja', 'TRUE'] },
  tokenSecret: { right: [secret, secret], wrong: ['short', 'x'.repeat(31)] },
  open: { right: ['0', false], wrong: ['2', 'ja'] },
  maxParticipants: { ...wholeNumbers(20, 100_000), wrong: ['0', '-1', '1.5'] },
  fullRoster: { ...wholeNumbers(20, 100_000), wrong: ['0', '-1', '1.5'] },
  changeInterval: wholeNumbers(0, 10_000),
  maxPublications: { ...wholeNumbers(20, 256), wrong: ['0', '257'] },
  autoViewVideos: { ...wholeNumbers(9, 1000), wrong: ['0', '1001'] },
  dynacast: { right: ['off', false], wrong: ['2', 'nein'] },
  hiddenGrace: { right: ['2.5', 2.5], wrong: ['-1', '3601', 'long'] },
  audioSpeakers: wholeNumbers(0, 1000),
  chatHistory: wholeNumbers(0, 10_000),
  roomGrace: { right: ['0.5', 0.5], wrong: ['-1', '86401', 'long', '1,5'] },
  drainSeconds: { right: ['1.5', 1.5], wrong: ['-1', '86401', 'a minute'] },
  joinsAtOnce: { ...wholeNumbers(8, 100_000), wrong: ['0', '100001', '1.5'] },
  maxMessageBytes: wholeNumbers(1000, 1024 * 1024),
  maxPacketBytes: wholeNumbers(1000, 64 * 1024 * 1024),
  maxDataBytes: { right: ['2000', 2000], wrong: ['1023', '196609', '1.5'] },
  maxFileBytes: { right: ['0', 0], wrong: ['-1', '1099511627777', '1.5'] },
  dataBitrate: { right: ['1000000', 1_000_000], wrong: ['7999', '10000000001', '1.5'] },
  dataMessages: { ...wholeNumbers(20, 100_000), wrong: ['0', '-1', '1.5'] },
  pingInterval: { right: ['2.5', 2.5], wrong: ['0.1', '61', '1s'] },
  pingTimeout: { right: ['20', 20], wrong: ['0', '121'] },
  resumeGrace: { right: ['2.5', 2.5], wrong: ['-1', '601', 'long'] },
  keyFrameDelay: wholeNumbers(0, 5000),
  maxSendBitrate: { right: ['2500000', 2_500_000], wrong: ['-1', '29999', '1000000001', '1.5', 'fast'] },
  maxReceiveBitrate: { right: ['0', 0], wrong: ['-1', '29999', '1000000001', '1e6', 'fast'] },
  initialBitrate: wholeNumbers(900_000, 1_000_000_000),
  simulateFaults: { right: ['on', true], wrong: ['2', 'ja'] },
  logLevel: { right: ['debug', 'debug'], wrong: ['trace', 'INFO'] },
  logFormat: { right: ['json', 'json'], wrong: ['xml'] },
};

const names = Object.keys(options) as Name[];

/** What other options need beside this one. */
const company: Partial<Record<Name, Record<string, string>>> = {
  tlsCert: { PLENUM_TLS_KEY: 'key.pem' },
  tlsKey: { PLENUM_TLS_CERT: 'cert.pem' },
  open: { PLENUM_TOKEN_SECRET: secret },
};

/** The flag with its value; the flags that need none are on or off. */
function asFlag(name: Name, value: string): string {
  return `${flagOf(name)}=${value}`;
}

function complaint(args: string[], env: Record<string, string> = {}): string {
  try {
    readConfig(args, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error(`nothing is wrong with ${args.join(' ')}`);
}

describe.each(names)('the option %s', (name) => {
  const { right, wrong } = examples[name];

  test('has a default', () => {
    const value = readConfig([], {})[name];
    expect(value).toEqual(options[name].schema.parse(undefined));
  });

  test('comes from the environment, and the flag wins over it', () => {
    const [text, value] = right;
    expect(readConfig([], { ...company[name], [variableOf(name)]: text })[name]).toEqual(value);
    expect(readConfig([asFlag(name, text)], { ...company[name], [variableOf(name)]: 'wrong' })[name]).toEqual(value);
  });

  test('an empty variable is not set, an empty flag is a slip', () => {
    expect(readConfig([], { [variableOf(name)]: '' })[name]).toEqual(readConfig([], {})[name]);
    expect(complaint([asFlag(name, '')])).toContain(flagOf(name));
  });

  test.each(wrong)('refuses "%s" and says what is right', (value) => {
    const shown = name === 'tokenSecret' ? '(not shown)' : JSON.stringify(value);
    const message = `${shown}; it must be ${options[name].right}.`;
    expect(complaint([], { [variableOf(name)]: value })).toBe(`${variableOf(name)} is ${message}`);
    expect(complaint([asFlag(name, value)])).toBe(`${flagOf(name)} is ${message}`);
  });
});

test('several wrong options are told at once', () => {
  const lines = complaint(['--workers', '0'], { PLENUM_PORT: 'x', PLENUM_LOG_LEVEL: 'loud' }).split('\n');
  expect(lines).toHaveLength(3);
});

describe('flags', () => {
  test.each([
    ['--prot=1', '--port'],
    ['--worker=1', '--workers'],
    ['--anounced-address=x', '--announced-address'],
    ['--hlep', '--help'],
    ['--Port=1', '--port'],
    ['--rtcPort=1', '--rtc-port'],
  ])('%s is refused with the nearest', (given, nearest) => {
    expect(complaint([given])).toBe(
      `${given.split('=')[0]} is no option; did you mean ${nearest}? All options: --help.`,
    );
  });

  test.each([['-x'], ['--no-port'], ['--no-nonsense'], ['--constructor'], ['--__proto__']])(
    '%s is refused',
    (given) => {
      expect(complaint([given])).toContain(`${given} is no option`);
    },
  );

  test('a flag without its value, and words that belong to none', () => {
    expect(complaint(['--port'])).toBe('--port needs a value: a whole number from 0 to 65535.');
    expect(complaint(['--port', '--lan'])).toContain('--port is "--lan"');
    expect(complaint(['4000'])).toContain('"4000" is no option');
  });

  test('--open opens the door, --no-open closes it', () => {
    expect(readConfig(['--open'], {}).open).toBe(true);
    expect(readConfig(['--no-open'], { PLENUM_OPEN: '1', PLENUM_TOKEN_SECRET: secret }).open).toBe(false);
    expect(readConfig(['--no-lan'], { PLENUM_LAN: '1' }).lan).toBe(false);
    expect(complaint(['--no-open=1'])).toBe('--no-open takes no value.');
  });

  test('whatever is on the command line, it is read or refused with a message', () => {
    const words = [...names.map(flagOf), ...names.map((name) => `--no-${flagOf(name).slice(2)}`), '--help', '-h', '--'];
    const part = fc.oneof(fc.constantFrom(...words, '=', '1', '--', '-'), fc.string({ maxLength: 8 }));
    const word = fc.array(part, { maxLength: 3 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (args) => {
        try {
          readConfig(args, {});
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

describe('options that belong together', () => {
  test('certificate and key', () => {
    expect(complaint(['--tls-cert', 'a.pem'])).toContain('belong together');
    expect(complaint(['--tls-key', 'a.pem'])).toContain('belong together');
  });

  test('faults are not simulated in production, whether a flag or a variable asks for it', () => {
    const production = { NODE_ENV: 'production' };
    for (const told of [
      complaint(['--simulate-faults'], production),
      complaint([], { ...production, PLENUM_SIMULATE_FAULTS: '1' }),
    ]) {
      expect(told).toContain('PLENUM_SIMULATE_FAULTS');
      expect(told).toContain('NODE_ENV is production');
      expect(told).toContain('--no-simulate-faults');
    }
    expect(readConfig([], production).simulateFaults).toBe(false);
    expect(readConfig(['--no-simulate-faults'], { ...production, PLENUM_SIMULATE_FAULTS: '1' }).simulateFaults).toBe(
      false,
    );
    expect(readConfig(['--simulate-faults'], { NODE_ENV: 'development' }).simulateFaults).toBe(true);
  });

  test('a secret is needed where others can come, unless everybody may', () => {
    expect(complaint(['--host', '0.0.0.0'])).toContain('PLENUM_TOKEN_SECRET is missing');
    expect(complaint(['--no-open'])).toContain('PLENUM_TOKEN_SECRET is missing');
    expect(readConfig(['--host', '0.0.0.0', '--open'], {}).open).toBe(true);
    expect(readConfig(['--host', '0.0.0.0'], { PLENUM_TOKEN_SECRET: secret }).tokenSecret).toBe(secret);
  });

  test('the door', () => {
    const door = (open: boolean | undefined, host: string, lan = false) => doorIsOpen({ open, host, lan });
    expect(['localhost', '127.0.0.1', '::1'].map((host) => door(undefined, host))).toEqual([true, true, true]);
    expect(['0.0.0.0', '::', '192.0.2.1'].map((host) => door(undefined, host))).toEqual([false, false, false]);
    expect(door(undefined, '192.0.2.1', true)).toBe(true);
    expect(door(false, 'localhost', true)).toBe(false);
  });

  test('every worker needs a port of its own', () => {
    expect(complaint(['--rtc-port', '65535', '--workers', '2'])).toContain('it must be lower');
    expect(readConfig(['--rtc-port', '65534', '--workers', '2'], {}).rtcPort).toBe(65_534);
  });
});

test('no message shows a secret', () => {
  const hidden = 'hunter2-hunter2';
  const messages = [
    complaint(['--token-secret', hidden]),
    complaint([`--token-secrets=${hidden}`]),
    complaint(['--token-secret', 'two', hidden]),
    complaint([`-token-secret=${hidden}`]),
    complaint([], { PLENUM_TOKEN_SECRET: hidden }),
    complaint(['--port', 'x'], { PLENUM_TOKEN_SECRET: `${secret}${hidden}` }),
  ];
  for (const message of messages) expect(message).not.toContain(hidden);
  expect(unknownVariables({ PLENUM_TOKEN_SECRETS: hidden })).toEqual([
    { name: 'PLENUM_TOKEN_SECRETS', nearest: 'PLENUM_TOKEN_SECRET' },
  ]);
});

describe('--help', () => {
  test('lists every option with variable, description and default', () => {
    const text = helpText();
    for (const name of names) {
      const declaration = options[name];
      expect(text).toContain(`  ${flagOf(name)}`);
      expect(text).toContain(variableOf(name));
      const shown = 'shownDefault' in declaration ? declaration.shownDefault : declaration.schema.parse(undefined);
      expect(text).toContain(`${declaration.doc}\n      Default: ${shown ?? 'none'}`);
    }
  });

  test('is there also when something else is wrong', () => {
    expect(readConfig(['--help'], { PLENUM_PORT: 'x', PLENUM_HOST: '0.0.0.0' }).help).toBe(true);
    expect(readConfig(['-h'], {}).help).toBe(true);
    expect(readConfig([], {}).help).toBe(false);
  });
});

test('a variable that looks like an option is told of', () => {
  expect(unknownVariables({ PLENUM_PROT: '1', PLENUM_PORT: '1', HOME: '/' })).toEqual([
    { name: 'PLENUM_PROT', nearest: 'PLENUM_PORT' },
  ]);
});

test('the cache is where the user keeps caches', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/c' })).toBe(join('/c', 'plenum'));
  expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'plenum'));
});
