import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Beside a worker that was built here: which libsrtp is in it, and why, where it is not the one that was wanted.
const FILE = 'origin.json';

/** @typedef {{ libsrtp: string, why?: string }} WorkerOrigin */

/**
 * @param {string} dir where the finished worker waits to be kept
 * @param {import('./libsrtp.mjs').Libsrtp} libsrtp
 */
export function noteOrigin(dir, libsrtp) {
  /** @type {WorkerOrigin} */
  const origin =
    'why' in libsrtp
      ? { libsrtp: "the system's", why: libsrtp.why }
      : { libsrtp: `${libsrtp.version}, built on OpenSSL` };
  writeFileSync(join(dir, FILE), `${JSON.stringify(origin)}\n`);
}

/**
 * To be called before the worker itself is moved, so that no worker is there without its note. One that was not built
 * here has none.
 *
 * @param {string} from
 * @param {string} to
 */
export function keepOrigin(from, to) {
  rmSync(join(to, FILE), { force: true });
  if (existsSync(join(from, FILE))) renameSync(join(from, FILE), join(to, FILE));
}

/**
 * Whether a worker in the cache was built here by our recipe, with its mends.
 *
 * @param {string} bin
 */
export function isOwnBuild(bin) {
  return existsSync(join(dirname(bin), FILE));
}

/**
 * What to say of a worker in the cache: nothing, unless it could be faster. It is used all the same: whether the source
 * can be had by now is not asked at each start.
 *
 * @param {string} bin
 * @returns {string | null}
 */
export function whatCouldBeFaster(bin) {
  const file = join(dirname(bin), FILE);
  if (!existsSync(file)) return null;
  /** @type {WorkerOrigin} */
  const { why } = JSON.parse(readFileSync(file, 'utf8'));
  if (why === undefined) return null;
  return `The mediasoup worker was built with the system's libsrtp, which is slower (${why}). For another try: rm -r ${dirname(bin)}`;
}
