import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atExit } from './processes.mjs';

/** The repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where Node, the worker and the locks are kept over all checkouts of one user. */
export const cacheDir = join(cacheHome(), 'plenum');

function cacheHome() {
  const given = process.env.XDG_CACHE_HOME ?? '';
  // The XDG base directory specification says that a relative path is to be ignored.
  return isAbsolute(given) ? given : join(homedir(), '.cache');
}

/**
 * A folder for half-done work, in the cache so that a finished part can be renamed into place. It goes when this
 * process ends; what a killed process left is swept by the next.
 *
 * @returns {Promise<string>}
 */
export async function makeTempDir() {
  await mkdir(cacheDir, { recursive: true });
  sweepTempDirs();
  const dir = mkdtempSync(join(cacheDir, `tmp-${process.pid}-`));
  atExit(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

function sweepTempDirs() {
  for (const name of readdirSync(cacheDir)) {
    const pid = /^tmp-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * The environment of a child that shall find the right Node first.
 *
 * @param {string} nodeBin
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentFor(nodeBin) {
  const dir = join(nodeBin, '..');
  return { ...process.env, PATH: [dir, process.env.PATH].filter(Boolean).join(delimiter) };
}
