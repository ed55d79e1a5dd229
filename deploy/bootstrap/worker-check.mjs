import { spawn } from 'node:child_process';

const START_TIMEOUT_MS = 10_000;

/**
 * Starts a worker as mediasoup does and waits for its first message ("running"). That proves more than the file being
 * there: right machine, its libraries present, whole.
 *
 * @param {string} bin
 * @param {string} version mediasoup's
 * @returns {Promise<string | null>} why it does not start, or null
 */
export function whyWorkerFails(bin, version) {
  return new Promise((resolve) => {
    // Descriptors 3 and 4 are the channel: the worker reads from 3 and writes to 4.
    const child = spawn(bin, ['--logLevel=none'], {
      env: { ...process.env, MEDIASOUP_VERSION: version },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    let stderr = '';
    let running = false;
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);

    child.stderr?.on('data', (chunk) => {
      stderr = (stderr + chunk).slice(-2000);
    });
    child.stdio[4]?.once('data', () => {
      running = true;
      child.kill('SIGKILL');
    });
    // Killed while we hold the channel open, which is no error of ours.
    for (const stream of [child.stdio[3], child.stdio[4]]) stream?.on('error', () => undefined);

    child.once('error', (error) => {
      clearTimeout(timer);
      resolve(error.message);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(running ? null : stderr.trim() || `it ended at once (${signal ?? `exit code ${code}`})`);
    });
  });
}
