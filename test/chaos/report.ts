import type { Run } from './Campaign.ts';
import type { Aim, Fault } from './Fault.ts';

/** One figure of one fault over all its runs. */
export interface Row {
  fault: string;
  figure: string;
  unit: Aim['unit'];
  /** Values. */
  count: number;
  runs: number;
  /** Runs with problems, whatever their figures. */
  failed: number;
  p50: number;
  p95: number;
  max: number;
  /** For example `p95 <= 3000, max <= 5000`. */
  aim: string;
  met: boolean;
}

/** Fewer values have no 95th percentile worth the name: of those the median must be as good. */
const enoughForP95 = 20;

export function rowsOf(faults: readonly Fault[], runs: readonly Run[]): Row[] {
  return faults.flatMap(({ name, figures }) => {
    const own = runs.filter(({ fault }) => fault === name);
    if (own.length === 0) return [];
    return Object.entries(figures).map(([figure, aim]): Row => {
      const values = own.flatMap((run) => run.figures[figure] ?? []).toSorted((a, b) => a - b);
      const at = (share: number) => percentile(values, share);
      const row = {
        fault: name,
        figure,
        unit: aim.unit,
        count: values.length,
        runs: own.length,
        failed: own.filter(({ problems }) => problems.length > 0).length,
        p50: at(0.5),
        p95: at(0.95),
        max: at(1),
      };
      // A run that gave no value has not met it.
      return { ...row, aim: aimText(aim), met: values.length === own.length && isMet(aim, row) };
    });
  });
}

/** Nearest rank, so that it is a value that was measured; 0 without values. @param sorted smallest first */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function isMet(aim: Aim, { count, p50, p95, max }: Pick<Row, 'count' | 'p50' | 'p95' | 'max'>): boolean {
  if (aim.max !== undefined && max > aim.max) return false;
  return aim.p95 === undefined || (count < enoughForP95 ? p50 : p95) <= aim.p95;
}

function aimText({ p95, max }: Aim): string {
  const parts = [p95 !== undefined && `p95 <= ${p95}`, max !== undefined && `max <= ${max}`];
  return parts.filter(Boolean).join(', ') || 'none';
}

/** A table for people, and below it what failed. */
export function reportText(rows: readonly Row[], runs: readonly Run[]): string {
  const head = ['fault', 'figure', 'count', 'p50', 'p95', 'max', 'aim', 'met'];
  const cells = rows.map((row) => [
    row.fault,
    row.figure,
    `${row.count}`,
    ...[row.p50, row.p95, row.max].map((value) => valueText(value, row.unit)),
    row.aim,
    row.met ? 'yes' : 'NO',
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)));
  const lines = [head, ...cells].map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const failed = runs.filter(({ problems }) => problems.length > 0);
  const failures = failed.map(
    ({ fault, seed, hit, problems }) => `FAILED ${fault} (${hit}), --seed ${seed}:\n  ${problems.join('\n  ')}`,
  );
  return [...lines, '', `${runs.length} runs, ${failed.length} failed`, ...failures].join('\n');
}

/** One run in a line. */
export function runText({ figures: aims }: Fault, { hit, worst, figures, problems }: Run): string {
  const values = Object.entries(figures).map(
    ([name, value]) => `${name} ${valueText(value, aims[name]?.unit ?? 'ms')}`,
  );
  return [hit, ...values, worst && `longest picture: ${worst}`, ...problems].filter(Boolean).join(', ');
}

/** With its unit. */
export function valueText(value: number, unit: Aim['unit']): string {
  return unit === 'ms' ? `${Math.round(value)} ms` : `${value.toFixed(1)} %`;
}
