import { expect, test } from 'vitest';
import { AnsweredRequests } from '../../../src/signaling/AnsweredRequests.ts';

function counting() {
  let calls = 0;
  return {
    work: async () => {
      calls += 1;
      return { answer: calls };
    },
    calls: () => calls,
  };
}

test('the same id with the same content gets the same answer, and the work is done once', async () => {
  const answered = new AnsweredRequests();
  const { work, calls } = counting();
  const first = await answered.once('a', 'content', work);
  expect(await answered.once('a', 'content', work)).toBe(first);
  expect(calls()).toBe(1);
});

test('also while the first is still being worked on', async () => {
  const answered = new AnsweredRequests();
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = answered.once('a', 'content', () => promise);
  const second = answered.once('a', 'content', () => Promise.reject(new Error('worked on twice')));
  resolve('done');
  expect(await Promise.all([first, second])).toEqual(['done', 'done']);
});

test('the same id with other content is refused, and changes nothing of the first', async () => {
  const answered = new AnsweredRequests();
  const { work } = counting();
  const first = await answered.once('a', 'content', work);
  expect(() => answered.once('a', 'other content', work)).toThrow(expect.objectContaining({ code: 'conflict' }));
  expect(await answered.once('a', 'content', work)).toBe(first);
});

test('a request that failed fails again in the same way', async () => {
  const answered = new AnsweredRequests();
  const failure = new Error('no');
  await expect(answered.once('a', 'content', () => Promise.reject(failure))).rejects.toBe(failure);
  await expect(answered.once('a', 'content', counting().work)).rejects.toBe(failure);
});

test('other ids are other requests', async () => {
  const answered = new AnsweredRequests();
  const { work, calls } = counting();
  for (const id of ['a', 'b', '__proto__', 'constructor']) await answered.once(id, 'content', work);
  expect(calls()).toBe(4);
});

test('the oldest of many is forgotten first', async () => {
  const answered = new AnsweredRequests();
  const { work, calls } = counting();
  for (let id = 0; id <= 256; id += 1) await answered.once(`r${id}`, 'content', work);
  await answered.once('r1', 'content', work);
  expect(calls()).toBe(257);
  await answered.once('r0', 'content', work);
  expect(calls()).toBe(258);
});
