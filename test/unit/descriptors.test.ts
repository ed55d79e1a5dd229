import fc from 'fast-check';
import { expect, test } from 'vitest';
import { capacityFor, descriptorCapacity } from '../../src/descriptors.ts';

test('a tenth of the limit, and no less than 48, is kept back beside what the server itself has open', () => {
  expect(capacityFor(1024, 40)).toEqual({
    connections: 932,
    addressConnections: 233,
    clients: 880,
    workerParticipants: 470,
    listeningSockets: 6,
  });
  expect(capacityFor(256, 60)).toEqual({
    connections: 172,
    addressConnections: 43,
    clients: 148,
    workerParticipants: 100,
    listeningSockets: 3,
  });
  expect(capacityFor(100_000, 40)).toEqual({
    connections: 94_960,
    addressConnections: 23_740,
    clients: 89_960,
    workerParticipants: 47_484,
    listeningSockets: 32,
  });
});

test('it grows with the limit, what fits never exceeds it, and somebody always gets in', () => {
  const limits = fc.integer({ min: 1, max: 2 ** 20 });
  fc.assert(
    fc.property(limits, limits, fc.integer({ min: 0, max: 500 }), (one, other, used) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)].map((limit) => capacityFor(limit, used));
      if (!less || !more) throw new Error('there are two');
      for (const what of [
        'clients',
        'connections',
        'addressConnections',
        'workerParticipants',
        'listeningSockets',
      ] as const) {
        expect(less[what]).toBeLessThanOrEqual(more[what]);
        expect(less[what]).toBeGreaterThanOrEqual(1);
      }
      expect(less.clients).toBeLessThan(less.connections);
      const limit = Math.min(one, other);
      if (limit > used + 100) {
        expect(less.connections + used).toBeLessThan(limit);
        expect(less.workerParticipants * 2).toBeLessThan(limit);
      }
    }),
  );
});

test('this process has a limit, and many fit into it', () => {
  const { clients, connections } = descriptorCapacity(2);
  expect(clients).toBeGreaterThan(0);
  expect(connections).toBeGreaterThan(clients - 1);
});
