import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cacheDir } from '../deploy/bootstrap/places.mjs';
import { workerPath } from '../deploy/bootstrap/worker.mjs';

const READY_TIMEOUT_MS = 15 * 60_000;
const STOP_TIMEOUT_MS = 15_000;
const WARM_START_S = 5;

/**
 * Does what the README says, as somebody new would: clone, `npm start`, open the page, stop. The cache is empty but for
 * the worker, and that only when its key (version, machine, recipe) is the one that the clone asks for.
 *
 * @param {string} root
 * @returns {Promise<string | null>} what went wrong, or null
 */
export async function checkCleanClone(root) {
  const temp = mkdtempSync(join(tmpdir(), 'plenum-clean-clone-'));
  try {
    const clone = join(temp, 'plenum');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    if (
      !existsSync(join(clone, 'README.md')) ||
      !/\bnpm start\b/.test(readFileSync(join(clone, 'README.md'), 'utf8'))
    ) {
      return 'the README does not name the command "npm start"';
    }
    const cacheHome = join(temp, 'cache');
    takeWorkerOver(root, cacheHome);
    const cold = await startAndStop(clone, cacheHome);
    if (cold.problem) return cold.problem;
    console.log(`A clean clone was ready after ${cold.seconds.toFixed(1)} s.`);
    const warm = await startAndStop(clone, cacheHome);
    if (warm.problem) return `the second time, ${warm.problem}`;
    console.log(`The second start took ${warm.seconds.toFixed(1)} s.`);
    return warm.seconds > WARM_START_S ? `the second start took more than ${WARM_START_S} s` : null;
  } finally {
    rmSync(temp, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * @param {string} root
 * @param {string} cacheHome
 */
function takeWorkerOver(root, cacheHome) {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/mediasoup/package.json'), 'utf8'));
  const from = workerPath(version);
  if (!existsSync(from)) return;
  const to = join(cacheHome, 'plenum', relative(cacheDir, from));
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/**
 * @param {string} clone
 * @param {string} cacheHome
 * @returns {Promise<{ seconds: number, problem: string | null }>} how long until it was ready, and what went wrong
 */
async function startAndStop(clone, cacheHome) {
  const port = await freePort();
  const env = {
    ...process.env,
    XDG_CACHE_HOME: cacheHome,
    PLENUM_PORT: String(port),
    // Otherwise the next one, which anybody may have.
    PLENUM_ADMIN_PORT: '0',
    PLENUM_RTC_PORT: String(await freePort()),
  };
  delete env.MEDIASOUP_WORKER_BIN;
  const startedAt = performance.now();
  const server = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => server.once('close', resolve));
  try {
    const ready = await waitForLine(server, ended, /^Plenum is ready: (\S+)$/m);
    const seconds = (performance.now() - startedAt) / 1000;
    const problem =
      (await whyNoPage(ready)) ?? (await whyNoStop(server, ended)) ?? (await whatIsLeft(port, dirname(cacheHome)));
    return { seconds, problem };
  } finally {
    server.kill('SIGTERM');
    await Promise.race([ended, sleep(STOP_TIMEOUT_MS, 'late')]);
    server.kill('SIGKILL');
  }
}

/** @param {string | null} address */
async function whyNoPage(address) {
  if (!address) return 'it never printed "Plenum is ready"';
  const page = await fetch(address);
  const html = await page.text();
  return page.ok && html.includes('<script') ? null : `${address} answered ${page.status}, and not with the page`;
}

/**
 * @param {import('node:child_process').ChildProcess} server
 * @param {Promise<unknown>} ended
 */
async function whyNoStop(server, ended) {
  server.kill('SIGTERM');
  const code = await Promise.race([ended, sleep(STOP_TIMEOUT_MS, 'late')]);
  if (code === 'late') return `it was still running ${STOP_TIMEOUT_MS / 1000} s after SIGTERM`;
  return code === 0 ? null : `it ended with exit code ${code} after SIGTERM`;
}

/**
 * @param {number} port
 * @param {string} folder
 */
async function whatIsLeft(port, folder) {
  const left = processesUnder(folder);
  if (left) return `processes are left:\n${left}`;
  return (await isFree(port)) ? null : `port ${port} is still taken`;
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} child
 * @param {Promise<unknown>} ended
 * @param {RegExp} pattern
 * @returns {Promise<string | null>} the first group
 */
function waitForLine(child, ended, pattern) {
  const found = new Promise((resolve) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      output += chunk;
      const match = pattern.exec(output);
      if (match) resolve(match[1]);
    });
  });
  return Promise.race([found, ended.then(() => null), sleep(READY_TIMEOUT_MS, null)]);
}

/** @param {string} folder */
function processesUnder(folder) {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(folder)).join('\n');
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** @param {number} port */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/**
 * @template T
 * @param {number} ms
 * @param {T} value
 * @returns {Promise<T>}
 */
function sleep(ms, value) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), ms).unref();
  });
}
