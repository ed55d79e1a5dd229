import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

const files = (kind: string, names: readonly string[]) => names.map((name) => `test/${kind}/${name}.test.ts`);

/** Of the integration tests: what measures times or rates, or keeps all cores busy by itself. */
const measuring = files('integration', [
  'abuse',
  'apiStats',
  'busyWorker',
  'load',
  'network',
  'onset',
  'recordings',
  'resume',
  'slowReader',
]);

/** Of the integration tests: where media have to flow at their pace, which leaves most of two cores to a second one. */
const flowing = files('integration', [
  'bench',
  'benchMedia',
  'receiving',
  'speaking',
  'speakingSpread',
  'spreadMedia',
  'workers',
]);

/**
 * Of the tests in browsers: what measures times or rates, or waits for what a browser on its own cores does in time. With
 * the others, browsers mostly wait for one another.
 */
const measuringBrowsers = files('e2e', [
  'ceilings',
  'dataRate',
  'dynacast',
  'fileTransfer',
  'firefox',
  'firstFrame',
  'iceTcp',
  'layers',
  'loadClient',
  'meeting',
  'narrow',
  'recovery',
  'resume',
  'serverRestart',
  'silentLine',
  'simulateFault',
  'slowReceiver',
  'speaking',
  'workerDeath',
]);

interface Kind {
  name: string;
  testTimeout: number;
  include?: string[];
  exclude?: string[];
  /** How many files at once. */
  maxWorkers?: number;
}

/**
 * Each kind of test can be run by itself: --project unit, 'integration*', 'e2e*', chaos or fuzz. One project after the
 * other, and one file after the other where two cores are not enough for two: they would measure one another.
 */
const project = (
  { name, testTimeout, include = [`test/${name}/**/*.test.ts`], exclude = [], maxWorkers = 1 }: Kind,
  groupOrder: number,
) => ({
  root,
  test: {
    name,
    include,
    exclude,
    testTimeout,
    maxWorkers,
    sequence: { groupOrder },
    hookTimeout: 60_000,
    // A rejection that nobody handles fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});

const kinds: Kind[] = [
  { name: 'unit', testTimeout: 20_000, maxWorkers: 2 },
  // These mostly wait, for timers of the product and for processes that start.
  { name: 'integration', testTimeout: 60_000, exclude: [...measuring, ...flowing], maxWorkers: 2 },
  { name: 'integration-flowing', testTimeout: 60_000, include: flowing, maxWorkers: 2 },
  { name: 'integration-alone', testTimeout: 60_000, include: measuring },
  { name: 'e2e', testTimeout: 120_000, exclude: measuringBrowsers, maxWorkers: 2 },
  { name: 'e2e-alone', testTimeout: 120_000, include: measuringBrowsers },
  { name: 'chaos', testTimeout: 180_000 },
  { name: 'fuzz', testTimeout: 120_000 },
];

export default defineConfig({ root, test: { projects: kinds.map(project) } });
