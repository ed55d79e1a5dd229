import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { whyUnreachable } from './network.mjs';
import { ninjaProgress } from './ninja.mjs';
import { environmentFor } from './places.mjs';
import { isOnPath, run } from './processes.mjs';
import { startStep } from './progress.mjs';

/**
 * mediasoup's own build. It fetches Meson from PyPI and the libraries' sources from GitHub and Meson's WrapDB, so that
 * it is tried only where all of them answer.
 *
 * @type {import('./worker.mjs').WorkerSource}
 */
export async function buildUpstream({ mediasoupDir, temp, output, nodeBin }) {
  const missing = ['python3', 'c++'].find((command) => !isOnPath(command));
  if (missing) return `${missing} is not installed`;
  const checks = ['https://pypi.org', 'https://github.com', 'https://wrapdb.mesonbuild.com'].map(whyUnreachable);
  const unreachable = (await Promise.all(checks)).find((why) => why !== null);
  if (unreachable) return unreachable;

  const step = startStep("Building the mediasoup worker with mediasoup's own build");
  const outDir = join(temp, 'out');
  const result = await run(nodeBin, ['npm-scripts.mjs', 'worker:build'], {
    cwd: mediasoupDir,
    env: { ...environmentFor(nodeBin), MEDIASOUP_OUT_DIR: outDir, MEDIASOUP_BUILDTYPE: 'Release' },
    onLine: ninjaProgress(step.percent),
  });
  if (result.code !== 0) {
    step.failed('failed');
    return result.output.trim().split('\n').slice(-3).join('\n');
  }
  await copyFile(join(outDir, 'Release', 'mediasoup-worker'), output);
  step.done();
  return null;
}
