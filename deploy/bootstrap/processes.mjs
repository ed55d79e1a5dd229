import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

const PARENT_POLL_MS = 250;

/** @type {Set<() => void>} */
const exitTasks = new Set();
/** @type {Set<ChildProcess>} */
const helpers = new Set();
/** @type {ChildProcess | null} */
let foreground = null;
let interrupted = false;
/** @type {Map<NodeJS.Signals, number>} */
const forwardedAt = new Map();

/**
 * Runs when this process ends, however it ends (but for SIGKILL). Synchronous.
 *
 * @param {() => void} task
 * @returns {() => void} takes it back
 */
export function atExit(task) {
  exitTasks.add(task);
  return () => exitTasks.delete(task);
}

process.on('exit', () => {
  for (const task of [...exitTasks].reverse()) {
    try {
      task();
    } catch (error) {
      console.error(`While cleaning up: ${error}`);
    }
  }
});

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    if (foreground) forward(foreground, signal);
    else void interrupt(signal);
  });
}

// npm passes signals on to its shell, which not every shell passes on to us, and a killed npm passes on nothing: when
// the process that npm gave us as parent is gone, end as if told to.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_POLL_MS);
  watch.unref();
}

/**
 * A terminal's Ctrl-C reaches the whole process group, and npm passes signals on as well, so that the same signal may
 * come two or three times within a moment. Once is enough.
 *
 * @param {ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function forward(child, signal) {
  const last = forwardedAt.get(signal) ?? 0;
  if (Date.now() - last < 1000) return;
  forwardedAt.set(signal, Date.now());
  child.kill(signal);
}

/**
 * A signal during the set-up: its helpers end first, so that nobody writes into the folders that are removed at exit.
 *
 * @param {NodeJS.Signals} signal
 */
async function interrupt(signal) {
  if (interrupted) return;
  interrupted = true;
  const ended = [...helpers].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of helpers) child.kill('SIGTERM');
  await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, 3000))]);
  for (const child of helpers) child.kill('SIGKILL');
  process.exit(128 + osConstants.signals[signal]);
}

/**
 * Runs a helper to its end and keeps the tail of its output. Never throws: a command that does not exist has code 127.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
    helpers.add(child);
    let output = '';
    let line = '';
    const take = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk).slice(-64 * 1024);
      const lines = (line + chunk).split(/\r?\n/);
      line = lines.pop() ?? '';
      if (options.onLine) lines.forEach(options.onLine);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => {
      helpers.delete(child);
      resolve({ code: 127, output: error.message });
    });
    child.once('close', (code, signal) => {
      helpers.delete(child);
      // Whoever waits for a helper that an interrupt has ended would report that as a failure.
      if (!interrupted) resolve({ code: exitCode(code, signal), output });
    });
  });
}

/**
 * Runs the real program in our place: same terminal, our signals passed on, its exit code returned. With `tether`, the
 * child has an IPC channel whose end tells it that we are gone, even if we were killed by SIGKILL.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, tether?: boolean }} [options]
 * @returns {Promise<number>}
 */
export function runInForeground(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['inherit', 'inherit', 'inherit', ...(options.tether ? [/** @type {const} */ ('ipc')] : [])],
    });
    foreground = child;
    child.once('error', (error) => {
      foreground = null;
      reject(error);
    });
    child.once('exit', (code, signal) => {
      foreground = null;
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function exitCode(code, signal) {
  return signal ? 128 + osConstants.signals[signal] : (code ?? 1);
}

/**
 * Whether a command can be found. System folders count too: a plain user's PATH often lacks them.
 *
 * @param {string} command
 */
export function isOnPath(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter(Boolean);
  return folders.some((folder) => isExecutable(join(folder, command)));
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
