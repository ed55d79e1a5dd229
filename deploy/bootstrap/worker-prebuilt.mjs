import { createWriteStream, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { whyUnreachable } from './network.mjs';
import { run } from './processes.mjs';
import { startStep } from './progress.mjs';

const DOWNLOAD_TIMEOUT_MS = 180_000;

/**
 * mediasoup's own prebuilt worker, from the releases that its install script uses (which cannot be told to give up
 * early on a machine without internet).
 *
 * @type {import('./worker.mjs').WorkerSource}
 */
export async function downloadPrebuilt({ mediasoupDir, version, temp, output }) {
  if (process.env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) return 'MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD is set';
  const url = prebuiltUrl(mediasoupDir, version);
  const unreachable = await whyUnreachable(url);
  if (unreachable) return unreachable;

  const step = startStep('Downloading the mediasoup worker');
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!response.ok || !response.body) {
      step.failed('not available');
      return response.status === 404
        ? `mediasoup offers none for this machine (${url})`
        : `${url} answered ${response.status}`;
    }
    const archive = join(temp, 'worker.tgz');
    // The cast bridges two declarations of the same web stream.
    const body = /** @type {import('node:stream/web').ReadableStream} */ (response.body);
    await pipeline(Readable.fromWeb(body), createWriteStream(archive));
    const unpacked = await run('tar', ['-xzf', archive, '-C', temp, 'mediasoup-worker']);
    if (unpacked.code !== 0) throw new Error(`tar: ${unpacked.output.trim()}`);
    await chmod(output, 0o755);
    step.done();
    return null;
  } catch (error) {
    step.failed('failed');
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * @param {string} mediasoupDir
 * @param {string} version
 */
function prebuiltUrl(mediasoupDir, version) {
  /** @type {{ repository: { url: string } }} */
  const manifest = JSON.parse(readFileSync(join(mediasoupDir, 'package.json'), 'utf8'));
  const repository = manifest.repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  const base = process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL || `${repository}/releases/download`;
  const kernel = process.platform === 'linux' ? `-kernel${Number(release().split('.')[0])}` : '';
  return `${base}/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
}
