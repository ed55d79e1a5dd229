import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../src/config.ts';
import { allSpecs } from './spec.ts';

const run = promisify(execFile);

/** The recordings cannot be made; the message says what to do. */
export class RecordingsError extends Error {
  override readonly name = 'RecordingsError';
}

/**
 * The folder with the recordings; made with ffmpeg where the cache has none yet, which takes some seconds.
 *
 * @param say hears that they are being made
 */
export async function ensureRecordings(say: (line: string) => void = () => undefined): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify(allSpecs.map(({ file, args }) => [file, args])))
    .digest('hex')
    .slice(0, 16);
  const cache = cacheFolder();
  const folder = join(cache, `recordings-${key}`);
  if (existsSync(folder)) return folder;
  say('Making the recordings that the publishers play (once, a few seconds)');
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(join(cache, `tmp-${process.pid}-`));
  try {
    for (const { file, args } of allSpecs) await makeOne(args, join(half, file));
    // Whole or not at all: somebody else may be making the same at this moment.
    await rename(half, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
  return folder;
}

async function makeOne(args: string[], file: string): Promise<void> {
  try {
    // Without these, the file would name the version of ffmpeg and differ from run to run.
    await run('ffmpeg', [
      '-v',
      'error',
      '-nostdin',
      '-y',
      ...args,
      '-fflags',
      '+bitexact',
      '-flags',
      '+bitexact',
      file,
    ]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new RecordingsError(
        'ffmpeg is missing, which makes the recordings that publishers play. Install it:\n' +
          '  sudo apt-get update && sudo apt-get install -y --no-install-recommends ffmpeg',
        { cause: error },
      );
    }
    const reason = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new RecordingsError(`ffmpeg cannot make a recording (libvpx and libopus are needed): ${reason}`, {
      cause: error,
    });
  }
}
