import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { npm } from './npm.mjs';
import { root } from './places.mjs';
import { startStep } from './progress.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, devOptional?: boolean, link?: boolean,
 *   os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} LockFile
 */

const lockFile = join(root, 'package-lock.json');
// Inside node_modules, so that it goes with them when `npm ci` begins anew.
const stampFile = join(root, 'node_modules', '.plenum-stamp');

/**
 * Installs the dependencies if the lock file has changed since the last time.
 *
 * @param {string} nodeBin
 */
export async function installDependencies(nodeBin) {
  if (areCurrent()) return;
  await withLock(`dependencies-${hash(root)}`, async () => {
    if (areCurrent()) return;
    if (!wereInstalledByHand()) {
      const step = startStep('Installing the dependencies');
      try {
        const what = 'the dependencies cannot be installed.';
        // With NODE_ENV=production npm would leave out what builds the client.
        await npm(['ci', '--include=dev'], { cwd: root, nodeBin, what, mend: 'npm ci --ignore-scripts' });
      } catch (error) {
        step.failed('failed');
        throw error;
      }
      step.done();
    }
    writeFileSync(stampFile, currentStamp());
  });
}

function areCurrent() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === currentStamp();
}

function currentStamp() {
  // The platform too: a folder may be shared between machines, and some packages hold native code.
  return `${hash(readFileSync(lockFile, 'utf8'))} ${process.platform} ${process.arch}\n`;
}

/** @param {string} text */
function hash(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/**
 * npm keeps a list of what it has installed. If that agrees with the lock file, somebody has typed `npm ci` or
 * `npm install` already, and there is nothing to do.
 */
function wereInstalledByHand() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  /** @type {LockFile} */
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8'));
  /** @type {LockFile} */
  const installed = JSON.parse(readFileSync(installedFile, 'utf8'));
  return agree(wanted, installed);
}

/**
 * @param {LockFile} wanted
 * @param {LockFile} installed
 */
export function agree(wanted, installed) {
  return Object.entries(wanted.packages ?? {}).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = installed.packages?.[path];
    if (!found) return Boolean(entry.optional || entry.devOptional) && !isForThisMachine(entry);
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/**
 * Native code for this machine. (Optional packages that name no machine belong to builds for others, such as WebAssembly.
 * Bindings for musl are missing where glibc is, and the other way round; one of the two tells enough.)
 *
 * @param {LockedPackage} entry
 */
function isForThisMachine({ os, cpu, libc }) {
  return Boolean(os?.includes(process.platform) && cpu?.includes(process.arch) && !libc?.includes('musl'));
}
