/** One number, with what it was compared with in the same run. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  comparedWith: { name: string; value: number } | null;
  /** value / comparedWith.value; null where that is 0. */
  ratio: number | null;
  /** For example `<= 120` of the value, or `ratio >= 0.95`. */
  aim: string | null;
  met: boolean | null;
}

export interface Aim {
  of: 'value' | 'ratio';
  is: 'at most' | 'at least';
  limit: number;
}

export interface ScenarioReport {
  name: string;
  figures: Figure[];
}

export interface Report {
  machine: Record<string, string | number>;
  /** ISO 8601, UTC. */
  date: string;
  commit: string;
  command: string;
  scenarios: ScenarioReport[];
}

interface Beside {
  comparedWith?: { name: string; value: number };
  /** A number: the value should be at most this. */
  aim?: Aim | number;
}

export function figure(name: string, value: number, unit: string, { comparedWith, aim }: Beside = {}): Figure {
  const ratio = comparedWith && comparedWith.value !== 0 ? value / comparedWith.value : null;
  const wanted: Aim | null = typeof aim === 'number' ? { of: 'value', is: 'at most', limit: aim } : (aim ?? null);
  return {
    name,
    value: rounded(value),
    unit,
    comparedWith: comparedWith ? { name: comparedWith.name, value: rounded(comparedWith.value) } : null,
    ratio: ratio === null ? null : rounded(ratio, 100),
    aim: wanted && `${wanted.of === 'ratio' ? 'ratio ' : ''}${wanted.is === 'at most' ? '<=' : '>='} ${wanted.limit}`,
    met: wanted && isMet(wanted, wanted.of === 'value' ? value : ratio),
  };
}

/** A figure that could not be taken has not met its aim. */
function isMet({ is, limit }: Aim, measured: number | null): boolean {
  if (measured === null) return false;
  return is === 'at most' ? measured <= limit : measured >= limit;
}

/** @param share 0.5 for the median; nearest rank, so that the result is a value that was measured */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

function rounded(value: number, parts = 10): number {
  return Math.round(value * parts) / parts;
}

const headings = ['figure', 'value', 'compared with', 'ratio', 'aim', 'met'];

function cells({ name, value, unit, comparedWith, ratio, aim, met }: Figure): string[] {
  return [
    name,
    `${value} ${unit}`,
    comparedWith ? `${comparedWith.name}: ${comparedWith.value}` : '',
    ratio === null ? '' : String(ratio),
    aim ?? '',
    met === null ? '' : met ? 'yes' : 'NO',
  ];
}

/** For a terminal: columns in line. */
export function textTable(figures: readonly Figure[]): string {
  const rows = [headings, ...figures.map(cells)];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function markdownTable(figures: readonly Figure[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...figures.map((each) => line(cells(each)))].join('\n');
}

/** The part of RESULTS.md that belongs to one scenario. */
export function markdownSection({ machine, date, commit, command }: Report, scenario: ScenarioReport): string {
  const about = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  return [
    `## ${scenario.name}`,
    '',
    `${date}, commit ${commit}, \`${command}\`  `,
    about.join('; '),
    '',
    markdownTable(scenario.figures),
    '',
  ].join('\n');
}
