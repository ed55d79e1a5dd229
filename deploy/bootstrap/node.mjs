import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { npm } from './npm.mjs';
import { cacheDir, makeTempDir } from './places.mjs';
import { isExecutable, run } from './processes.mjs';
import { startStep } from './progress.mjs';

const MAJOR = 24;
const MEND = 'Install Node.js 22.18 or newer from https://nodejs.org, then try again.';

/**
 * A Node that runs TypeScript without a flag: the running one, or one from npm in the user's cache.
 *
 * @returns {Promise<string>} the program itself, not npm's wrapper, which would keep signals to itself
 */
export async function findNode() {
  if (runsTypeScript(process.versions.node)) return process.execPath;
  const target = join(cacheDir, `node-${MAJOR}-${process.platform}-${process.arch}`);
  const bin = join(target, 'bin', 'node');
  // It came there by one rename, after it had been tried.
  if (isExecutable(bin)) return bin;
  return withLock('node', async () => {
    if (!isExecutable(bin)) await install(target);
    return bin;
  });
}

/** @param {string} version */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 22) return minor >= 18;
  if (major === 23) return minor >= 6;
  return major >= 24;
}

/** @param {string} target */
async function install(target) {
  // The names that the package `node` itself resolves to in its install script; that script stays off.
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${process.platform}-${process.arch}`;
  const what = `Node.js ${MAJOR} cannot be installed (this is Node.js ${process.versions.node}, too old for Plenum).`;
  const step = startStep(`Fetching Node.js ${MAJOR} (this one is ${process.versions.node})`);
  try {
    const temp = await makeTempDir();
    writeFileSync(join(temp, 'package.json'), '{ "private": true }\n');
    await npm(['install', `${name}@${MAJOR}`, '--prefix', temp, '--no-save', '--no-package-lock'], {
      cwd: temp,
      nodeBin: process.execPath,
      what,
      mend: MEND,
    });
    const from = join(temp, 'node_modules', name);
    const staged = join(temp, 'staged');
    mkdirSync(join(staged, 'bin'), { recursive: true });
    renameSync(join(from, 'bin', 'node'), join(staged, 'bin', 'node'));
    if (existsSync(join(from, 'LICENSE'))) copyFileSync(join(from, 'LICENSE'), join(staged, 'LICENSE'));

    const trial = await run(join(staged, 'bin', 'node'), ['-v']);
    if (trial.code !== 0 || !trial.output.startsWith(`v${MAJOR}.`)) {
      throw new SetupFailure(what, `The one from npm does not run on this machine: ${trial.output.trim()}`, MEND);
    }
    rmSync(target, { recursive: true, force: true });
    renameSync(staged, target);
    rmSync(temp, { recursive: true, force: true });
    step.done(trial.output.trim());
  } catch (error) {
    step.failed('failed');
    throw error;
  }
}
