import { expect, test } from 'vitest';
import type { Run } from '../../chaos/Campaign.ts';
import type { Fault } from '../../chaos/Fault.ts';
import { rowsOf } from '../../chaos/report.ts';
import { withResults, worthKeeping } from '../../chaos/results.ts';

const fault = (name: string): Fault => ({
  name,
  what: 'something',
  times: { quick: 1, full: 2 },
  figures: { gap: { unit: 'ms', p95: 100 } },
  apply: () => Promise.reject(new Error('never applied here')),
});

const [flood, storm] = [fault('flood'), fault('storm')];
const run = (name: string, gap: number): Run => ({
  fault: name,
  seed: 1,
  hit: 'Ada',
  worst: 'Ada as Bob sees',
  figures: { gap },
  problems: [],
});
const about = { commit: 'abc', date: '2026-01-02T03:04:05Z', machine: { cores: 2, CPU: 'slow' } };

test('a fault that was measured again replaces its line, and others keep theirs', () => {
  const first = withResults(
    '',
    rowsOf([flood, storm], [run('flood', 50), { ...run('storm', 60), problems: ['bad'] }]),
    { ...about, seed: 3 },
  );
  const second = withResults(first, rowsOf([flood], [run('flood', 170)]), { ...about, seed: 4 });
  expect(second.split('\n').slice(-3)).toEqual([
    '| flood | gap | 1 | 0 | 170 ms | 170 ms | 170 ms | p95 <= 100 | NO | 4, abc, 2026-01-02, 2 cores of slow |',
    '| storm | gap | 1 | 1 | 60 ms | 60 ms | 60 ms | p95 <= 100 | yes | 3, abc, 2026-01-02, 2 cores of slow |',
    '',
  ]);
  expect(second.match(/\| fault \|/g)).toHaveLength(1);
});

test('only what happened as often as with --full is kept', () => {
  const plan = [
    { fault: flood, times: 2 },
    { fault: storm, times: 5 },
  ];
  const runs = [run('flood', 1), run('flood', 2), run('storm', 3)];
  expect([...worthKeeping(plan, runs)]).toEqual(['flood']);
});
