import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Each kind of test is a project, so that it can be run by itself: --project unit, integration, e2e or chaos. */
const kind = (name: string, testTimeout: number) => ({
  root,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 60_000,
    // A rejection that nobody handles fails the run.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});

export default defineConfig({
  root,
  test: {
    projects: [kind('unit', 20_000), kind('integration', 60_000), kind('e2e', 120_000), kind('chaos', 180_000)],
    // Two cores: browsers and workers of several files at once would measure one another.
    fileParallelism: false,
  },
});
