import { expect, test } from 'vitest';
import { Stillness } from '../../../src/client/Stillness.ts';

/** Whether it stands still after each look, each 400 ms after the one before. */
function looks(...frames: (number | undefined | 'paused')[]): boolean[] {
  const stillness = new Stillness();
  return frames.map((count, index) => {
    stillness.look(count !== 'paused', count === 'paused' ? undefined : count, index * 400);
    return stillness.stalled;
  });
}

test('a picture that has not moved for two seconds stands still, until it moves again', () => {
  expect(looks(5, 15, 15, 15, 15, 15, 15, 15, 16)).toEqual([...Array(6).fill(false), true, true, false]);
});

test('who has not been seen yet does not stand still', () => {
  expect(looks(0, 0, 0, 0, 0, 0, 0, 0)).not.toContain(true);
});

test('another track has to show a picture before it counts as moving', () => {
  expect(looks(500, undefined, undefined, 0, 0, 0, 0, 0, 1)).toEqual([
    ...Array(5).fill(false),
    true,
    true,
    true,
    false,
  ]);
});

test('what is paused does not stand still, and has two seconds to begin again', () => {
  const paused = Array(8).fill('paused');
  expect(looks(5, ...paused)).not.toContain(true);
  expect(looks(5, ...paused, 5, 5, 5, 5, 5, 5).slice(-6)).toEqual([...Array(5).fill(false), true]);
});

test('tells when something has changed', () => {
  const stillness = new Stillness();
  expect(stillness.look(true, 1, 0)).toBe(false);
  expect(stillness.look(true, 1, 2000)).toBe(true);
  expect(stillness.look(true, 1, 2400)).toBe(false);
  expect(stillness.look(false, 1, 2800)).toBe(true);
});
