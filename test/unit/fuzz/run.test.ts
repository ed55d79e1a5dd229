import { expect, test } from 'vitest';
import { attacks } from '../../fuzz/attacks/index.ts';
import { readCorpus, wholeRun } from '../../fuzz/corpus/corpus.ts';
import { seedOf } from '../../fuzz/generate/seeds.ts';
import { readOptions, UsageError } from '../../fuzz/options.ts';
import { Known } from '../../fuzz/world/Known.ts';
import { grown } from '../../fuzz/world/memory.ts';

test('the shares of all attacks are one, and what is kept is of attacks that there are', () => {
  expect(attacks.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  const names = [...attacks.map(({ name }) => name), wholeRun];
  for (const { attack } of readCorpus()) expect(names).toContain(attack);
});

test('a seed for each part of a run, always the same', () => {
  expect(seedOf(1, 'requests', 0)).toBe(seedOf(1, 'requests', 0));
  expect(new Set([seedOf(1, 'a', 0), seedOf(1, 'a', 1), seedOf(1, 'b', 0), seedOf(2, 'a', 0)]).size).toBe(4);
});

test('options are read, and slips are told', () => {
  const read = readOptions(['--messages', '1000000', '--seed', '7', '--only', 'http', '--only', 'media']);
  expect(read).toMatchObject({ messages: 1_000_000, seed: 7, only: ['http', 'media'] });
  for (const args of [
    ['--messages', 'many'],
    ['--only', 'nothing'],
    ['--sed', '1'],
  ]) {
    expect(() => readOptions(args)).toThrow(UsageError);
  }
});

test('ids are known by what they are called, the last ones of each kind', () => {
  const known = new Known();
  known.hear({
    participantId: 'p',
    identity: 'ada',
    requestId: 'r',
    list: [{ publicationId: 'q', deeper: { chatId: 'c' } }],
  });
  expect(known.of('participant')).toEqual(['p']);
  expect(known.all.toSorted()).toEqual(['ada', 'c', 'p', 'q']);
  for (let index = 0; index < 100; index += 1) known.hear({ chatId: `c${index}` });
  expect(known.of('chat')).toHaveLength(40);
  expect(known.of('chat').at(-1)).toBe('c99');
});

test('what has gone is forgotten', () => {
  const known = new Known();
  known.hear({ participants: [{ participantId: 'p' }, { participantId: 'q' }], waiting: [{ knockId: 'k' }] });
  known.hear({ left: [{ participantId: 'p', reason: 'left' }], bans: [{ identity: 'eve' }] });
  expect(known.of('participant')).toEqual(['q']);
  expect(known.of('banned')).toEqual(['eve']);
  // Whether this person's join has to wait is another thing.
  known.hear({ waiting: false });
  expect(known.of('knock')).toEqual(['k']);
  known.hear({ waiting: [], bans: [] });
  expect([known.of('knock'), known.of('banned')]).toEqual([[], []]);
});

test('what has not come back is told', () => {
  const inventory = {
    timers: 1,
    resources: {},
    listeners: [],
    objects: { routers: 0 },
    workers: [[0]],
    sockets: 0,
    rooms: [],
    participants: 0,
  };
  const memory = { heap: 50, node: 200, workers: 40 };
  expect(grown(memory, { heap: 55, node: 220, workers: 45 }, inventory, { ...inventory, timers: 90 })).toEqual([]);
  const after = grown(memory, { ...memory, heap: 100 }, inventory, {
    ...inventory,
    timers: 900,
    objects: { routers: 1 },
  });
  expect(after).toEqual([
    'heap in use: 50.0 MB before, 100.0 MB after',
    'timers: 1 before, 900 after',
    'objects: {"routers":0} before, {"routers":1} after',
  ]);
});
