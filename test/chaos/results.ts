import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Run } from './Campaign.ts';
import type { Fault } from './Fault.ts';
import { type Row, valueText } from './report.ts';

const file = fileURLToPath(new URL('RESULTS.md', import.meta.url));

const head = `# Last results

Written by \`npm run test:chaos\` for each fault that happened at least as often as with \`--full\`. The times are those for
which a picture (or what the fault's text says) stood still, over all three browsers. A run has failed when ids, cameras,
rosters, consoles or logs were not as they should be, whatever its figures.

| fault | figure | runs | failed | p50 | p95 | max | aim | met | seed, commit, date, machine |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
`;

/** What the figures were measured with. */
export interface Circumstances {
  seed: number;
  commit: string;
  /** ISO 8601. */
  date: string;
  machine: Record<string, string | number>;
}

/** The faults of a plan that were repeated often enough to be kept. */
export function worthKeeping(plan: readonly { fault: Fault; times: number }[], runs: readonly Run[]): Set<string> {
  const often = plan.filter(({ fault }) => runs.filter((run) => run.fault === fault.name).length >= fault.times.full);
  return new Set(often.map(({ fault }) => fault.name));
}

/** The lines of those faults replaced; the others stay as they were measured last. @param before the file's text */
export function withResults(
  before: string,
  rows: readonly Row[],
  { seed, commit, date, machine }: Circumstances,
): string {
  const concerned = new Set(rows.map(({ fault }) => fault));
  const others = before.split('\n').filter((line) => {
    const [, fault] = /^\| (\S+) \|/.exec(line) ?? [];
    return fault !== undefined && fault !== 'fault' && fault !== '---' && !concerned.has(fault);
  });
  const about = `${seed}, ${commit}, ${date.slice(0, 10)}, ${machine.cores} cores of ${machine.CPU}`;
  const fresh = rows.map((row) => {
    const values = [row.p50, row.p95, row.max].map((value) => valueText(value, row.unit));
    const cells = [row.fault, row.figure, row.runs, row.failed, ...values, row.aim, row.met ? 'yes' : 'NO', about];
    return `| ${cells.join(' | ')} |`;
  });
  return `${head}${[...others, ...fresh].toSorted().join('\n')}\n`;
}

export function keepResults(rows: readonly Row[], circumstances: Circumstances): void {
  if (rows.length === 0) return;
  writeFileSync(file, withResults(existsSync(file) ? readFileSync(file, 'utf8') : '', rows, circumstances));
}
