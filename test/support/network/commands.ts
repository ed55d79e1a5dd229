import { spawnSync } from 'node:child_process';

/** The system folders too: the PATH of a plain user, or of a test runner, often lacks them. */
export const systemEnv: NodeJS.ProcessEnv = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/**
 * Runs a short command to its end and gives its output. Synchronous, so that it can clean up while the process exits.
 * @throws Error with the command and what it said
 */
export function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env: systemEnv });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim() || `exit code ${status}`}`);
  return stdout;
}

/** The same for what may have happened already: a thing that is gone need not be removed. */
export function tryRun(command: string, ...args: string[]): string {
  try {
    return run(command, ...args);
  } catch {
    return '';
  }
}
