import { join } from 'node:path';
import { ensureBrowsers } from './browsers.mjs';
import { runChecks } from './checks.mjs';
import { buildClient } from './client.mjs';
import { installDependencies } from './dependencies.mjs';
import { ensureFfmpeg } from './ffmpeg.mjs';
import { offerJanus } from './janus.mjs';
import { findNode } from './node.mjs';
import { environmentFor, root } from './places.mjs';
import { runInForeground } from './processes.mjs';
import { runVitest } from './tests.mjs';
import { buildOwnWorker, checkPlatform, findWorker } from './worker.mjs';

/** @typedef {(args: string[]) => Promise<number>} Task resolves to the exit code */

/** @type {Record<string, Task>} */
export const tasks = {
  async start(args) {
    const nodeBin = await setUp();
    // Who only asks for the options shall not wait for a worker.
    if (args.includes('--help') || args.includes('-h')) return runScript(nodeBin, 'src/main.ts', args);
    const workerBin = await findWorker(nodeBin);
    await buildClient(nodeBin);
    return runScript(nodeBin, 'src/main.ts', args, { workerBin, tether: true });
  },

  async dev(args) {
    const nodeBin = await setUp();
    return runScript(nodeBin, 'deploy/dev.mjs', args, { workerBin: await findWorker(nodeBin), tether: true });
  },

  async build(args) {
    return runScript(await setUp(), 'deploy/build.mjs', args);
  },

  async worker() {
    console.log(await buildOwnWorker(await setUp()));
    return 0;
  },

  async check() {
    const { failed } = await runChecks(await setUp());
    return failed === 0 ? 0 : 1;
  },

  async test(args) {
    const nodeBin = await setUp();
    const workerBin = await findWorker(nodeBin);
    await ensureBrowsers(nodeBin);
    await ensureFfmpeg();
    await buildClient(nodeBin);
    const checks = await runChecks(nodeBin);
    const tests = await runVitest({ nodeBin, workerBin, args });
    return conclude({ passed: checks.passed + tests.passed, failed: checks.failed + tests.failed });
  },

  'test:unit': (args) => runProject('unit', args),
  'test:integration': (args) => runProject('integration', args),
  'test:e2e': (args) => runProject('e2e', args),

  'test:chaos': (args) => runChaos('test/chaos/main.ts', args),
  'test:soak': (args) => runChaos('test/chaos/soak/main.ts', args),

  async 'test:fuzz'(args) {
    const nodeBin = await setUp();
    if (args.includes('--help') || args.includes('-h')) return runScript(nodeBin, 'test/fuzz/main.ts', args);
    const workerBin = await findWorker(nodeBin);
    await ensureFfmpeg();
    return runScript(nodeBin, 'test/fuzz/main.ts', args, { workerBin });
  },

  async bench(args) {
    const nodeBin = await setUp();
    const workerBin = await findWorker(nodeBin);
    await ensureBrowsers(nodeBin);
    await buildClient(nodeBin);
    await ensureFfmpeg();
    if (!args.includes('--help') && !args.includes('-h')) await offerJanus();
    return runScript(nodeBin, 'test/bench/main.ts', args, { workerBin });
  },

  async token(args) {
    return runScript(await setUp(), 'src/token.ts', args);
  },

  async load(args) {
    const nodeBin = await setUp();
    if (!args.includes('--help') && !args.includes('-h')) await ensureFfmpeg();
    return runScript(nodeBin, 'test/load/main.ts', args);
  },
};

async function setUp() {
  checkPlatform();
  const nodeBin = await findNode();
  await installDependencies(nodeBin);
  return nodeBin;
}

/**
 * @param {'unit' | 'integration' | 'e2e'} project
 * @param {string[]} args
 */
async function runProject(project, args) {
  const nodeBin = await setUp();
  const workerBin = await findWorker(nodeBin);
  if (project !== 'unit') await ensureFfmpeg();
  if (project === 'e2e') {
    await ensureBrowsers(nodeBin);
    await buildClient(nodeBin);
  }
  return conclude(await runVitest({ nodeBin, workerBin, project: `${project}*`, args }));
}

/**
 * @param {string} script
 * @param {string[]} args
 */
async function runChaos(script, args) {
  const nodeBin = await setUp();
  if (args.includes('--help') || args.includes('-h')) return runScript(nodeBin, script, args);
  const workerBin = await findWorker(nodeBin);
  await ensureBrowsers(nodeBin);
  await ensureFfmpeg();
  await buildClient(nodeBin);
  return runScript(nodeBin, script, args, { workerBin });
}

/** @param {import('./tests.mjs').Count} count */
function conclude({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * @param {string} nodeBin
 * @param {string} script
 * @param {string[]} args
 * @param {{ workerBin?: string, tether?: boolean }} [options]
 */
function runScript(nodeBin, script, args, { workerBin, tether = false } = {}) {
  const env = environmentFor(nodeBin);
  if (workerBin) env.MEDIASOUP_WORKER_BIN = workerBin;
  return runInForeground(nodeBin, [join(root, script), ...args], { cwd: root, env, tether });
}
