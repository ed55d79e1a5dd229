import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { currentCommit, describeMachine } from '../../bench/machine.ts';
import { available } from '../../support/network/index.ts';
import { soakFaults } from '../faults/index.ts';
import { soak } from './Soak.ts';

/** `npm run test:soak`. Exit code 0 when nothing was seen that should never be. */

const root = fileURLToPath(new URL('../../..', import.meta.url));

const help = `Four browsers and a crowd do whatever people do in a meeting, while things break.

Usage: npm run test:soak [-- OPTIONS]

Options:
  --minutes N     How long; default 20.
  --crowd N       Load clients beside the browsers; default 40.
  --seed N        Decides who does what, and what breaks; default: taken from the time, and printed.
  --json FILE     Writes the report to a file, too.
  --help, -h      This text.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '20' },
      crowd: { type: 'string', default: '40' },
      seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (!available('npm run test:soak')) return 0;
  const [minutes, crowd, seed] = [Number(values.minutes), Number(values.crowd), Number(values.seed)];
  if (!(minutes > 0) || !(crowd >= 0) || !(seed >= 0)) throw new Error('--minutes, --crowd and --seed take numbers.');
  console.log(`seed ${seed}`);
  const say = (line: string) => console.log(line);
  const report = await soak({ seconds: minutes * 60, seed, crowd, faults: soakFaults, say });
  const { violations } = report;
  console.log(`load clients: ${report.crowd.toFixed(1)} on average`);
  console.log([JSON.stringify(report.deeds), JSON.stringify(report.faults), ...violations].join('\n'));
  console.log(`${minutes} minutes, seed ${seed}: ${violations.length} violations`);
  if (values.json !== undefined) {
    const about = { machine: describeMachine(), date: new Date().toISOString(), commit: currentCommit(root) };
    writeFileSync(values.json, `${JSON.stringify({ ...about, ...report }, null, 2)}\n`);
  }
  return violations.length === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
