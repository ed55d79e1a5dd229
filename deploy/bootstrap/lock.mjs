import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, isAlive } from './places.mjs';
import { atExit } from './processes.mjs';

const POLL_MS = 300;
const HEARTBEAT_MS = 5_000;
// A holder that has not touched its lock for this long is gone, even if its pid lives again in another process.
const STALE_MS = 60_000;

/**
 * Lets only one set-up at a time do a piece of work. The others wait, then find it done.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(name, work) {
  const dir = join(cacheDir, `${name}.lock`);
  mkdirSync(cacheDir, { recursive: true });
  let announced = false;
  while (!tryToTake(dir)) {
    const holder = readHolder(dir);
    if (isStale(dir, holder)) {
      breakLock(dir, holder);
      continue;
    }
    if (!announced) console.log(`Another set-up (process ${holder ?? '?'}) is at work on this; waiting for it…`);
    announced = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }

  const heartbeat = setInterval(() => utimesSync(dir, new Date(), new Date()), HEARTBEAT_MS);
  const release = () => {
    clearInterval(heartbeat);
    if (readHolder(dir) === process.pid) rmSync(dir, { recursive: true, force: true });
  };
  const forget = atExit(release);
  try {
    return await work();
  } finally {
    forget();
    release();
  }
}

/**
 * The folder appears together with the pid inside it: a rename onto a folder with something in it fails.
 *
 * @param {string} dir
 */
function tryToTake(dir) {
  const mine = `${dir}.${process.pid}.${randomBytes(4).toString('hex')}`;
  mkdirSync(mine);
  try {
    writeFileSync(join(mine, 'pid'), String(process.pid));
    renameSync(mine, dir);
    return true;
  } catch (error) {
    if (existsSync(dir)) return false;
    throw error;
  } finally {
    rmSync(mine, { recursive: true, force: true });
  }
}

/** @param {string} dir */
function readHolder(dir) {
  try {
    return Number(readFileSync(join(dir, 'pid'), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param {string} dir
 * @param {number | null} holder
 */
function isStale(dir, holder) {
  if (holder !== null && !isAlive(holder)) return true;
  const age = Date.now() - (statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return age > STALE_MS;
}

/**
 * Moved away before it is removed, so that of several that break it only one succeeds. If meanwhile somebody else had
 * broken and taken it, it is moved back.
 *
 * @param {string} dir
 * @param {number | null} holder
 */
function breakLock(dir, holder) {
  const away = `${dir}.stale.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(dir, away);
  } catch {
    return;
  }
  if (readHolder(away) !== holder) renameSync(away, dir);
  else rmSync(away, { recursive: true, force: true });
}
