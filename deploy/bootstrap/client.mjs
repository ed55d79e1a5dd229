import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { hashOf } from './hash.mjs';
import { withLock } from './lock.mjs';
import { environmentFor, root } from './places.mjs';
import { atExit, run } from './processes.mjs';
import { startStep } from './progress.mjs';

const dist = join(root, 'client-demo', 'dist');
const stampFile = join(dist, '.stamp');

/**
 * Builds the demo client if anything has changed of which it is made.
 *
 * @param {string} nodeBin
 */
export async function buildClient(nodeBin) {
  if (!existsSync(join(root, 'client-demo')) || isCurrent()) return;
  await withLock(`client-${hashOf(root, ['package.json'])}`, async () => {
    if (!isCurrent()) await build(nodeBin);
  });
}

function isCurrent() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === currentStamp();
}

function currentStamp() {
  const sources = ['client-demo', 'src/client', 'src/protocol', 'package-lock.json'];
  return hashOf(root, sources, { except: ['dist', 'node_modules'] });
}

/** @param {string} nodeBin */
async function build(nodeBin) {
  const step = startStep('Building the demo client');
  // Built aside and moved in whole: a server that runs meanwhile, or a build that is cut off, shall find no half of it.
  const staged = join(root, 'node_modules', '.cache', `plenum-client-${process.pid}`);
  atExit(() => rmSync(staged, { recursive: true, force: true }));
  mkdirSync(staged, { recursive: true });
  // Taken before the build: what is edited during it belongs to the next.
  const stamp = currentStamp();

  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = ['build', 'client-demo', '--config', 'client-demo/vite.config.ts', '--outDir', staged, '--emptyOutDir'];
  const result = await run(nodeBin, [vite, ...args], { cwd: root, env: environmentFor(nodeBin) });
  if (result.code !== 0) {
    step.failed('failed');
    throw new SetupFailure(
      'the demo client cannot be built.',
      result.output.trim().split('\n').slice(0, 30).join('\n'),
      'Mend the error in client-demo or src/client, then:\nnpm start',
    );
  }
  writeFileSync(join(staged, '.stamp'), stamp);
  rmSync(dist, { recursive: true, force: true });
  renameSync(staged, dist);
  step.done();
}
