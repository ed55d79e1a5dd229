import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const anyPorts = ['--port', '0', '--rtc-port', '0'];

/** What `npm start` runs, and what that runs in the end. */
export const programs = {
  'npm start': ['deploy/bootstrap.mjs', 'start', ...anyPorts],
  'the server alone': ['src/main.ts', ...anyPorts],
} as const;

/** Starts a program, takes the time until it says that it is ready, and stops it. Milliseconds. */
export async function timeToReady(args: readonly string[]): Promise<number> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PLENUM_')));
  const began = performance.now();
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    env: { ...env, npm_lifecycle_event: '' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const ready = Promise.withResolvers<number>();
  if (!child.stdout) throw new Error('the program has no output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('Plenum is ready')) ready.resolve(performance.now() - began);
  });
  ended.then(() => ready.reject(new Error(`${args.join(' ')} ended before it was ready`)));
  try {
    return await ready.promise;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
