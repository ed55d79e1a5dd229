// Default imports: named ones that an early Node 18 lacks would be errors before the first line runs.
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { couldHave, ensurePackages } from './debian.mjs';
import { noSpace, SetupFailure } from './failure.mjs';
import { bringLibsrtp } from './libsrtp.mjs';
import { ninjaProgress } from './ninja.mjs';
import { root } from './places.mjs';
import { run } from './processes.mjs';
import { startStep } from './progress.mjs';
import { noteOrigin } from './worker-origin.mjs';

const WHAT = 'the mediasoup worker cannot be built.';
// The build folder takes 20 MB, as the lists of Debian's source packages do before it; the compiler's own temporary
// files and some air come on top.
const NEEDED_BYTES = 100e6;
// The largest of the compiler's processes was seen with 540 MB.
const BYTES_PER_JOB = 600e6;

const PACKAGES = [
  { name: 'g++', command: 'c++' },
  { name: 'cmake', command: 'cmake' },
  { name: 'ninja-build', command: 'ninja' },
  { name: 'pkg-config', command: 'pkg-config' },
  { name: 'flatbuffers-compiler', command: 'flatc' },
  { name: 'libuv1-dev' },
  { name: 'libssl-dev' },
  { name: 'libsrtp2-dev' },
  { name: 'libabsl-dev' },
  { name: 'libflatbuffers-dev' },
];

/** Whether what the build needs is here, or may be installed: whether it succeeds is another question. */
export function canBuild() {
  return couldHave(PACKAGES);
}

/**
 * Builds the worker's source in mediasoup's npm package against Debian's libraries, with the recipe in deploy/worker.
 * What is missing here is told as a failure that can be mended.
 *
 * @type {import('./worker.mjs').WorkerSource}
 */
export async function buildFromPackage({ mediasoupDir, temp, output }) {
  await ensurePackages(PACKAGES, { label: "Installing the worker's build tools", what: WHAT });
  checkSpace(temp);
  // The compiler's temporary files go where room was checked, and go with the rest.
  const env = { ...process.env, TMPDIR: temp };
  const libsrtp = await bringLibsrtp(temp, env);
  noteOrigin(temp, libsrtp);

  const cores = os.availableParallelism?.() ?? os.cpus().length;
  const jobs = Math.max(1, Math.min(cores, Math.floor(os.freemem() / BYTES_PER_JOB)));
  const srtpName = 'why' in libsrtp ? "the system's libsrtp" : `libsrtp ${libsrtp.version} on OpenSSL`;
  const step = startStep(
    `Building the mediasoup worker from its npm package with ${srtpName} (minutes; ${jobs} at a time)`,
  );
  const build = join(temp, 'build');
  const recipe = join(root, 'deploy', 'worker');
  const definitions = [`-DMEDIASOUP_WORKER_DIR=${join(mediasoupDir, 'worker')}`, '-DCMAKE_BUILD_TYPE=Release'];
  if ('dir' in libsrtp) definitions.push(`-DLIBSRTP_DIR=${libsrtp.dir}`);

  let result = await run('cmake', ['-G', 'Ninja', '-S', recipe, '-B', build, ...definitions], { env });
  if (result.code === 0) {
    result = await run('ninja', ['-C', build, '-j', String(jobs)], { env, onLine: ninjaProgress(step.percent) });
  }
  if (result.code !== 0) {
    step.failed('failed');
    if (/No space left on device/.test(result.output)) throw noSpace(temp);
    throw new SetupFailure(
      WHAT,
      excerpt(result.output),
      `The recipe is written for Debian 12 (deploy/worker). To see all of it:\ncmake -G Ninja -S deploy/worker -B /tmp/worker-build -DMEDIASOUP_WORKER_DIR=$PWD/node_modules/mediasoup/worker && ninja -C /tmp/worker-build\nOr bring a worker of your own:\nMEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker npm start`,
    );
  }
  fs.renameSync(join(build, 'mediasoup-worker'), output);
  step.done();
  return null;
}

/** @param {string} dir */
function checkSpace(dir) {
  const space = fs.statfsSync?.(dir);
  if (!space || space.bavail * space.bsize >= NEEDED_BYTES) return;
  const free = `${Math.floor((space.bavail * space.bsize) / 1e6)} MB`;
  throw noSpace(dir, `The build needs ${NEEDED_BYTES / 1e6} MB in ${dir}; ${free} are free.`);
}

/** @param {string} output */
function excerpt(output) {
  const lines = output.trim().split('\n');
  const first = lines.findIndex((line) => /\berror\b/i.test(line));
  return (first < 0 ? lines.slice(-8) : lines.slice(first, first + 8)).join('\n');
}
