import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { workerBin } from 'mediasoup';

const sheltered = fileURLToPath(new URL('sheltered-worker', import.meta.url));
let program: Promise<string> | undefined;

/**
 * What to start as worker: one that signals to the whole process group, or to the whole control group, as systemd sends
 * them, do not end: while a server drains its media has to go on, and the server ends its workers itself, over their
 * channel. Where `env` cannot block signals (GNU coreutils can, from 8.31 on) it is the plain worker, which ends by them.
 */
export function workerProgram(): Promise<string> {
  program ??= canBlockSignals().then((can) => (can ? sheltered : workerBin));
  return program;
}

async function canBlockSignals(): Promise<boolean> {
  try {
    await promisify(execFile)('env', ['--block-signal=INT,TERM', 'true']);
  } catch {
    // No such option, or no such program.
    return false;
  }
  // Where the variable is set, `workerBin` is what it says.
  // biome-ignore lint/style/noProcessEnv: what mediasoup starts can be told nothing but by the environment, which it hands on
  process.env.MEDIASOUP_WORKER_BIN ??= workerBin;
  return true;
}
