import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readOption } from '../config.ts';
import { isFilePath } from '../filePath.ts';
import { apiGrants } from '../protocol/apiGrants.ts';
import { type Grants, grants, type Metadata, PlenumError } from '../protocol/index.ts';
import { createAccessToken } from './accessToken.ts';
import { createApiToken } from './apiToken.ts';
import { complaintOf } from './jwt.ts';
import type { TokenKey } from './keys.ts';

/** `npm run token`: makes an access token, as `createAccessToken()` does, or with `--api` one for the API of the server. */

export const tokenHelp = `Makes an access token for a room, or a token for the API, and prints it.

Usage: npm run token -- --room NAME --identity WHO [options]
       npm run token -- --api --sub NAME [options]

For a room:

  --room NAME         1 to 64 letters, digits, "_" or "-"
  --identity WHO      who it is, stable over reconnects
  --name TEXT         what the others read
  --ttl TIME          how long a join is possible with it: 90s, 30m, 1h, 7d; default 1h
  --grants JSON       what it may do, such as {"canPublish": ["microphone"], "canChat": false}; what is left out is as
                      for a plain participant: ${JSON.stringify(grants.parse({}))}
  --moderator         the same as {"moderator": true}
  --hidden            the same as {"hidden": true}
  --metadata JSON     flat data that everybody in the room sees, such as {"desk": 4}

For the API:
  --api
  --sub NAME          which application it is
  --rooms HOW         read, or write: create, change and end rooms
  --participants HOW  read, or write: mute, remove, move, change rights
  --data write        send data and chat messages as the server
  --stats read        statistics
  --only NAMES        confined to these rooms, with commas
  --prefix TEXT       confined to rooms whose names begin so
  --ttl TIME          how long it can be used

For both:
  --key FILE          a key as JSON (JWK with its "kid"), instead of the secret in PLENUM_TOKEN_SECRET`;

/** Something on the command line is wrong; the message says what would be right. */
export class TokenUsageError extends Error {
  override readonly name = 'TokenUsageError';
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * @param args what follows the program's name on the command line
 * @returns the token; undefined where only help was asked for
 * @throws TokenUsageError, or PlenumError `bad-request` for what no token can say
 */
export async function tokenCommand(args: string[], env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const given = read(args);
  if (given.help) return undefined;
  return given.api ? makeApiToken(given, env) : makeAccessToken(given, env);
}

type Given = ReturnType<typeof read>;

async function makeAccessToken(given: Given, env: NodeJS.ProcessEnv): Promise<string> {
  refuse(given, apiFlags, 'is for tokens of the API; give --api as well');
  const { room, identity, name } = given;
  if (room === undefined || identity === undefined) {
    throw new TokenUsageError('A token needs --room and --identity; see --help.');
  }
  const rights: Partial<Grants> = {
    ...readJson<Partial<Grants>>('--grants', given.grants),
    ...(given.moderator && { moderator: true }),
    ...(given.hidden && { hidden: true }),
  };
  return createAccessToken(await keyOf(given.key, env), {
    room,
    identity,
    ...(name !== undefined && { displayName: name }),
    ...(given.metadata !== undefined && { metadata: readJson<Metadata>('--metadata', given.metadata) }),
    grants: rights,
    ttlSeconds: readTime(given.ttl),
  });
}

async function makeApiToken(given: Given, env: NodeJS.ProcessEnv): Promise<string> {
  refuse(given, accessFlags, 'is for access tokens, not for those of the API');
  if (given.sub === undefined) throw new TokenUsageError('A token for the API needs --sub; see --help.');
  const { rooms, participants, data, stats, only, prefix } = given;
  const wanted = { rooms, participants, data, stats, onlyRooms: only?.split(','), roomPrefix: prefix };
  const parsed = apiGrants.safeParse(
    Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)),
  );
  if (!parsed.success) throw new TokenUsageError(`${complaintOf(parsed.error)}; see --help.`);
  if (![rooms, participants, data, stats].some(Boolean)) {
    throw new TokenUsageError(
      'A token for the API needs a right: --rooms, --participants, --data or --stats; see --help.',
    );
  }
  return createApiToken(await keyOf(given.key, env), {
    subject: given.sub,
    grants: parsed.data,
    ttlSeconds: readTime(given.ttl),
  });
}

const accessFlags = ['room', 'identity', 'name', 'grants', 'moderator', 'hidden', 'metadata'] as const;
const apiFlags = ['sub', 'rooms', 'participants', 'data', 'stats', 'only', 'prefix'] as const;

/** A right that was given to the wrong kind of token would be missing without anybody noticing. */
function refuse(given: Given, flags: readonly (keyof Given)[], why: string): void {
  const strange = flags.find((flag) => given[flag] !== undefined);
  if (strange !== undefined) throw new TokenUsageError(`--${strange} ${why}; see --help.`);
}

function read(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        room: { type: 'string' },
        identity: { type: 'string' },
        name: { type: 'string' },
        ttl: { type: 'string', default: '1h' },
        grants: { type: 'string' },
        moderator: { type: 'boolean' },
        hidden: { type: 'boolean' },
        metadata: { type: 'string' },
        api: { type: 'boolean' },
        sub: { type: 'string' },
        rooms: { type: 'string' },
        participants: { type: 'string' },
        data: { type: 'string' },
        stats: { type: 'string' },
        only: { type: 'string' },
        prefix: { type: 'string' },
        key: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new TokenUsageError(`${error instanceof Error ? error.message : String(error)} See --help.`);
  }
}

/** What is in it is checked by `createAccessToken()`. */
function readJson<T>(flag: string, text = '{}'): T {
  try {
    return JSON.parse(text);
  } catch {
    throw new TokenUsageError(`${flag} is no JSON; it must be an object such as {"name": "value"}.`);
  }
}

function readTime(text: string): number {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const seconds = Number(amount) * (unitSeconds[unit] ?? Number.NaN);
  if (!(seconds > 0)) throw new TokenUsageError(`--ttl is "${text}"; it must be a time such as 90s, 30m, 1h or 7d.`);
  return seconds;
}

async function keyOf(path: string | undefined, env: NodeJS.ProcessEnv): Promise<string | TokenKey> {
  if (path !== undefined) return readJson<TokenKey>(`What is in ${path}`, await textOf(path));
  const secret = readOption('tokenSecret', env);
  if (secret !== undefined) return secret;
  throw new TokenUsageError(
    'PLENUM_TOKEN_SECRET is missing: a token is signed with the secret that the server has. Give it in the environment, ' +
      'or a key with --key FILE. A server without either lets in whoever asks its page.',
  );
}

async function textOf(path: string): Promise<string> {
  if (!isFilePath(path))
    throw new TokenUsageError('--key is no path; it must be the path of a file, not the key itself.');
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new PlenumError('bad-request', `${path} cannot be read`, { cause: error });
  }
}
