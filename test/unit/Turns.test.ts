import { expect, test } from 'vitest';
import { type Sender, Turns } from '../../src/Turns.ts';

function setUp() {
  const later: (() => void)[] = [];
  const turns = new Turns(8, (work) => void later.push(work));
  const done: string[] = [];
  const senders = new Map<string, Sender>();
  const flow: string[] = [];
  const take = (sender: string, what: string, place = 'here') => {
    const pause = () => void flow.push(`${sender} pauses`);
    const key = senders.get(sender) ?? { place, pause, resume: () => void flow.push(`${sender} goes on`) };
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

test('an address with hundreds of sockets that send keeps those of other addresses no longer waiting than one socket', () => {
  const { take, turn, done, later } = setUp();
  for (let socket = 0; socket < 300; socket += 1) {
    for (let index = 0; index < 10; index += 1) take(`a${socket}-`, `${index}`, 'crowd');
  }
  const before = done.length;
  take('b', '0', 'elsewhere');
  take('b', '1', 'elsewhere');
  turn();
  expect(done.slice(before).indexOf('b0')).toBeLessThan(2);
  expect(done.slice(before).indexOf('b1')).toBeLessThan(4);
  while (later.length > 0) turn();
  expect(done).toHaveLength(3002);
  const ofOne = done.filter((each) => each.startsWith('a7-'));
  expect(ofOne).toEqual(Array.from({ length: 10 }, (_, index) => `a7-${index}`));
});

test('packets of a sender stay in their order when it is known meanwhile where it is', () => {
  const later: (() => void)[] = [];
  const turns = new Turns(8, (work) => void later.push(work));
  const done: string[] = [];
  const quiet = { pause: () => undefined, resume: () => undefined };
  const busy = { ...quiet, place: 'busy' };
  for (let index = 0; index < 20; index += 1) turns.take(busy, () => undefined);
  const sender = { ...quiet, place: '' };
  for (const what of ['hello', 'first', 'second']) {
    turns.take(sender, () => {
      done.push(what);
      sender.place = 'elsewhere';
    });
  }
  while (later.length > 0) for (const work of later.splice(0)) work();
  expect(done).toEqual(['hello', 'first', 'second']);
});
