import type { Figure } from './report.ts';
import type { Scenario, ScenarioOptions } from './scenario.ts';

/** What is promised is three minutes; whatever takes longer than this hangs. Milliseconds. */
const limitMs = 300_000;

/** The scenario did not end in time: what it has started is still there, so nothing else can be measured. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** Runs the parts of a scenario one after the other. @throws TimeLimitError, or what a part has thrown */
export async function runScenario(
  { parts }: Pick<Scenario, 'parts'>,
  options: ScenarioOptions,
  limit = limitMs,
): Promise<{ figures: Figure[]; seconds: number }> {
  const startedAt = performance.now();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TimeLimitError(`no end after ${limit / 1000} s`)), limit);
  try {
    const figures: Figure[] = [];
    for (const run of Object.values(parts)) figures.push(...(await Promise.race([run(options), late.promise])));
    return { figures, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    clearTimeout(timer);
  }
}
