import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The package as somebody gets it who installs it: built, packed, installed into an empty folder.
const repository = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

const BROWSER_APP = `
import { captureCamera, listDevices, PlenumError, Room, type RemotePublication, type RoomStats } from 'plenum/client';

export async function meet(token: string, show: (publication: RemotePublication) => void): Promise<RoomStats> {
  const room = new Room({ url: 'https://meet.example.org' });
  const stop = room.on('subscriptionAdded', (publication) => show(publication));
  room.on('closed', ({ reason, message }) => console.log(reason, message));
  try {
    await room.join({ token: async () => token, view: 'auto', metadata: { role: 'guest' } });
    const { cameras } = await listDevices();
    const camera = await captureCamera({ deviceId: cameras[0]?.deviceId });
    const publication = await room.publish(camera, { source: 'camera', codec: 'vp9', svc: true });
    await publication.mute();
    const width: number | undefined = publication.width;
    console.log(width, room.local?.publications.get('camera') === publication);
    return await room.stats();
  } catch (error) {
    if (error instanceof PlenumError && error.code === 'room-full') stop();
    throw error;
  } finally {
    await room.leave();
  }
}

// @ts-expect-error a source that does not exist
new Room().publish(new MediaStreamTrack(), { source: 'hologram' });
`;

const SERVER_APP = `
import { createAccessToken, verifyWebhook, type WebhookEvent } from 'plenum/server';
import { PlenumError, protocolVersion, requests } from 'plenum/protocol';

const secret = 'Vn3s0mDq8Zk1xYp7Lw5cR2tGh9JbUeAf';
const token: string = await createAccessToken(secret, { room: 'hello', identity: 'ada', displayName: 'Ada' });
const parts = token.split('.').length;
const refused = await createAccessToken('short', { room: 'hello', identity: 'ada' }).catch((error: unknown) =>
  error instanceof PlenumError ? error.code : 'another error',
);
const chat = requests.sendChat.params.safeParse({ requestId: 'r1', text: 'hello' }).success;
function told(event: WebhookEvent): number {
  if (event.type === 'participant.left') return event.data.durationMs;
  // @ts-expect-error only some events have a duration
  return event.data.durationMs;
}
let webhook = 'taken';
try {
  told(verifyWebhook({ secrets: ['whsec_' + 'A'.repeat(32)], headers: { 'webhook-id': 'x' }, body: '{}' }));
} catch (error) {
  webhook = error instanceof PlenumError ? error.code : 'another error';
}
console.log(JSON.stringify({ parts, refused, chat, webhook, protocolVersion }));
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable'],
    module: 'nodenext',
    types: [],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: false,
    outDir: 'out',
    // The package's declarations must hold by themselves.
    skipLibCheck: false,
  },
  include: ['*.ts'],
};

describe('the published package', () => {
  let folder: string;
  let app: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plenum-package-'));
    app = join(folder, 'app');
    mkdirSync(app);
    await run(process.execPath, [join(repository, 'deploy', 'build.mjs')], { cwd: repository });
    const packed = await run('npm', ['pack', join(repository, 'dist'), '--json', '--pack-destination', folder]);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
    if (!tarball) throw new Error(`npm pack made no tarball: ${packed.stdout}`);
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
    const quietly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...quietly, join(folder, tarball)], { cwd: app });
    writeFileSync(join(app, 'browser.ts'), BROWSER_APP);
    writeFileSync(join(app, 'server.ts'), SERVER_APP);
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  }, 180_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('installs no server and no native code', () => {
    const modules = join(app, 'node_modules');
    for (const name of ['mediasoup', 'fastify', '@fastify', 'socket.io', 'pino']) {
      expect(existsSync(join(modules, name)), name).toBe(false);
    }
    const files = readdirSync(modules, { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.(node|gyp)$/.test(file))).toEqual([]);
    const lock: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(
      readFileSync(join(app, 'package-lock.json'), 'utf8'),
    );
    const scripted = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript);
    expect(scripted.map(([name]) => name)).toEqual([]);
  });

  it('ships what it needs and nothing else', () => {
    const shipped = readdirSync(join(app, 'node_modules', 'plenum'), { recursive: true, encoding: 'utf8' });
    expect(shipped).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'package.json', 'client/index.d.ts']));
    expect(shipped.filter((file) => /tsconfig|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    expect([...new Set(shipped.map((file) => file.split('/')[0]))].sort()).toEqual(
      ['LICENSE', 'README.md', 'auth', 'client', 'package.json', 'protocol'].sort(),
    );
  });

  it('type-checks an application, and runs it in Node', async () => {
    const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
    await run(process.execPath, [tsc, '-p', app], { cwd: app }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
    const { stdout } = await run(process.execPath, [join(app, 'out', 'server.js')], { cwd: app });
    expect(JSON.parse(stdout)).toEqual({
      ...{ parts: 3, refused: 'bad-request', chat: true, webhook: 'unauthorized', protocolVersion: 1 },
    });
  });

  it('bundles for a page', async () => {
    await build({
      configFile: false,
      root: app,
      logLevel: 'error',
      build: { outDir: 'page', lib: { entry: join(app, 'browser.ts'), formats: ['es'], fileName: 'page' } },
    });
    const code = readFileSync(join(app, 'page', 'page.js'), 'utf8');
    expect(code).not.toMatch(/from\s*["']node:/);
    expect(code).toContain('subscriptionsAdded');
  });
});
