import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { allAtOnce } from '../bench/scenarios/comeback/index.ts';
import { costOfJoins, thousandPlan } from '../bench/scenarios/joins/index.ts';
import { whatItHolds } from '../bench/scenarios/memory/index.ts';
import { figureOf, onceQuietly } from '../support/figureOf.ts';

/** Scenarios of the benchmark with a few people: that they run and see what they are to see, not how fast it is. */

const program = fileURLToPath(new URL('../bench/main.ts', import.meta.url));

test('joins: with batching and scoping off more is sent for each of them', async () => {
  const windows = [
    { first: 5, last: 8 },
    { first: 21, last: 24 },
  ];
  const figures = await costOfJoins(
    { ...thousandPlan, joins: 24, smallRooms: 1, connectEach: 8, windows, idleMs: 200 },
    onceQuietly,
  );
  const messages = (variant: string) => figureOf(figures, `messages to all sockets per join, joins 21-24${variant}`);
  expect(messages(', not scoped, not batched').value).toBeGreaterThan(messages('').value);
  expect(figureOf(figures, 'CPU per join, joins 21-24').value).toBeGreaterThan(0);
  expect(figureOf(figures, 'bytes to all sockets per join, heartbeats included, joins 21-24').value).toBeGreaterThan(1);
  expect(figureOf(figures, 'join, p95').value).toBeGreaterThan(0);
});

test('comeback: a hundred sockets that come at once are in soon, and a call hears nothing of it', async () => {
  const figures = await allAtOnce({ sockets: 100, perRoom: 10 }, onceQuietly);
  expect(figureOf(figures, 'back in the room').value).toBe(100);
  expect(figureOf(figures, 'back, p95').value).toBeLessThan(10_000);
  expect(figureOf(figures, 'back, the last').value).toBeLessThan(30_000);
  for (const kind of ['video', 'audio']) {
    expect(figureOf(figures, `a call that goes on: longest time without a packet of ${kind}`).value).toBeLessThan(500);
  }
});

test('memory: each thing takes some', async () => {
  const plan = { sockets: 40, participants: 20, publishers: 4, viewers: 10, visits: 40, settleMs: 100 };
  const figures = await whatItHolds(plan, onceQuietly);
  for (const what of ['an idle participant', 'a camera of three layers', 'a microphone', 'a subscription to a video']) {
    expect(figureOf(figures, `${what}: heap of Node`).value, what).toBeGreaterThan(1);
  }
  expect(figureOf(figures, 'after 40 joins and leaves: heap of Node').ratio).toBeLessThan(1.5);
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
