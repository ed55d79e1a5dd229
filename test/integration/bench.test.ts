import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Figure } from '../bench/report.ts';
import { allAtOnce } from '../bench/scenarios/comeback/index.ts';
import { oneRoom, spreadPlan } from '../bench/scenarios/cores/index.ts';
import { costOfJoins, thousandPlan } from '../bench/scenarios/joins/index.ts';
import { besideEverything, thirtyPlan } from '../bench/scenarios/meeting/index.ts';
import { whatItHolds } from '../bench/scenarios/memory/index.ts';
import { firstWords } from '../bench/scenarios/speaker/index.ts';

/** The scenarios of the benchmark with a few people: that they run and see what they are to see, not how fast it is. */

const program = fileURLToPath(new URL('../bench/main.ts', import.meta.url));
const options = { repeat: 1, say: () => undefined };

function figureOf(figures: readonly Figure[], name: string): Figure {
  const found = figures.find((each) => each.name === name);
  if (!found) throw new Error(`there is no figure "${name}" among: ${figures.map((each) => each.name).join('; ')}`);
  return found;
}

test('joins: with batching and scoping off more is sent for each of them', async () => {
  const windows = [
    { first: 5, last: 8 },
    { first: 21, last: 24 },
  ];
  const figures = await costOfJoins(
    { ...thousandPlan, joins: 24, smallRooms: 1, connectEach: 8, windows, idleMs: 200 },
    options,
  );
  const messages = (variant: string) => figureOf(figures, `messages to all sockets per join, joins 21-24${variant}`);
  expect(messages(', not scoped, not batched').value).toBeGreaterThan(messages('').value);
  expect(figureOf(figures, 'CPU per join, joins 21-24').value).toBeGreaterThan(0);
  expect(figureOf(figures, 'bytes to all sockets per join, heartbeats included, joins 21-24').value).toBeGreaterThan(1);
  expect(figureOf(figures, 'join, p95').value).toBeGreaterThan(0);
});

test('comeback: a hundred sockets that come at once are in soon, and a call hears nothing of it', async () => {
  const figures = await allAtOnce({ sockets: 100, perRoom: 10 }, options);
  expect(figureOf(figures, 'back in the room').value).toBe(100);
  expect(figureOf(figures, 'back, p95').value).toBeLessThan(10_000);
  expect(figureOf(figures, 'back, the last').value).toBeLessThan(30_000);
  for (const kind of ['video', 'audio']) {
    expect(figureOf(figures, `a call that goes on: longest time without a packet of ${kind}`).value).toBeLessThan(500);
  }
});

test('meeting: less leaves the server than with everything for everybody, and less with each feature', async () => {
  const plan = { ...thirtyPlan, participants: 10, videos: 3, view: 1, settleMs: 3500, windowMs: 1000 };
  const figures = await besideEverything(plan, options);
  const ratio = (name: string) => figureOf(figures, `10 participants: ${name}`).ratio;
  expect(ratio('packets out')).toBeLessThan(0.8);
  expect(ratio('egress')).toBeLessThan(0.8);
  expect(ratio('packets out, beside top-N audio off')).toBeLessThan(0.9);
  expect(ratio('packets in, beside dynacast off')).toBeLessThan(0.8);
});

test('cores: one room is on both workers, and each camera of it goes from one to the other', async () => {
  const plan = { ...spreadPlan, cameras: 2, subscribers: 6, view: 2, windowMs: 1500, rounds: 1 };
  const figures = await oneRoom(plan, options);
  expect(figureOf(figures, '2 workers: publications piped')).toMatchObject({ value: 2, comparedWith: { value: 0 } });
  expect(figureOf(figures, '2 workers: share of the busier one').value).toBeLessThan(100);
  expect(figureOf(figures, '2 workers: packets out').ratio).toBeCloseTo(1, 0);
});

test('memory: each thing takes some', async () => {
  const plan = { sockets: 40, participants: 20, publishers: 4, viewers: 10, visits: 40, settleMs: 100 };
  const figures = await whatItHolds(plan, options);
  for (const what of ['an idle participant', 'a camera of three layers', 'a microphone', 'a subscription to a video']) {
    expect(figureOf(figures, `${what}: heap of Node`).value, what).toBeGreaterThan(1);
  }
  expect(figureOf(figures, 'after 40 joins and leaves: heap of Node').ratio).toBeLessThan(1.5);
});

test('speaker: everybody is heard by all who did not hear them before', async () => {
  const figures = await firstWords({ participants: 24, speakers: 4, observed: 1 }, options);
  for (const frameMs of [20, 60]) {
    const of = (name: string) => figureOf(figures, `packets of ${frameMs} ms: ${name}`);
    expect(of('words that never came').value).toBe(0);
    expect(of('measured').value).toBeGreaterThan(0);
    expect(of('first word to first packet, p50').comparedWith?.value).toBeGreaterThan(0);
  }
});

test('the program says what there is, and what there is not', async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, '--help']);
  for (const name of ['forwarding', 'latency', 'joins', 'meeting', 'cores', 'memory', 'first-frame', 'speaker']) {
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  }
  await expect(run(process.execPath, [program, 'join'])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('did you mean joins?'),
  });
});
