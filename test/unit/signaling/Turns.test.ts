import { expect, test } from 'vitest';
import { type Sender, Turns } from '../../../src/signaling/Turns.ts';

function setUp() {
  const later: (() => void)[] = [];
  const turns = new Turns((work) => void later.push(work));
  const done: string[] = [];
  const senders = new Map<string, Sender>();
  const flow: string[] = [];
  const take = (sender: string, what: string) => {
    const pause = () => void flow.push(`${sender} pauses`);
    const key = senders.get(sender) ?? { pause, resume: () => void flow.push(`${sender} goes on`) };
    senders.set(sender, key);
    turns.take(key, () => done.push(`${sender}${what}`));
    return key;
  };
  const turn = () => {
    for (const work of later.splice(0)) work();
  };
  return { turns, take, turn, done, later, flow };
}

test('where little comes all of it is done at once, and nothing is left to do', () => {
  const { take, turn, done, later } = setUp();
  for (let index = 0; index < 8; index += 1) take('a', `${index}`);
  expect(done).toHaveLength(8);
  turn();
  expect(later).toEqual([]);
});

test('whoever sends thousands keeps only itself waiting', () => {
  const { take, turn, done, later } = setUp();
  for (let index = 0; index < 500; index += 1) take('a', `${index}`);
  expect(done).toHaveLength(8);
  take('b', '0');
  take('b', '1');
  turn();
  expect(done.indexOf('b0')).toBe(9);
  expect(done.indexOf('b1')).toBe(11);
  while (later.length > 0) turn();
  expect(done).toHaveLength(502);
  expect(done.filter((each) => each.startsWith('a'))).toEqual(Array.from({ length: 500 }, (_, index) => `a${index}`));
});

test('of whoever sends much nothing more is read until what waits was read', () => {
  const { take, turn, flow, later } = setUp();
  for (let index = 0; index < 23; index += 1) take('a', 'x');
  take('b', 'x');
  expect(flow).toEqual([]);
  take('a', 'x');
  expect(flow).toEqual(['a pauses']);
  turn();
  expect(flow).toEqual(['a pauses', 'b goes on']);
  while (later.length > 0) turn();
  expect(flow).toEqual(['a pauses', 'b goes on', 'a goes on']);
});

test('what waits of somebody who has gone is forgotten', () => {
  const { turns, take, turn, done, later } = setUp();
  const key = take('a', '0');
  for (let index = 0; index < 100; index += 1) take('a', 'x');
  turns.forget(key);
  const before = done.length;
  while (later.length > 0) turn();
  expect(done).toHaveLength(before);
});
