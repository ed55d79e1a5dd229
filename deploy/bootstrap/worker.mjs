import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { hashOf } from './hash.mjs';
import { withLock } from './lock.mjs';
import { cacheDir, makeTempDir, root } from './places.mjs';
import { whyWorkerFails } from './worker-check.mjs';
import { isOwnBuild, keepOrigin, whatCouldBeFaster } from './worker-origin.mjs';
import { buildFromPackage, canBuild } from './worker-package-source.mjs';
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
 * @typedef {[label: string, source: WorkerSource]} NamedSource
 */

/** @type {NamedSource} */
const ownBuild = ['Building the mediasoup worker from its npm package', buildFromPackage];
/** @type {readonly NamedSource[]} */
const others = [
  ['Downloading the mediasoup worker', downloadPrebuilt],
  ["Building the mediasoup worker with mediasoup's own build", buildUpstream],
];

/**
 * In the order in which they are tried. Our own build takes minutes, but only it has the mends of deploy/worker: without
 * them one packet of a participant ends the worker. Where it is another one, the server says so at each start.
 *
 * @returns {Promise<readonly NamedSource[]>}
 */
export async function sourcesHere() {
  return (await canBuild()) ? [ownBuild, ...others] : [...others, ownBuild];
}

/**
 * @param {string} nodeBin
 * @returns {Promise<string>} the path of a mediasoup worker that starts
 */
export async function findWorker(nodeBin) {
  const { mediasoupDir, version } = mediasoup();
  const given = process.env.MEDIASOUP_WORKER_BIN;
  if (given) return checkGiven(given, version);

  const bin = workerPath(version);
  if ((await whyWorkerFails(bin, version)) === null) {
    const hint = whatCouldBeFaster(bin);
    if (hint) console.log(hint);
    return bin;
  }
  return withLock('worker', async () => {
    if ((await whyWorkerFails(bin, version)) !== null) {
      await bring({ mediasoupDir, version, nodeBin }, bin, await sourcesHere());
    }
    return bin;
  });
}

/**
 * Puts a worker of our own recipe in place of one that was downloaded or built by mediasoup's build, which has the holes
 * that deploy/worker mends. Nothing to do where it is one already.
 *
 * @param {string} nodeBin
 * @returns {Promise<string>} its path
 */
export async function buildOwnWorker(nodeBin) {
  const { mediasoupDir, version } = mediasoup();
  const bin = workerPath(version);
  return withLock('worker', async () => {
    if (isOwnBuild(bin) && (await whyWorkerFails(bin, version)) === null) return bin;
    await bring({ mediasoupDir, version, nodeBin }, bin, [ownBuild]);
    return bin;
  });
}

function mediasoup() {
  const mediasoupDir = join(root, 'node_modules', 'mediasoup');
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(mediasoupDir, 'package.json'), 'utf8'));
  return { mediasoupDir, version };
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
 * @param {readonly NamedSource[]} from in this order
 */
async function bring(request, bin, from) {
  const reasons = [];
  for (const [label, source] of from) {
    const temp = await makeTempDir();
    const output = join(temp, 'mediasoup-worker');
    const isLast = reasons.length === from.length - 1;
    const why =
      (await attempt(source, { ...request, temp, output }, isLast)) ?? (await whyWorkerFails(output, request.version));
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

/**
 * What can be mended by the person in front of it is a failure only where nothing else is left to try.
 *
 * @param {WorkerSource} source
 * @param {WorkerRequest} request
 * @param {boolean} isLast
 */
async function attempt(source, request, isLast) {
  try {
    return await source(request);
  } catch (error) {
    if (isLast || !(error instanceof SetupFailure)) throw error;
    return `${error.message} ${error.why}`;
  }
}
