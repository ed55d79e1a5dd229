import { expect, test } from 'vitest';
import { type MostWaiting, type Sender, Turns } from '../../src/Turns.ts';

function setUp(most: MostWaiting = { packets: 100_000, size: 1e9 }) {
  const later: (() => void)[] = [];
  const turns = new Turns(8, { most, later: (work) => void later.push(work) });
  const done: string[] = [];
  const senders = new Map<string, Sender>();
  const flow: string[] = [];
  const taken: boolean[] = [];
  const take = (sender: string, what: string, { place = 'here', size = 10, ends = false } = {}) => {
    const pause = () => void flow.push(`${sender} pauses`);
    const key = senders.get(sender) ?? { place, pause, resume: () => void flow.push(`${sender} goes on`) };
    senders.set(sender, key);
    taken.push(turns.take(key, () => done.push(`${sender}${what}`), { size, ends }));
    return key;
  };
  const turn = () => {
    for (const work of later.splice(0)) work();
  };
  const allTurns = () => {
    while (later.length > 0) turn();
  };
  return { turns, take, turn, allTurns, done, later, flow, taken };
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
    for (let index = 0; index < 10; index += 1) take(`a${socket}-`, `${index}`, { place: 'crowd' });
  }
  const before = done.length;
  take('b', '0', { place: 'elsewhere' });
  take('b', '1', { place: 'elsewhere' });
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
  const turns = new Turns(8, { later: (work) => void later.push(work) });
  const done: string[] = [];
  const quiet = { pause: () => undefined, resume: () => undefined };
  const busy = { ...quiet, place: 'busy' };
  for (let index = 0; index < 20; index += 1) turns.take(busy, () => undefined);
  const sender = { ...quiet, place: '' };
  for (const what of ['hello', 'first', 'second']) {
    const read = () => {
      done.push(what);
      sender.place = 'elsewhere';
    };
    turns.take(sender, read);
  }
  while (later.length > 0) for (const work of later.splice(0)) work();
  expect(done).toEqual(['hello', 'first', 'second']);
});

test('what waits of somebody who has gone has its turn all the same, and it is told when nothing waits any more', () => {
  const { turns, take, turn, allTurns, done } = setUp();
  for (let index = 0; index < 20; index += 1) take('b', `${index}`, { place: 'elsewhere' });
  const key = take('a', '0');
  for (let index = 1; index < 10; index += 1) take('a', `${index}`);
  turns.finish(key, () => done.push('gone'));
  take('c', '0', { place: 'elsewhere' });
  turn();
  expect(done).toContain('a0');
  expect(done).not.toContain('gone');
  allTurns();
  const ofA = done.filter((each) => each.startsWith('a') || each === 'gone');
  expect(ofA).toEqual([...Array.from({ length: 10 }, (_, index) => `a${index}`), 'gone']);
  expect(done.indexOf('c0')).toBeLessThan(done.indexOf('gone') + 4);
});

test('who has gone and of whom nothing waits is told so at once', () => {
  const { turns, take, done } = setUp();
  const key = take('a', '0');
  turns.finish(key, () => done.push('gone'));
  expect(done).toEqual(['a0', 'gone']);
});

test.each([
  ['many', setUp(), 10],
  ['large', setUp({ packets: 1000, size: 1000 }), 60],
])('where much waits of somebody who has gone, only its goodbye is read: %s', (_what, world, size) => {
  const { turns, take, allTurns, done, later } = world;
  for (let index = 0; index < 8; index += 1) take('b', 'x');
  const key = take('a', '0', { size });
  for (let index = 1; index < (size === 10 ? 80 : 8); index += 1) take('a', 'x', { size });
  take('a', 'leaves', { ends: true });
  take('a', 'leaves again', { ends: true });
  turns.finish(key, () => done.push('gone'));
  allTurns();
  expect(done.slice(8)).toEqual(['aleaves', 'gone']);
  expect(later).toEqual([]);
});

test('where much waits of somebody who has gone without a goodbye, nothing is read', () => {
  const { turns, take, allTurns, done } = setUp();
  const key = take('a', 'x');
  for (let index = 0; index < 100; index += 1) take('a', 'x');
  const before = done.length;
  turns.finish(key, () => done.push('gone'));
  expect(done.slice(before)).toEqual(['gone']);
  allTurns();
  expect(done.length).toBe(before + 1);
});

test('more than may wait is not taken, and others may go on sending', () => {
  const { take, allTurns, done, taken } = setUp({ packets: 20, size: 1000 });
  for (let index = 0; index < 40; index += 1) take('a', 'x', { size: 1 });
  expect(taken.lastIndexOf(true)).toBe(27);
  take('b', 'x');
  take('b', 'x', { size: 990 });
  take('b', 'x', { size: 1 });
  take('c', 'x', { size: 5000 });
  expect(taken.slice(-4)).toEqual([true, true, false, true]);
  allTurns();
  expect(done).toHaveLength(28 + 3);
});

test('of whoever sends little that is large nothing more is read either', () => {
  const { take, flow } = setUp({ packets: 1000, size: 1000 });
  for (let index = 0; index < 8; index += 1) take('b', 'x');
  take('a', 'x', { size: 200 });
  expect(flow).toEqual([]);
  take('a', 'x', { size: 100 });
  expect(flow).toEqual(['a pauses']);
});

test('of one place no more is done in a turn than that, however little else there is', () => {
  const later: (() => void)[] = [];
  const turns = new Turns(4, { ofPlace: 1, later: (work) => void later.push(work) });
  const done: string[] = [];
  for (const place of ['a', 'a', 'a', 'b', 'b', 'c', 'd', 'e', 'e']) {
    turns.take({ place }, () => void done.push(place));
  }
  const turn = () => {
    for (const work of later.splice(0)) work();
    return done
      .splice(0)
      .toSorted((one, other) => one.localeCompare(other))
      .join('');
  };
  expect(done.splice(0).join('')).toBe('abcd');
  expect([turn(), turn(), turn()]).toEqual(['abe', 'ae', '']);
  expect(later).toEqual([]);
});
