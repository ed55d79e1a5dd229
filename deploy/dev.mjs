// Development: Vite serves the demo client with hot reload and passes /socket.io and /api on to the server; the server
// starts anew when a file of it changes. Both end together. Started by deploy/bootstrap.mjs, under the right Node.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, helpText, readConfig } from '../src/config.ts';

const KILL_AFTER_MS = 5_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const serverArgs = process.argv.slice(2);

// So that the recovery can be tried from the demo client; a variable or a flag of the developer's own wins.
const developing =
  process.env.NODE_ENV === 'production' ? {} : { PLENUM_SIMULATE_FAULTS: process.env.PLENUM_SIMULATE_FAULTS || '1' };

const address = serverAddress();
/** @type {import('node:child_process').ChildProcess[]} */
const children = [
  start(
    'server',
    ['--watch', '--watch-preserve-output', '--watch-kill-signal', 'SIGINT', 'src/main.ts', ...serverArgs],
    developing,
  ),
  start(
    'client',
    [join('node_modules', 'vite', 'bin', 'vite.js'), 'client-demo', '--config', 'client-demo/vite.config.ts'],
    { DEV_SERVER: address },
  ),
];
let stopping = false;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => stop(0));
// The bootstrap that started us is gone.
process.on('disconnect', () => stop(1));

/** Where the server will be, by the flags and variables that it reads itself; ends where it would not start. */
function serverAddress() {
  try {
    const { help, port, host, lan, tlsCert } = readConfig(serverArgs);
    if (help) {
      console.log(helpText());
      process.exit(0);
    }
    if (port === 0) throw new ConfigError('--port is 0; Vite must know the port of the server: choose another one.');
    const name = lan || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    return `${lan || tlsCert ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/**
 * @param {string} name
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
function start(name, args, env) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  child.once('exit', (code, signal) => {
    if (stopping) return;
    console.error(`The ${name} ended (${signal ?? `exit code ${code}`}).`);
    stop(1);
  });
  return child;
}

/** @param {number} exitCode */
function stop(exitCode) {
  if (stopping) return;
  stopping = true;
  const ended = children
    .filter((child) => child.exitCode === null && child.signalCode === null)
    .map((child) => new Promise((resolve) => child.once('exit', resolve)));
  // Not SIGTERM, after which the server waits for its meetings.
  for (const child of children) child.kill('SIGINT');
  setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, KILL_AFTER_MS).unref();
  void Promise.all(ended).then(() => process.exit(exitCode));
}
