import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { environmentFor, makeTempDir, root } from './places.mjs';
import { runInForeground } from './processes.mjs';

/** @typedef {{ passed: number, failed: number }} Count */

/**
 * Runs vitest and counts from its own report, not from its output.
 *
 * @param {{ nodeBin: string, workerBin: string, project?: string, args: string[] }} options
 * @returns {Promise<Count>}
 */
export async function runVitest({ nodeBin, workerBin, project, args }) {
  const reportFile = join(await makeTempDir(), 'vitest.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const code = await runInForeground(
    nodeBin,
    [
      vitest,
      'run',
      '--config=test/vitest.config.ts',
      ...(project ? [`--project=${project}`] : []),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
      ...args,
    ],
    { cwd: root, env: { ...environmentFor(nodeBin), MEDIASOUP_WORKER_BIN: workerBin } },
  );
  const report = readReport(reportFile);
  // Once more at the end: who reads only the last lines of a long run shall know what to look for.
  for (const line of report ? failuresIn(report) : []) console.log(line);
  return countFrom(report, code);
}

/**
 * @typedef {{ numPassedTests: number, numFailedTests: number,
 *   testResults: { name: string, status: string, message?: string,
 *     assertionResults: { status: string, fullName: string, failureMessages?: string[] }[] }[] }} VitestReport
 */

/**
 * @param {string} file
 * @returns {VitestReport | null}
 */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // A vitest that crashed has written none, or half of one.
    return null;
  }
}

/**
 * A file that fails outside of its tests (an import, a hook) counts as one failure, and so does an exit code that the
 * report does not explain (an unhandled rejection, a crash).
 *
 * @param {VitestReport | null} report
 * @param {number} exitCode
 * @returns {Count}
 */
export function countFrom(report, exitCode) {
  if (!report) return { passed: 0, failed: 1 };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  return { passed: report.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

/**
 * @param {VitestReport} report
 * @returns {string[]} a line for each failure: file, test, and what was wrong
 */
export function failuresIn(report) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0) return status === 'failed' ? [`FAILED ${file}: ${firstLine(message)}`] : [];
    return failed.map((test) => `FAILED ${file} > ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`);
  });
}

/** @param {string} [text] */
function firstLine(text = '') {
  return text.split('\n', 1)[0];
}
