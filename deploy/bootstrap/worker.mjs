import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { hashOf } from './hash.mjs';
import { withLock } from './lock.mjs';
import { cacheDir, makeTempDir, root } from './places.mjs';
import { whyWorkerFails } from './worker-check.mjs';
import { keepOrigin, whatCouldBeFaster } from './worker-origin.mjs';
import { buildFromPackage } from './worker-package-source.mjs';
import { downloadPrebuilt } from './worker-prebuilt.mjs';
import { buildUpstream } from './worker-upstream.mjs';

/**
 * Brings a worker.
 *
 * @typedef {object} WorkerRequest
 * @property {string} mediasoupDir the installed package
 * @property {string} version its version
 * @property {string} temp a folder for everything half-done
 * @property {string} output where the finished program shall be, inside of `temp`
 * @property {string} nodeBin
 *
 * @typedef {(request: WorkerRequest) => Promise<string | null>} WorkerSource why it could not, or null
 */

/**
 * @param {string} nodeBin
 * @returns {Promise<string>} the path of a mediasoup worker that starts
 */
export async function findWorker(nodeBin) {
  const mediasoupDir = join(root, 'node_modules', 'mediasoup');
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(mediasoupDir, 'package.json'), 'utf8'));

  const given = process.env.MEDIASOUP_WORKER_BIN;
  if (given) return checkGiven(given, version);

  const bin = workerPath(version);
  if ((await whyWorkerFails(bin, version)) === null) {
    const hint = whatCouldBeFaster(bin);
    if (hint) console.log(hint);
    return bin;
  }
  return withLock('worker', async () => {
    if ((await whyWorkerFails(bin, version)) !== null) await bring({ mediasoupDir, version, nodeBin }, bin);
    return bin;
  });
}

/** Asked before anything is installed in vain. Who brings a worker of their own knows what they do. */
export function checkPlatform() {
  if (process.env.MEDIASOUP_WORKER_BIN || process.platform === 'linux' || process.platform === 'darwin') return;
  throw new SetupFailure(
    `there is no mediasoup worker for ${process.platform}-${process.arch}.`,
    'Plenum runs on Linux and macOS.',
    'Run it there, in a container or (on Windows) in WSL: wsl --install -d Debian',
  );
}

/**
 * The place in the cache. The recipe is part of its name, so that a changed one builds anew.
 *
 * @param {string} version
 */
export function workerPath(version) {
  const recipe = hashOf(root, ['deploy/worker']);
  return join(cacheDir, `worker-${version}-${process.platform}-${process.arch}-${recipe}`, 'mediasoup-worker');
}

/**
 * @param {string} given
 * @param {string} version
 */
async function checkGiven(given, version) {
  const why = await whyWorkerFails(given, version);
  if (why === null) return given;
  throw new SetupFailure(
    `the worker that MEDIASOUP_WORKER_BIN names does not start: ${given}`,
    why,
    'Name another one, or let Plenum bring its own:\nunset MEDIASOUP_WORKER_BIN',
  );
}

/**
 * @param {Pick<WorkerRequest, 'mediasoupDir' | 'version' | 'nodeBin'>} request
 * @param {string} bin
 */
async function bring(request, bin) {
  /** @type {[string, WorkerSource][]} */
  const sources = [
    ['Downloading the mediasoup worker', downloadPrebuilt],
    ["Building the mediasoup worker with mediasoup's own build", buildUpstream],
    ['Building the mediasoup worker from its npm package', buildFromPackage],
  ];
  const reasons = [];
  for (const [label, source] of sources) {
    const temp = await makeTempDir();
    const output = join(temp, 'mediasoup-worker');
    const why = (await source({ ...request, temp, output })) ?? (await whyWorkerFails(output, request.version));
    if (why === null) {
      mkdirSync(dirname(bin), { recursive: true });
      keepOrigin(temp, dirname(bin));
      renameSync(output, bin);
      rmSync(temp, { recursive: true, force: true });
      return;
    }
    rmSync(temp, { recursive: true, force: true });
    console.log(`${label}: ${why}`);
    reasons.push(`${label}: ${why}`);
  }
  throw new SetupFailure(
    'no way to a mediasoup worker worked.',
    reasons.join('\n'),
    'Build one as https://mediasoup.org/documentation/v3/mediasoup/installation/ describes, then:\nMEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker npm start',
  );
}
