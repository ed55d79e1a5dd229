import { expect, test } from 'vitest';
import { NoticeRing } from '../../../src/signaling/NoticeRing.ts';

function filled(ring: NoticeRing, from: number, to: number, size = 0): NoticeRing {
  for (let seq = from; seq <= to; seq += 1) {
    ring.add({ seq, name: 'subscriptionsRemoved', payload: { seq, text: 'x'.repeat(size) } });
  }
  return ring;
}

const numbers = (ring: NoticeRing, seq: number) => ring.since(seq)?.map((notice) => notice.seq);

test('gives what came after a number, in order', () => {
  const ring = filled(new NoticeRing(), 1, 4);
  expect(numbers(ring, 2)).toEqual([3, 4]);
  expect(numbers(ring, 4)).toEqual([]);
  expect(numbers(ring, 0)).toEqual([1, 2, 3, 4]);
  expect(numbers(ring, 5)).toBeUndefined();
  expect(numbers(new NoticeRing(), 0)).toEqual([]);
});

test('lets go of what was sent before a heartbeat that was answered', () => {
  const ring = filled(new NoticeRing(), 1, 2);
  ring.heartbeat();
  filled(ring, 3, 4);
  // The answer may have been on its way when these two were sent.
  expect(numbers(ring, 0)).toEqual([1, 2, 3, 4]);
  ring.heartbeat();
  expect(numbers(ring, 1)).toBeUndefined();
  expect(numbers(ring, 2)).toEqual([3, 4]);
  filled(ring, 5, 5);
  ring.heartbeat();
  expect(numbers(ring, 4)).toEqual([5]);
});

test('heartbeats of the socket before do not count for what follows', () => {
  const ring = filled(new NoticeRing(), 1, 2);
  ring.heartbeat();
  ring.setAway(true);
  filled(ring, 3, 4);
  ring.setAway(false);
  ring.heartbeat();
  expect(numbers(ring, 0)).toEqual([1, 2, 3, 4]);
});

test('keeps 256, and while the client is away no more than 256 KiB', () => {
  const many = filled(new NoticeRing(), 1, 300);
  expect(numbers(many, 43)).toBeUndefined();
  expect(numbers(many, 44)).toHaveLength(256);
  const large = filled(new NoticeRing(), 1, 20, 20_000);
  expect(numbers(large, 0)).toHaveLength(20);
  large.setAway(true);
  expect(numbers(large, 0)).toBeUndefined();
  expect(numbers(large, 7)).toHaveLength(13);
  filled(large, 21, 22, 20_000);
  expect(numbers(large, 8)).toBeUndefined();
  expect(numbers(large, 9)).toHaveLength(13);
});
