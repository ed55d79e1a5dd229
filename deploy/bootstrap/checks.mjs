import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentFor, root } from './places.mjs';
import { runInForeground } from './processes.mjs';

/**
 * @returns {{ name: string, tool: string, args: string[] }[]}
 */
function listChecks() {
  const projects = ['tsconfig.json', 'src/client/tsconfig.json', 'client-demo/tsconfig.json', 'test/tsconfig.json'];
  return [
    ...projects
      .filter((project) => existsSync(join(root, project)))
      .map((project) => ({ name: `types (${project})`, tool: 'tsc', args: ['-p', project, '--noEmit'] })),
    { name: 'lint and format', tool: 'biome', args: ['check', '--error-on-warnings'] },
  ];
}

/**
 * Types, lint and format; all of them, even after one has failed.
 *
 * @param {string} nodeBin
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runChecks(nodeBin) {
  const count = { passed: 0, failed: 0 };
  for (const { name, tool, args } of listChecks()) {
    const startedAt = Date.now();
    const bin = join(root, 'node_modules', '.bin', tool);
    const code = await runInForeground(bin, args, { cwd: root, env: environmentFor(nodeBin) });
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    if (code === 0) count.passed += 1;
    else count.failed += 1;
  }
  return count;
}
