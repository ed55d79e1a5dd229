import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { currentCommit, describeMachine } from '../bench/machine.ts';
import { available } from '../support/network/index.ts';
import { Campaign, type Run } from './Campaign.ts';
import { type ChaosOptions, helpText, readOptions, UsageError } from './options.ts';
import { reportText, rowsOf, runText } from './report.ts';
import { type Circumstances, keepResults, worthKeeping } from './results.ts';
import { visit } from './visits/visits.ts';

/** `npm run test:chaos`. Exit code 0 when each fault was survived within its aims; 1 otherwise. */

const root = fileURLToPath(new URL('../..', import.meta.url));

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(helpText);
    return 0;
  }
  const about = {
    machine: describeMachine(),
    date: new Date().toISOString(),
    commit: currentCommit(root),
    command: ['npm', 'run', 'test:chaos', '--', ...process.argv.slice(2)].join(' '),
  };
  const { passed, results } =
    options.joins === undefined ? await breakCalls(options, about) : await comeAndGo(options.joins);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...about, ...results }, null, 2)}\n`);
  return passed ? 0 : 1;
}

interface Outcome {
  passed: boolean;
  results: object;
}

async function breakCalls({ plan, seed }: ChaosOptions, about: Omit<Circumstances, 'seed'>): Promise<Outcome> {
  if (!available('npm run test:chaos')) return { passed: true, results: { skipped: true } };
  console.log(`seed ${seed}`);
  const campaign = new Campaign();
  const runs: Run[] = [];
  const stop = stopOnSignals();
  for (const { fault, times } of plan) {
    for (let index = 0; index < times && !stop.aborted; index += 1) {
      const run = await campaign.run(fault, seed + index);
      if (stop.aborted) break;
      runs.push(run);
      console.log(`${fault.name} ${index + 1}/${times}: ${runText(fault, run)}`);
    }
  }
  await campaign.close();
  const faults = plan.map(({ fault }) => fault);
  const rows = rowsOf(faults, runs);
  console.log(`\n${reportText(rows, runs)}`);
  const worth = worthKeeping(plan, runs);
  keepResults(
    rows.filter(({ fault }) => worth.has(fault)),
    { ...about, seed },
  );
  const whole = !stop.aborted && runs.every(({ problems }) => problems.length === 0);
  return { passed: whole && rows.every(({ met }) => met), results: { seed, rows, runs } };
}

/** Resident memory may have grown by so much. */
const growth = 1.05;

async function comeAndGo(joins: number): Promise<Outcome> {
  // As many before the first look as it takes until what V8 and malloc keep for the next burst does not grow any more.
  const warmUp = Math.max(2000, Math.round(joins / 5));
  const report = await visit(joins, { warmUp, say: (line) => console.log(line) });
  const { before, after, left } = report;
  const names = { heap: 'heap in use', node: 'RSS of Node', workers: 'RSS of the workers' };
  const parts = (['heap', 'node', 'workers'] as const).map((part) => ({
    text: `${names[part]}: ${before[part].toFixed(1)} MB before, ${after[part].toFixed(1)} MB after`,
    // The heap is told because it says where growth comes from; the aim is one of resident memory.
    met: part === 'heap' || after[part] <= before[part] * growth,
  }));
  console.log([...parts.map(({ text, met }) => `${text}${met ? '' : ': MORE THAN 5 %'}`), ...left].join('\n'));
  if (left.length === 0) console.log('descriptors, ports, objects, listeners and timers: as they were');
  return { passed: left.length === 0 && parts.every(({ met }) => met), results: { joins: report } };
}

/** Ctrl-C takes the networks away at once; what happened before it is reported. */
function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort());
  }
  return controller.signal;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exit(1);
  },
);
