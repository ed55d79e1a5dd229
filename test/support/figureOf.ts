import type { Figure } from '../bench/report.ts';

/** How a test runs a scenario of the benchmark. */
export const onceQuietly = { repeat: 1, say: () => undefined };

export function figureOf(figures: readonly Figure[], name: string): Figure {
  const found = figures.find((each) => each.name === name);
  if (!found) throw new Error(`there is no figure "${name}" among: ${figures.map((each) => each.name).join('; ')}`);
  return found;
}
