import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePlace, consumersPresumed, loadOf, type WorkerLoad } from '../../../src/media/placement.ts';

const limits = { maxConsumers: 100, maxCpu: 0.5, maxParticipants: 50 };

function worker(workerId: string, load: Partial<WorkerLoad> = {}): WorkerLoad {
  return { workerId, participants: 0, newcomers: 0, consumers: 0, cpu: 0, stalled: false, ...load };
}

interface Wish {
  present?: string[];
  avoid?: string[];
  returning?: boolean;
}

function place(workers: WorkerLoad[], { present = [], avoid = [], returning = false }: Wish = {}): string | undefined {
  return choosePlace(workers, { present: new Set(present), avoid: new Set(avoid), returning }, limits);
}

describe('where the next participant goes', () => {
  test('the first of a room to the least loaded worker, by consumers or by CPU', () => {
    expect(place([worker('a', { consumers: 20 }), worker('b', { consumers: 10 })])).toBe('b');
    expect(place([worker('a', { cpu: 0.1 }), worker('b', { cpu: 0.2 })])).toBe('a');
    // Whatever is scarcer counts: 0.3 of 0.5 is more than 40 of 100.
    expect(place([worker('a', { cpu: 0.3 }), worker('b', { consumers: 40 })])).toBe('b');
  });

  test('the next to where the room is, though another worker has nothing to do', () => {
    const workers = [worker('a', { consumers: 99, cpu: 0.49 }), worker('b')];
    expect(place(workers, { present: ['a'] })).toBe('a');
  });

  test('of two workers where the room is, to the one with less to do', () => {
    const workers = [worker('a', { consumers: 90 }), worker('b', { consumers: 30 }), worker('c')];
    expect(place(workers, { present: ['a', 'b'] })).toBe('b');
  });

  test.each([
    ['consumers', { consumers: 100 }],
    ['CPU', { cpu: 0.5 }],
    ['participants who will have consumers', { participants: Math.ceil(100 / consumersPresumed) }],
  ])('to the least loaded worker when the own one is loaded by %s', (_, load) => {
    const workers = [worker('a', load), worker('b', { consumers: 50 }), worker('c', { consumers: 20 })];
    expect(place(workers, { present: ['a'] })).toBe('c');
  });

  test('when all are loaded, to the least loaded, and elsewhere only where that is worth a pipe', () => {
    const loaded = (consumers: number) => [worker('a', { consumers: 200 }), worker('b', { consumers })];
    expect(place(loaded(150), { present: ['a'] })).toBe('b');
    expect(place(loaded(170), { present: ['a'] })).toBe('a');
    expect(place(loaded(170))).toBe('b');
  });

  test('never to one that refused, and to one that does not answer only where there is no other', () => {
    const workers = [worker('a', { stalled: true }), worker('b', { consumers: 500 })];
    expect(place(workers)).toBe('b');
    expect(place(workers, { present: ['a'] })).toBe('b');
    expect(place(workers, { avoid: ['b'] })).toBe('a');
    expect(place(workers, { avoid: ['a', 'b'] })).toBeUndefined();
  });

  test('nowhere when all have as many participants as they take, unless somebody comes back', () => {
    const full = [worker('a', { participants: 50 }), worker('b', { participants: 50 })];
    expect(place(full)).toBeUndefined();
    expect(place(full, { returning: true, present: ['a'] })).toBe('a');
    expect(place([...full, worker('c', { participants: 49, consumers: 900 })])).toBe('c');
    expect(place([])).toBeUndefined();
  });

  test('those who came after the CPU was measured are expected to cost what the others do', () => {
    const cpu = (participants: number, newcomers: number) =>
      loadOf(worker('a', { cpu: 0.2, participants, newcomers }), { ...limits, maxConsumers: 100_000 });
    expect(cpu(10, 0)).toBeCloseTo(0.4);
    expect(cpu(10, 5)).toBeCloseTo(0.8);
    // They are no reason to fear more than twice the load.
    expect(cpu(10, 10)).toBeCloseTo(0.8);
  });
});

const loads = fc.array(
  fc.record({
    participants: fc.nat(60),
    newcomers: fc.nat(60),
    consumers: fc.nat(300),
    cpu: fc.double({ min: 0, max: 1, noNaN: true }),
    stalled: fc.boolean(),
  }),
  { maxLength: 6 },
);

test('whoever finds no place finds all workers full or refusing', () => {
  fc.assert(
    fc.property(loads, fc.nat(63), fc.nat(63), fc.boolean(), (list, presence, refusals, returning) => {
      const workers = list.map((load, index) => worker(String(index), load));
      const some = (mask: number) => workers.filter((_, index) => (mask >> index) & 1).map(({ workerId }) => workerId);
      const wish = { present: some(presence), avoid: some(refusals), returning };
      const chosen = place(workers, wish);
      const possible = workers.filter(
        ({ workerId, participants }) => !wish.avoid.includes(workerId) && (returning || participants < 50),
      );
      if (chosen === undefined) expect(possible).toEqual([]);
      else expect(possible.map(({ workerId }) => workerId)).toContain(chosen);
    }),
  );
});

test('those who come at once, counted as they are placed, are spread as those who come one by one', () => {
  const workers = ['a', 'b', 'c'].map((workerId) => worker(workerId));
  const present: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    const chosen = workers.find(({ workerId }) => workerId === place(workers, { present }));
    if (!chosen) throw new Error('there is room');
    chosen.participants += 1;
    chosen.newcomers += 1;
    present.push(chosen.workerId);
  }
  const counts = workers.map(({ participants }) => participants);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(5);
});
