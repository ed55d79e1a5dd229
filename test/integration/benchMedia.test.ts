import { expect, test } from 'vitest';
import { oneRoom, spreadPlan } from '../bench/scenarios/cores/index.ts';
import { besideEverything, thirtyPlan } from '../bench/scenarios/meeting/index.ts';
import { firstWords } from '../bench/scenarios/speaker/index.ts';
import { figureOf, onceQuietly } from '../support/figureOf.ts';

/** Scenarios of the benchmark in which media flow, as in `bench.test.ts`. */

test('meeting: less leaves the server than with everything for everybody, and less with each feature', async () => {
  const plan = { ...thirtyPlan, participants: 10, videos: 3, view: 1, settleMs: 3500, windowMs: 1000 };
  const figures = await besideEverything(plan, onceQuietly);
  const ratio = (name: string) => figureOf(figures, `10 participants: ${name}`).ratio;
  expect(ratio('packets out')).toBeLessThan(0.8);
  expect(ratio('egress')).toBeLessThan(0.8);
  expect(ratio('packets out, beside top-N audio off')).toBeLessThan(0.9);
  expect(ratio('packets in, beside dynacast off')).toBeLessThan(0.8);
});

test('cores: one room is on both workers, and each camera of it goes from one to the other', async () => {
  const plan = { ...spreadPlan, cameras: 2, subscribers: 6, view: 2, windowMs: 1500, rounds: 1 };
  const figures = await oneRoom(plan, onceQuietly);
  expect(figureOf(figures, '2 workers: publications piped')).toMatchObject({ value: 2, comparedWith: { value: 0 } });
  expect(figureOf(figures, '2 workers: share of the busier one').value).toBeLessThan(100);
  expect(figureOf(figures, '2 workers: packets out').ratio).toBeCloseTo(1, 0);
});

test('speaker: everybody is heard by all who did not hear them before', async () => {
  const figures = await firstWords({ participants: 24, speakers: 4, observed: 1 }, onceQuietly);
  for (const frameMs of [20, 60]) {
    const of = (name: string) => figureOf(figures, `packets of ${frameMs} ms: ${name}`);
    expect(of('words that never came').value).toBe(0);
    expect(of('measured').value).toBeGreaterThan(0);
    expect(of('first word to first packet, p50').comparedWith?.value).toBeGreaterThan(0);
  }
});
