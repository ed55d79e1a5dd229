import { homedir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adminPortOf,
  ConfigError,
  cacheFolder,
  flagOf,
  forgetSecrets,
  hasFlag,
  helpText,
  readConfig,
  unknownVariables,
  variableOf,
} from '../../src/config.ts';
import { isFilePath } from '../../src/filePath.ts';
import { options } from '../../src/options.ts';
import { company, examples, type Name, names, secret, webhookSecret } from '../support/optionExamples.ts';

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
    if (!hasFlag(name)) return;
    expect(readConfig([asFlag(name, text)], { ...company[name], [variableOf(name)]: 'wrong' })[name]).toEqual(value);
  });

  test('an empty variable is not set, an empty flag is a slip', () => {
    expect(readConfig([], { [variableOf(name)]: '' })[name]).toEqual(readConfig([], {})[name]);
    expect(complaint([asFlag(name, '')])).toContain(flagOf(name));
  });

  test.each(wrong)('refuses "%s" and says what is right', (value) => {
    const isHidden = 'secret' in options[name] || !isFilePath(value);
    const shown = isHidden ? '(not shown)' : JSON.stringify(value);
    const message = `${shown}; it must be ${options[name].right}.`;
    const why = 'explains' in options[name] ? / .+\.$/s : /^$/;
    const says = (what: string, told: string) => {
      const stem = `${what} is ${message}`;
      expect(told.slice(0, stem.length)).toBe(stem);
      expect(told.slice(stem.length)).toMatch(why);
    };
    says(variableOf(name), complaint([], { [variableOf(name)]: value }));
    if (hasFlag(name)) says(flagOf(name), complaint([asFlag(name, value)]));
  });
});

test.each([
  ['{"loby":true}', /Unrecognized key: "loby"/],
  ['{"lobby":true,"maxDurationSeconds":5}', /maxDurationSeconds: .*60/],
  ['{lobby:true}', /this is no JSON/],
])('of settings that are wrong (%s) it is told what is', (value, why) => {
  const { right } = options.roomSettings;
  expect(complaint(['--room-settings', value]).split(right)[1]).toMatch(why);
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

  test("the operators' port is the one after the other, unless it is given", () => {
    const ports = (...args: string[]) => adminPortOf(readConfig(args, {}));
    expect([ports(), ports('--port', '8000'), ports('--port', '0'), ports('--admin-port', '0')]).toEqual([
      3001, 8001, 0, 0,
    ]);
    expect(ports('--port', '65535', '--admin-port', '9464')).toBe(9464);
    expect(complaint(['--port', '65535'])).toContain('PLENUM_ADMIN_PORT');
  });

  describe('webhooks', () => {
    const env = { PLENUM_WEBHOOK_SECRETS: webhookSecret };
    const urls = (urls: string, allowed = '') => [
      ...[`--webhook-urls=${urls}`],
      ...(allowed ? [`--webhook-allow-private=${allowed}`] : []),
    ];

    test('are signed: URLs without a secret stop the start', () => {
      const told = complaint(urls('https://app.example/key-hunter2'));
      expect(told).toContain('PLENUM_WEBHOOK_SECRETS is missing');
      expect(told).toContain('openssl rand -base64 32');
      expect(told).not.toContain('hunter2');
      expect(readConfig([], env).webhookUrls).toEqual([]);
    });

    test.each([
      ['http://app.example', '', 'http://app.example is not https'],
      ['https://a.example,http://127.0.0.1:9', '', 'http://127.0.0.1:9 is not https'],
      ['http://127.0.0.1', '10.0.0.0/8,localhost', 'http://127.0.0.1 is not https'],
      ['http://app.internal', '10.0.0.0/8', 'http://app.internal is not https'],
      ['https://10.0.0.1/key-hunter2', '', 'https://10.0.0.1 is not at a public address'],
      ['https://[::ffff:169.254.169.254]', '', 'is not at a public address'],
      ['https://2130706433', '', 'https://127.0.0.1 is not at a public address'],
    ])('%s, where %j is allowed, is refused', (url, allowed, message) => {
      const told = complaint(urls(url, allowed), env);
      expect(told).toContain(message);
      expect(told).toContain('PLENUM_WEBHOOK_ALLOW_PRIVATE');
      expect(told).not.toContain('hunter2');
    });

    test.each([
      ['https://app.example', ''],
      ['http://app.internal:8080/hooks', 'app.internal'],
      ['http://APP.internal.', 'app.Internal'],
      ['http://127.0.0.1:8080', '127.0.0.0/8'],
      ['http://[::1]', '::1'],
      ['https://10.0.0.1', '10.0.0.1'],
    ])('%s, where %j is allowed, is taken', (url, allowed) => {
      expect(readConfig(urls(url, allowed), env).webhookUrls).toEqual([new URL(url)]);
    });
  });

  test('every worker needs a port of its own', () => {
    expect(complaint(['--rtc-port', '65535', '--workers', '2'])).toContain('it must be lower');
    expect(readConfig(['--rtc-port', '65534', '--workers', '2'], {}).rtcPort).toBe(65_534);
  });
});

test('secrets are no flags, right or wrong, and the variable is named', () => {
  expect(names.filter((name) => !hasFlag(name))).toEqual(['tokenSecret', 'webhookSecrets']);
  for (const [flag, variable, value] of [
    ['--token-secret', 'PLENUM_TOKEN_SECRET', secret],
    ['--token-secret', 'PLENUM_TOKEN_SECRET', 'short'],
    ['--webhook-secrets', 'PLENUM_WEBHOOK_SECRETS', webhookSecret],
  ] as const) {
    for (const args of [[flag, value], [`${flag}=${value}`]]) {
      const told = complaint(args, { [variable]: value.length > 10 ? value : '' });
      expect(told).toMatch(new RegExp(`^${flag} is no flag: .* variable ${variable}\\.$`));
      expect(told).not.toContain(value);
    }
  }
  expect(complaint(['--token-secrets=x'])).toContain('did you mean PLENUM_TOKEN_SECRET?');
  expect(readConfig(['--help', '--token-secret', secret], {}).help).toBe(true);
});

test('no message shows a secret', () => {
  const hidden = 'hunter2-hunter2';
  const messages = [
    complaint(['--token-secret', hidden]),
    complaint([`--token-secrets=${hidden}`]),
    complaint(['--token-secret', 'two', hidden]),
    complaint([`-token-secret=${hidden}`]),
    complaint([], { PLENUM_TOKEN_SECRET: hidden }),
    complaint([], { PLENUM_TOKEN_KEYS: `{"keys":[{"kty":"oct","k":"${hidden}"}]}` }),
    complaint([`--token-keys=-----BEGIN PRIVATE KEY-----${hidden}`]),
    complaint([], { PLENUM_PORT: `{"k":"${hidden}"}` }),
    complaint(['--port', 'x'], { PLENUM_TOKEN_SECRET: `${secret}${hidden}` }),
    complaint(['--webhook-secrets', `whsec_${hidden}`]),
    complaint(['--webhook-secrets', 'whsec_two', hidden]),
    complaint([`--webhook-urls=https://ada:${hidden}@app.example`]),
    complaint([`--webhook-urls=http://app.example/?key=${hidden}`], { PLENUM_WEBHOOK_SECRETS: webhookSecret }),
  ];
  for (const message of messages) expect(message).not.toContain(hidden);
  expect(unknownVariables({ PLENUM_TOKEN_SECRETS: hidden })).toEqual([
    { name: 'PLENUM_TOKEN_SECRETS', nearest: 'PLENUM_TOKEN_SECRET' },
  ]);
});

test('what is started later inherits no secret', () => {
  const env = { PLENUM_TOKEN_SECRET: secret, PLENUM_WEBHOOK_SECRETS: 'x', PLENUM_PORT: '80', HOME: '/' };
  forgetSecrets(env);
  expect(env).toEqual({ PLENUM_PORT: '80', HOME: '/' });
});

describe('--help', () => {
  test('lists every option with variable, description and default', () => {
    const text = helpText();
    for (const name of names) {
      const declaration = options[name];
      expect(text.includes(`  ${flagOf(name)}`)).toBe(hasFlag(name));
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
