import { execFile } from 'node:child_process';

/** Milliseconds after which the registry counts as one that does not answer. */
const patience = 60_000;

/**
 * Asks the registry whether what ships has known holes. Mirrors often do not answer that; test/unit/advisories.test.ts
 * holds without them.
 *
 * @param {string} root the repository
 * @returns {Promise<{ holes?: number, skipped?: string }>} how many packages have one, or why nobody knows
 */
export function auditDependencies(root) {
  return new Promise((resolve) => {
    const args = ['audit', '--omit=dev', '--json', '--fetch-retries=0'];
    // It ends with a code of its own where there are holes: what it says counts.
    execFile('npm', args, { cwd: root, timeout: patience }, (error, stdout) => {
      const { metadata, message } = parse(stdout);
      const holes = metadata?.vulnerabilities?.total;
      if (typeof holes === 'number') resolve({ holes });
      else resolve({ skipped: message ?? error?.message ?? 'npm said nothing of it' });
    });
  });
}

/** @param {string} text */
function parse(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return { message: 'npm gave no report' };
  }
}
