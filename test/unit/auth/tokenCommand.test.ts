import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { TokenService } from '../../../src/auth/TokenService.ts';
import { tokenCommand } from '../../../src/auth/tokenCommand.ts';
import { createLog } from '../../../src/log.ts';

const secret = 'Vn3s0mDq8Zk1xYp7Lw5cR2tGh9JbUeAf';
const env = { PLENUM_TOKEN_SECRET: secret };
const who = ['--room', 'x', '--identity', 'ada'];
const log = createLog({ level: 'silent', format: 'json' });

test('what it makes opens the room of a server with the same secret, and says what was asked for', async () => {
  const more = ['--name', 'Ada', '--ttl', '2h', '--grants', '{"canPublish":["screen"]}', '--moderator'];
  const token = await tokenCommand([...who, ...more, '--metadata', '{"desk":4}'], env);
  const service = await TokenService.create({ secret, keyFile: undefined, openDoor: false, log });
  expect(await service.verify(token ?? '')).toMatchObject({
    room: 'x',
    identity: 'ada',
    displayName: 'Ada',
    metadata: { desk: 4 },
    grants: { canPublish: ['screen'], moderator: true, hidden: false },
  });
});

test('a token for the API says what was asked for, and opens no room', async () => {
  const rights = ['--rooms', 'write', '--participants', 'read', '--data', 'write', '--stats', 'read'];
  const args = ['--api', '--sub', 'crm', ...rights, '--only', 'daily,weekly', '--prefix', 'crm-', '--ttl', '30m'];
  const token = (await tokenCommand(args, env)) ?? '';
  const service = await TokenService.create({ secret, keyFile: undefined, openDoor: false, log });
  expect(await service.verifyApi(token)).toEqual({
    name: 'crm',
    grants: {
      ...{ rooms: 'write', participants: 'read', data: 'write', stats: 'read' },
      ...{ onlyRooms: ['daily', 'weekly'], roomPrefix: 'crm-' },
    },
  });
  const { exp = 0, iat = 0 } = decodeJwt(token);
  expect(exp - Math.floor(iat)).toBe(1800);
  await expect(service.verify(token)).rejects.toMatchObject({ code: 'unauthorized' });
});

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['1h', 3600],
  ['7d', 604_800],
])('--ttl %s is %i seconds', async (ttl, seconds) => {
  const { exp = 0, iat = 0 } = decodeJwt((await tokenCommand([...who, '--ttl', ttl], env)) ?? '');
  expect(exp - Math.floor(iat)).toBe(seconds);
});

test('a key in a file signs in place of the secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plenum-token-'));
  try {
    const file = join(folder, 'key.json');
    const k = Buffer.from(secret).toString('base64url');
    await writeFile(file, JSON.stringify({ kty: 'oct', kid: 'k1', k }));
    expect(await tokenCommand([...who, '--key', file], {})).toMatch(/^eyJ/);
    await expect(tokenCommand([...who, '--key', join(folder, 'none')], {})).rejects.toThrow(/none cannot be read/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
  ['no room', ['--identity', 'ada'], env, /--room and --identity/],
  ['no identity', ['--room', 'x'], env, /--room and --identity/],
  ['a time that is none', [...who, '--ttl', 'soon'], env, /--ttl is "soon".*1h/],
  ['no time at all', [...who, '--ttl', '0s'], env, /--ttl/],
  ['grants that are no JSON', [...who, '--grants', 'all'], env, /--grants is no JSON/],
  ['a right that there is not', [...who, '--grants', '{"canFly":true}'], env, /canFly/],
  ['a flag that there is not', [...who, '--fly'], env, /--fly.*--help/],
  ['an API token without a name', ['--api', '--rooms', 'read'], env, /--sub/],
  ['an API token without a right', ['--api', '--sub', 'crm'], env, /needs a right/],
  ['a right of the API that there is not', ['--api', '--sub', 'crm', '--rooms', 'all'], env, /rooms: .*read/],
  ['a room of an API token', ['--api', '--sub', 'crm', '--room', 'x'], env, /--room is for access tokens/],
  ['an access token with rights of the API', [...who, '--rooms', 'write'], env, /--rooms is for tokens of the API/],
  ['no secret', who, {}, /PLENUM_TOKEN_SECRET is missing/],
  ['a short secret', who, { PLENUM_TOKEN_SECRET: 'hunter2' }, /at least 32 bytes/],
])('%s: it says what would be right', async (_what, args, given, message) => {
  await expect(tokenCommand(args, given)).rejects.toThrow(message);
});

test('a key itself instead of its path is in no complaint', async () => {
  for (const key of ['{"kty":"oct","k":"hunter2"}', '-----BEGIN PRIVATE KEY-----\nhunter2']) {
    const complaint = await tokenCommand([...who, `--key=${key}`], {}).catch(String);
    expect(complaint).toContain('--key');
    expect(complaint).toContain('the path of a file');
    expect(complaint).not.toContain('hunter2');
  }
});

test('the secret is in no complaint', async () => {
  await expect(tokenCommand(who, { PLENUM_TOKEN_SECRET: 'hunter2' })).rejects.not.toThrow(/hunter2/);
});
