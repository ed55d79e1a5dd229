import { dirname } from 'node:path';
import { noSpace, SetupFailure } from './failure.mjs';
import { cacheDir, environmentFor } from './places.mjs';
import { run } from './processes.mjs';

// An unreachable registry must not hold us for minutes, which npm's own retries do.
const FLAGS = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--loglevel=error',
  '--fetch-retries=2',
  '--fetch-retry-mintimeout=1000',
  '--fetch-retry-maxtimeout=5000',
];

/**
 * Runs npm, the one that started us if one did.
 *
 * @param {string[]} args
 * @param {{ cwd: string, nodeBin: string, what: string }} options `what` could not be done, if npm fails
 */
export async function npm(args, { cwd, nodeBin, what }) {
  const script = process.env.npm_execpath ?? '';
  const [command, first] = script.endsWith('npm-cli.js') ? [nodeBin, [script]] : ['npm', []];
  const result = await run(command, [...first, ...args, ...FLAGS], { cwd, env: environmentFor(nodeBin) });
  if (result.code !== 0) throw explain(what, result, `cd "${cwd}" && npm ${args.join(' ')} --ignore-scripts`);
}

/**
 * @param {string} what
 * @param {{ code: number, output: string }} result
 * @param {string} command
 */
function explain(what, { code, output }, command) {
  const lines = output
    .split('\n')
    .filter((line) => /^npm (error|ERR!)/.test(line) && !line.includes('complete log of this run'))
    .slice(0, 6)
    .join('\n');
  const why = lines || output.trim() || `npm ended with exit code ${code}.`;
  if (code === 127) {
    return new SetupFailure(what, `npm cannot be started: ${output}`, 'Install Node.js 22.18 or newer with npm.');
  }
  if (/ENOSPC/.test(output)) return noSpace(dirname(cacheDir), why);
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/.test(output)
  ) {
    return new SetupFailure(
      what,
      `npm's registry cannot be reached.\n${why}`,
      `Check the network and the registry (npm config get registry; npm ping), then try again:\n${command}`,
    );
  }
  return new SetupFailure(what, why, `${command}\nshows all of it.`);
}
