import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { currentCommit, describeMachine } from '../bench/machine.ts';
import { keep } from './corpus/corpus.ts';
import { type FuzzReport, fuzz } from './Fuzz.ts';
import { helpText, readOptions, UsageError } from './options.ts';

/** `npm run test:fuzz`. Exit code 0 when the server, its workers and a call on it have not noticed anything. */

const root = fileURLToPath(new URL('../..', import.meta.url));

async function main(): Promise<number> {
  const { help, json, ...options } = readOptions(process.argv.slice(2));
  if (help) {
    console.log(helpText);
    return 0;
  }
  console.log(`seed ${options.seed}`);
  const report = await fuzz({ ...options, say: (line) => console.log(line) });
  console.log(reportText(report));
  if (report.failed.length > 0) {
    keep(report.failed);
    console.log('The seeds of what was found are kept in test/fuzz/corpus/seeds.json.');
  }
  if (json !== undefined) {
    const about = { machine: describeMachine(), date: new Date().toISOString(), commit: currentCommit(root) };
    writeFileSync(json, `${JSON.stringify({ ...about, ...report }, null, 2)}\n`);
  }
  return report.findings.length === 0 ? 0 : 1;
}

function reportText({
  seed,
  sent,
  seconds,
  findings,
  replies,
  slowestReplyMs,
  call,
  before,
  after,
  warnings,
  outcomes,
}: FuzzReport): string {
  const memory = (['heap', 'node', 'workers'] as const).map(
    (part) => `${part} ${before[part].toFixed(1)} -> ${after[part].toFixed(1)} MB`,
  );
  return [
    ...findings,
    `sent: ${JSON.stringify(sent)} in ${Math.round(seconds)} s`,
    `${replies} replies, the slowest after ${Math.round(slowestReplyMs)} ms`,
    `the call: ${call.packets} packets, ${call.lost} lost, at most ${Math.round(call.longestGapMs)} ms without one`,
    `memory: ${memory.join(', ')}`,
    ...Object.entries(outcomes).map(([name, counts]) => `${name}: ${countsText(counts)}`),
    ...Object.entries(warnings).map(([text, count]) => `warning (${count}): ${text}`),
    `seed ${seed}: ${findings.length} findings`,
  ].join('\n');
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, one], [, other]) => other - one)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ');
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exit(1);
  },
);
