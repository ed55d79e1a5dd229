import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { auditDependencies } from './audit.mjs';
import { checkCleanClone } from './clean-clone.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const count = await runTests();
const problem = await checkCleanClone(root).catch((error) => `${error.stack ?? error}`);
if (problem) {
  console.log(`FAILED npm start in a clean clone: ${problem}`);
  count.failed += 1;
} else {
  console.log('ok     npm start in a clean clone');
  count.passed += 1;
}
const { holes, skipped } = await auditDependencies(root);
if (skipped !== undefined) console.log(`skipped npm audit of what ships: ${skipped}`);
else if (holes > 0) {
  console.log(`FAILED npm audit of what ships: ${holes} known holes`);
  count.failed += 1;
} else {
  console.log('ok     npm audit of what ships');
  count.passed += 1;
}
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 ? 0 : 1);

/**
 * Runs `npm test` and reads its own count, the last such line.
 *
 * @returns {Promise<{ passed: number, failed: number }>}
 */
function runTests() {
  return new Promise((resolve) => {
    const child = spawn('npm', ['test'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let tail = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      tail = (tail + chunk).slice(-4096);
    });
    child.once('error', (error) => {
      console.error(`npm cannot be started: ${error.message}`);
      resolve({ passed: 0, failed: 1 });
    });
    child.once('close', (code) => {
      const [passed = 0, failed = 0] = ([...tail.matchAll(/^(\d+) passed, (\d+) failed$/gm)].pop() ?? [])
        .slice(1)
        .map(Number);
      // A run that broke off before its count, or that counts no failure and ends with one, has failed once.
      resolve({ passed, failed: failed === 0 && code !== 0 ? 1 : failed });
    });
  });
}
