import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Seeds of batches that found something once; they are run first, each time. Beside them stand whole runs at the end of
 * which something was wrong: those are made again with --seed and --messages.
 */

/** In place of an attack's name. */
export const wholeRun = 'run';

const file = new URL('seeds.json', import.meta.url);

const entry = z.strictObject({
  attack: z.string(),
  seed: z.int(),
  /** What it found. */
  note: z.string(),
});
export type CorpusEntry = z.output<typeof entry>;

export function readCorpus(): CorpusEntry[] {
  return z.array(entry).parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Adds those that are not there yet. */
export function keep(found: readonly CorpusEntry[]): void {
  const kept = readCorpus();
  const fresh = found.filter(({ attack, seed }) => !kept.some((each) => each.attack === attack && each.seed === seed));
  if (fresh.length === 0) return;
  const lines = [...kept, ...fresh].map(
    ({ attack, seed, note }) =>
      `  { "attack": ${JSON.stringify(attack)}, "seed": ${seed}, "note": ${JSON.stringify(note)} }`,
  );
  writeFileSync(file, `[\n${lines.join(',\n')}\n]\n`);
}
