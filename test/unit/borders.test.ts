import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

/** The linter itself refuses imports across the borders of the architecture, whatever form they have. */

const root = fileURLToPath(new URL('../..', import.meta.url));

const forms: Record<string, (name: string) => string> = {
  static: (name) => `import * as it from '${name}';\nconsole.log(it);\n`,
  'side-effect': (name) => `import '${name}';\n`,
  dynamic: (name) => `console.log(await import('${name}'));\n`,
  type: (name) => `import type { It } from '${name}';\nexport const it: It | undefined = undefined;\n`,
  're-export': (name) => `export * from '${name}';\n`,
  'named-re-export': (name) => `export { it } from '${name}';\n`,
};

const mediasoup = 'mediasoup is used only under src/media/';
const socketIo = 'socket.io is used only under src/signaling/';
const fastify = 'fastify is used only under src/http/';
const jose = 'tokens are made and checked only under src/auth/';
const redis = 'redis is used only under src/cluster/';
const sdk = 'is used only under src/client/';
const webhooks = 'src/webhooks is told what happens by src/room and src/app.ts';
const audit = 'src/audit is told what happens by src/room and by whoever calls it';
const domain = 'The domain knows none of its surroundings';
const client = 'The client SDK imports src/protocol and nothing else of src.';
const protocol = 'src/protocol imports only zod and itself';
const demo = 'The demo uses the SDK through its public entry';

/** From which folder, what, and a part of the message that says where it belongs. */
const borders: [folder: string, imported: string, message: string][] = [
  ['src/room', 'mediasoup', mediasoup],
  ['src/room', 'mediasoup/types', mediasoup],
  ['src/room', 'socket.io', socketIo],
  ['src/room', 'fastify', fastify],
  ['src/room', 'redis', redis],
  ['src/room', 'jose', jose],
  ['src/room', 'mediasoup-client', sdk],
  ['src/room', 'socket.io-client', sdk],
  ['src/room', '../media/Router.ts', domain],
  ['src/room', '../signaling/gateway.ts', domain],
  ['src/room', '../http/HttpServer.ts', domain],
  ['src/room', '../auth/accessToken.ts', domain],
  ['src/room', '../config.ts', domain],
  ['src/room', '../client/index.ts', domain],
  ['src/signaling', 'mediasoup', mediasoup],
  ['src/signaling', 'fastify', fastify],
  ['src/signaling', '../media/Router.ts', 'src/signaling reaches media through src/room'],
  ['src/http', 'mediasoup', mediasoup],
  ['src/http', 'socket.io', socketIo],
  ['src/http', '../room/Room.ts', 'src/http gets what it needs from src/app.ts.'],
  ['src/room', '@fastify/swagger', 'fastify plugins are used only under src/http/'],
  ['src/room', 'fastify-type-provider-zod', 'fastify plugins are used only under src/http/'],
  ['src/api', 'fastify', fastify],
  ['src/api', 'jose', jose],
  ['src/api', '../http/HttpServer.ts', 'src/api is asked by src/http'],
  ['src/media', 'socket.io', socketIo],
  ['src/media', 'fastify', fastify],
  ['src/media', '../signaling/gateway.ts', 'src/media implements the ports of src/room'],
  ['src/auth', 'fastify', fastify],
  ['src/auth', '../room/Room.ts', 'src/auth stands alone'],
  ['src/webhooks', 'mediasoup', mediasoup],
  ['src/webhooks', 'socket.io', socketIo],
  ['src/webhooks', 'fastify', fastify],
  ['src/webhooks', '../media/WorkerPool.ts', webhooks],
  ['src/webhooks', '../signaling/gateway.ts', webhooks],
  ['src/audit', 'fastify', fastify],
  ['src/audit', '../signaling/gateway.ts', audit],
  ['src/room', '../audit/AuditLog.ts', domain],
  ['src/room', '../webhooks/Webhooks.ts', domain],
  ['src/auth', '../webhooks/Webhooks.ts', 'src/auth stands alone'],
  ['src/protocol', 'mediasoup', protocol],
  ['src/protocol', 'jose', protocol],
  ['src/protocol', 'nanoid', protocol],
  ['src/protocol', 'node:fs', protocol],
  ['src/protocol', '../events.ts', protocol],
  ['src/room', 'jose/errors', jose],
  ['src/room', 'mediasoup-client/handlers/Chrome111', sdk],
  ['src/client', 'mediasoup', mediasoup],
  ['src/client', 'socket.io', socketIo],
  ['src/client', '../room/Room.ts', client],
  ['src/client', '../log.ts', client],
  ['src', 'mediasoup', mediasoup],
  ['src', 'socket.io', socketIo],
  ['src', 'fastify', fastify],
  ['src', 'jose', jose],
  ['client-demo/src', 'mediasoup-client', sdk],
  ['client-demo/src', 'socket.io-client', sdk],
  ['client-demo/src', '../../src/client/Session.ts', demo],
  ['client-demo/src', '../../src/protocol/index.ts', demo],
];

const allowed: [folder: string, imported: string][] = [
  ['src/media', 'mediasoup'],
  ['src/media', '../room/ports.ts'],
  ['src/signaling', 'socket.io'],
  ['src/signaling', '../room/Room.ts'],
  ['src/http', 'fastify'],
  ['src/http', '@fastify/swagger'],
  ['src/api', '../room/Room.ts'],
  ['src/auth', 'jose'],
  ['src/webhooks', '../room/RoomRegistry.ts'],
  ['src/webhooks', '../auth/webhookSignature.ts'],
  ['src/audit', '../room/RoomRegistry.ts'],
  ['src/client', 'mediasoup-client'],
  ['src/client', '../protocol/index.ts'],
  ['src/room', '../protocol/index.ts'],
  ['src/protocol', 'zod'],
  ['client-demo/src', '../../src/client/index.ts'],
];

const environment = "export const port = process.env['PORT'];\n";

const report = z.object({
  diagnostics: z.array(
    z.object({ message: z.string(), category: z.string(), location: z.object({ path: z.string() }) }),
  ),
});

/** What the linter says, by the path of the file. */
const said = new Map<string, z.output<typeof report>['diagnostics']>();
let folder: string;

const fileOf = (from: string, imported: string, form: string) =>
  `${from}/strange-${imported.replaceAll(/[^a-z]+/gi, '-')}-${form}.ts`;

/** All the strange files are linted in one go, apart from the project but under its rules. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plenum-borders-'));
  for (const name of ['.biome.jsonc', '.gitignore']) await copyFile(join(root, name), join(folder, name));
  for (const [from, imported] of [...borders, ...allowed]) {
    for (const [form, text] of Object.entries(forms)) await put(fileOf(from, imported, form), text(imported));
  }
  await put('src/room/environment.ts', environment);
  await put('src/config.ts', environment);
  for (const diagnostic of await lint()) {
    const { path } = diagnostic.location;
    said.set(path, [...(said.get(path) ?? []), diagnostic]);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

async function lint() {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
  // It ends with 1 when it found something, as it must here.
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error: { stdout: string }) => error,
  );
  return report.parse(JSON.parse(stdout)).diagnostics;
}

describe.each(borders)('%s does not import %s', (from, imported, message) => {
  test.each(Object.keys(forms))('in the form %s', (form) => {
    const messages = (said.get(fileOf(from, imported, form)) ?? []).map((diagnostic) => diagnostic.message);
    expect(messages).toContainEqual(expect.stringContaining(message));
  });
});

test.each(allowed)('%s may import %s', (from, imported) => {
  for (const form of Object.keys(forms)) {
    const categories = (said.get(fileOf(from, imported, form)) ?? []).map(({ category }) => category);
    expect(categories).not.toContain('lint/style/noRestrictedImports');
  }
});

test('the environment is read in src/config.ts only', () => {
  const categories = (path: string) => (said.get(path) ?? []).map(({ category }) => category);
  expect(categories('src/room/environment.ts')).toContain('lint/style/noProcessEnv');
  expect(categories('src/config.ts')).not.toContain('lint/style/noProcessEnv');
});

test('no type is imported in place, as import(...).It: the linter does not see that form', async () => {
  const files = await readdir(join(root, 'src'), { recursive: true });
  const inPlace = files
    .filter((file) => file.endsWith('.ts'))
    .map(async (file) => {
      const text = await readFile(join(root, 'src', file), 'utf8');
      return /(?<!await )\bimport\(/.test(text) ? file : undefined;
    });
  expect((await Promise.all(inPlace)).filter((file) => file !== undefined)).toEqual([]);
});
