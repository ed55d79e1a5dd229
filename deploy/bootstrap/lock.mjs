import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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
    if (readHolder(dir) === process.pid) remove(dir);
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
    if (isTaken(error)) return false;
    throw error;
  } finally {
    rmSync(mine, { recursive: true, force: true });
  }
}

/**
 * By what the rename says, not by whether the folder is there: its holder may have released it since.
 *
 * @param {unknown} error
 */
function isTaken(error) {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Windows says EPERM.
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM';
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
 * If meanwhile somebody else had broken and taken it, it is moved back.
 *
 * @param {string} dir
 * @param {number | null} holder
 */
function breakLock(dir, holder) {
  remove(dir, (away) => readHolder(away) === holder);
}

/**
 * Moved away before it is removed, so that of several that do it only one succeeds, and so that it is never there without
 * its pid: a folder with nothing in it could be taken, and what then came into it would be removed as well.
 *
 * @param {string} dir
 * @param {(away: string) => boolean} isMeant
 */
function remove(dir, isMeant = () => true) {
  const away = `${dir}.gone.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(dir, away);
  } catch {
    // Somebody else has removed it.
    return;
  }
  try {
    if (!isMeant(away)) return renameSync(away, dir);
  } catch {
    // A third one has taken it in this moment: two then do the same work, whose result is put in place in one step.
  }
  rmSync(away, { recursive: true, force: true });
}
