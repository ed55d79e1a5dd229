import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { currentCommit, describeMachine } from './machine.ts';
import { markdownSection, type Report, textTable } from './report.ts';
import { runScenario, TimeLimitError } from './runScenario.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';

/**
 * `npm run bench -- NAME...`: measures and prints. Exit code 0 when it ran, whether or not the aims were met, unless the
 * scenario says that they decide (`attacker`); 1 when a scenario could not be measured, and the others are recorded all the
 * same.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const resultsFile = fileURLToPath(new URL('RESULTS.md', import.meta.url));

const help = `Measures Plenum on this machine.

Usage: npm run bench [-- [options] SCENARIO...]

Without a scenario all are run, one after the other.

Scenarios:
${Object.entries(scenarios)
  .map(
    ([name, { about, parts }]) =>
      `  ${name.padEnd(16)}${about}\n${' '.repeat(18)}Parts: ${Object.keys(parts).join(', ')}`,
  )
  .join('\n')}

Options:
  --part NAME     Only that part of a scenario, without recording it.
  --json FILE     Writes the figures to a file, too.
  --repeat N      How often joins of first-frame are repeated; default 20, parts that take long take a share of it.
  --note TEXT     Kept with the figures, for example what else the machine did.
  --no-record     Leaves test/bench/RESULTS.md as it is.
  --help, -h      This text.

On a machine that does something else at the same time every figure is worse; the load is recorded with them.`;

class UsageError extends Error {}

function readArguments() {
  const options = {
    json: { type: 'string' },
    part: { type: 'string' },
    note: { type: 'string' },
    repeat: { type: 'string', default: '20' },
    record: { type: 'boolean', default: true },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true, allowNegative: true });
    return { ...values, names: positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function lookUp(name: string) {
  const known = Object.keys(scenarios);
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario) return { name, ...scenario };
  throw new UsageError(
    `There is no scenario "${name}"; did you mean ${closest(name, known)}? All: ${known.join(', ')}.`,
  );
}

function pickPart<S extends { name: string; parts: Scenario['parts'] }>(scenario: S, part: string | undefined): S {
  if (part === undefined) return scenario;
  const run = Object.hasOwn(scenario.parts, part) ? scenario.parts[part] : undefined;
  if (run) return { ...scenario, parts: { [part]: run } };
  const known = Object.keys(scenario.parts).join(', ');
  throw new UsageError(`The scenario "${scenario.name}" has no part "${part}"; it has ${known}.`);
}

/** @returns the exit code */
async function main(): Promise<number> {
  const { names, json, part, note, repeat: repeatText, record, help: wantsHelp } = readArguments();
  if (wantsHelp) {
    console.log(help);
    return 0;
  }
  const repeat = Number(repeatText);
  if (!Number.isInteger(repeat) || repeat < 1) {
    throw new UsageError(`--repeat is "${repeatText}"; it must be a whole number from 1.`);
  }
  const chosen = (names.length === 0 ? Object.keys(scenarios) : names).map((name) => pickPart(lookUp(name), part));
  const report: Report = {
    machine: { ...describeMachine(), ...(note !== undefined && { note }) },
    date: new Date().toISOString(),
    commit: currentCommit(root),
    // What was noted and where it was written make no other figures.
    command: [
      'npm run bench --',
      ...names,
      ...(repeatText === '20' ? [] : [`--repeat ${repeat}`]),
      ...(part ? [`--part ${part}`] : []),
    ].join(' '),
    scenarios: [],
  };
  let failed = false;
  for (const { name, parts, decides } of chosen) {
    try {
      const { figures, seconds } = await runScenario({ parts }, { repeat, say: (line) => console.log(line) });
      console.log(`\n${name}, in ${Math.round(seconds)} s\n\n${textTable(figures)}\n`);
      report.scenarios.push({ name, figures });
      if (decides && figures.some(({ met }) => met === false)) {
        failed = true;
        console.log(`${name}: NOT MET`);
      }
    } catch (error) {
      failed = true;
      console.error(`${name} could not be measured:`, error);
      if (error instanceof TimeLimitError) break;
    }
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  if (record && part === undefined) keepResults(report);
  return failed ? 1 : 0;
}

/** Replaces the section of each scenario that was run; the others stay as they were measured last. */
function keepResults(report: Report): void {
  const title = '# Last results\n\nWritten by `npm run bench`; each section is the last run of its scenario.\n';
  const before = existsSync(resultsFile) ? readFileSync(resultsFile, 'utf8') : '';
  const sections = new Map<string, string>();
  for (const section of before.split(/^(?=## )/m).slice(1)) {
    sections.set(/^## (.*)/.exec(section)?.[1] ?? '', section);
  }
  for (const scenario of report.scenarios) sections.set(scenario.name, markdownSection(report, scenario));
  writeFileSync(resultsFile, [title, ...sections.values()].map((part) => `${part.trimEnd()}\n`).join('\n'));
}

main().then(
  // A browser that does not end must not keep a finished benchmark alive.
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof UsageError ? `${error.message} See --help.` : error);
    process.exit(1);
  },
);
