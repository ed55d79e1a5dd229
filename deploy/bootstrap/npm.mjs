import { dirname } from 'node:path';
import { noSpace, SetupFailure } from './failure.mjs';
import { whyUnreachable } from './network.mjs';
import { cacheDir, environmentFor } from './places.mjs';
import { run } from './processes.mjs';

const FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|SOCKET_TIMEOUT/;

/**
 * Runs npm, the one that started us if one did.
 *
 * @param {string[]} args
 * @param {{ cwd: string, nodeBin: string, what: string, mend: string }} options `what` could not be done if npm fails,
 *   and `mend` is the command that shows more
 */
export async function npm(args, { cwd, nodeBin, what, mend }) {
  const script = process.env.npm_execpath ?? '';
  const [command, first] = script.endsWith('npm-cli.js') ? [nodeBin, [script]] : ['npm', []];
  const options = { cwd, env: environmentFor(nodeBin) };
  // npm itself retries for minutes, once for each package.
  const unreachable = await whyRegistryIsUnreachable((config) => run(command, [...first, ...config], options));
  const offline = unreachable ? ['--offline'] : [];
  const result = await run(command, [...first, ...args, ...FLAGS, ...offline], options);
  if (result.code !== 0) throw explain({ what, mend, unreachable, ...result });
}

/**
 * @param {(args: string[]) => Promise<{ code: number, output: string }>} runNpm
 * @returns {Promise<string | null>}
 */
async function whyRegistryIsUnreachable(runNpm) {
  const { output } = await runNpm(['config', 'get', 'registry', 'https-proxy', 'proxy', '--loglevel=error']);
  const registry = /^registry\s*=\s*(\S+)/m.exec(output)?.[1];
  const hasProxy = /^(https-)?proxy\s*=\s*(?!null)\S+/m.test(output);
  // Behind a proxy only npm itself can tell.
  return registry && !hasProxy ? whyUnreachable(registry) : null;
}

/**
 * @param {{ what: string, mend: string, unreachable: string | null, code: number, output: string }} failure
 */
function explain({ what, mend, unreachable, code, output }) {
  const lines = output
    .split('\n')
    .filter((line) => /^npm (error|ERR!) \S/.test(line) && !line.includes('complete log of this run'))
    .slice(0, 6)
    .join('\n');
  const why = lines || output.trim() || `npm ended with exit code ${code}.`;
  if (code === 127) {
    return new SetupFailure(what, `npm cannot be started: ${output}`, 'Install Node.js 22.18 or newer with npm.');
  }
  if (/ENOSPC/.test(output)) return noSpace(dirname(cacheDir), why);
  if (unreachable || UNREACHABLE.test(output)) {
    return new SetupFailure(
      what,
      `npm's registry cannot be reached: ${unreachable ?? why}`,
      'Check the network and the registry, then try again:\nnpm config get registry; npm ping',
    );
  }
  return new SetupFailure(what, why, mend);
}
