import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { currentCommit, describeMachine } from '../bench/machine.ts';
import { available } from '../support/network/index.ts';
import { Campaign, type Run } from './Campaign.ts';
import { helpText, readOptions, UsageError } from './options.ts';
import { reportText, rowsOf, valueText } from './report.ts';

/** `npm run test:chaos`. Exit code 0 when each fault was survived within its aims; 1 otherwise. */

const root = fileURLToPath(new URL('../..', import.meta.url));

async function main(): Promise<number> {
  const { help, plan, seed, json } = readOptions(process.argv.slice(2));
  if (help) {
    console.log(helpText);
    return 0;
  }
  if (!available('npm run test:chaos')) return 0;
  const startedAt = new Date().toISOString();
  console.log(`seed ${seed}`);
  const campaign = new Campaign();
  const runs: Run[] = [];
  const stop = stopOnSignals();
  for (const { fault, times } of plan) {
    for (let index = 0; index < times && !stop.aborted; index += 1) {
      const run = await campaign.run(fault, seed + index);
      runs.push(run);
      const figures = Object.entries(run.figures).map(
        ([name, value]) => `${name} ${valueText(value, fault.figures[name]?.unit ?? 'ms')}`,
      );
      console.log(
        [`${fault.name} ${index + 1}/${times}`, run.hit, ...figures, ...run.problems].filter(Boolean).join(', '),
      );
    }
  }
  await campaign.close();
  const faults = plan.map(({ fault }) => fault);
  const rows = rowsOf(faults, runs);
  console.log(`\n${reportText(rows, runs)}`);
  if (json !== undefined) {
    const command = ['npm', 'run', 'test:chaos', '--', ...process.argv.slice(2)].join(' ');
    const about = { machine: describeMachine(), date: startedAt, commit: currentCommit(root), command, seed };
    writeFileSync(json, `${JSON.stringify({ ...about, rows, runs }, null, 2)}\n`);
  }
  const complete = !stop.aborted && runs.every(({ problems }) => problems.length === 0);
  return complete && rows.every(({ met }) => met) ? 0 : 1;
}

/** The first Ctrl-C ends it after the fault that is going on, with a report of what there is. */
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
