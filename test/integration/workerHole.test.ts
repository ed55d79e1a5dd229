import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { workerBin } from 'mediasoup';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holes, holeWarning, warningStart } from '../../src/media/workerHoles.ts';
import { BootstrapProject } from '../support/BootstrapProject.ts';
import { ServerProcess } from '../support/ServerProcess.ts';

/** A worker without our mends is found, whoever brought it, and told; where ours can be built it comes first. */

const recipe = new URL('../../deploy/worker/', import.meta.url);

let project: BootstrapProject;
let releases: Server;
/** Starts as any, and has none of the texts by which ours is known. */
let foreign: string;
/** A PATH with what unpacks a download, and nothing that builds or installs anything. */
let barePath: string;

beforeAll(async () => {
  project = new BootstrapProject(`console.log('worker ' + process.env.MEDIASOUP_WORKER_BIN);`);
  const program = Buffer.from(readFileSync(workerBin));
  for (const { mendedText } of holes) {
    for (let at = program.indexOf(mendedText); at >= 0; at = program.indexOf(mendedText, at + 1)) {
      program.fill('x', at, at + 4);
    }
  }
  const folder = join(project.dir, 'foreign');
  mkdirSync(folder);
  foreign = join(folder, 'mediasoup-worker');
  writeFileSync(foreign, program, { mode: 0o755 });
  const archive = execFileSync('tar', ['-czf', '-', '-C', folder, 'mediasoup-worker'], { maxBuffer: 2 ** 27 });
  releases = createServer((_request, response) => response.end(archive)).listen(0, '127.0.0.1');
  barePath = join(project.dir, 'bin');
  mkdirSync(barePath);
  for (const command of ['tar', 'gzip']) {
    symlinkSync(execFileSync('which', [command], { encoding: 'utf8' }).trim(), join(barePath, command));
  }
});

afterAll(() => {
  releases.close();
  project.close();
});

test('the texts by which ours is known are those that the recipe writes into it', async () => {
  const patches = readdirSync(recipe).filter((name) => name.endsWith('.cmake'));
  const written = patches.map((name) => readFileSync(new URL(name, recipe), 'utf8')).join('\n');
  for (const { mendedText } of holes) expect(written).toContain(mendedText);
  expect(await holeWarning(workerBin)).toBeUndefined();
});

test('the warning names what can happen to this worker, and nothing else', async () => {
  const all = await holeWarning(foreign);
  for (const { harm } of holes) expect(all).toContain(harm);
  const [first, ...others] = holes;
  const built = join(project.dir, 'built');
  writeFileSync(built, `....${first?.mendedText}%s....`);
  const some = await holeWarning(built);
  expect(some).not.toContain(first?.harm);
  for (const { harm } of others) expect(some).toContain(harm);
});

test('the server says at its start that its worker has holes, and what to do', async () => {
  const server = new ServerProcess({ args: ['--open'], env: { MEDIASOUP_WORKER_BIN: foreign } });
  try {
    await server.ready();
    const told = server.output.split('\n').filter((line) => line.includes(warningStart));
    expect(told).toHaveLength(1);
    expect(JSON.parse(told[0] ?? '')).toMatchObject({ level: 40, msg: await holeWarning(foreign) });
    expect(told[0]).toContain('npm run worker');
  } finally {
    await server.end(() => server.child.kill('SIGINT'));
    server.cleanUp();
  }
});

test('where nothing can be built the download is taken, and npm run worker says what the build lacks', async () => {
  const address = releases.address();
  if (address === null || typeof address === 'string') throw new Error('the releases are not there');
  const env = {
    PATH: barePath,
    MEDIASOUP_WORKER_BIN: '',
    MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: `http://127.0.0.1:${address.port}`,
  };
  const start = project.bootstrap([], env);
  expect(await start.ended, start.output()).toBe(0);
  const [, found = ''] = /^worker (.+)$/m.exec(start.output()) ?? [];
  expect(await holeWarning(found)).toBeDefined();
  const build = project.start(['deploy/bootstrap.mjs', 'worker'], env);
  expect(await build.ended).toBe(1);
  expect(build.output()).toContain('the mediasoup worker cannot be built');
  expect(build.output()).toContain('cmake');
});

test.each([
  ['what builds it is missing', () => barePath, 2],
  // Whether as root or not: all commands are there, and nobody keeps a list of packages.
  ['everything is there', () => toolsIn(project.dir), 0],
])('our own build: %s', async (_what, path, place) => {
  const { result } = await project.evaluate(
    `
    import { sourcesHere } from './deploy/bootstrap/worker.mjs';
    const labels = (await sourcesHere()).map(([label]) => label);
    console.log(JSON.stringify(labels.findIndex((label) => label.includes('from its npm package'))));
  `,
    { PATH: path() },
  );
  expect(result).toBe(place);
});

/** Programs of the right names. */
function toolsIn(dir: string): string {
  const folder = join(dir, 'tools');
  mkdirSync(folder);
  for (const name of ['c++', 'cmake', 'ninja', 'pkg-config', 'flatc']) symlinkSync('/bin/true', join(folder, name));
  return folder;
}
