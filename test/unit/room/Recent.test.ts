import { expect, test } from 'vitest';
import { Recent } from '../../../src/room/Recent.ts';
import { FakeClock } from '../../support/FakeClock.ts';

/** Looked up by the test: each look waits for its answer. */
function setUp() {
  const clock = new FakeClock();
  const looks: PromiseWithResolvers<string>[] = [];
  const recent = new Recent(clock, 1000, () => {
    const look = Promise.withResolvers<string>();
    looks.push(look);
    return look.promise;
  });
  return { clock, looks, recent };
}

test('whoever asks within a second gets the same, and the next one what is true then', async () => {
  const { clock, looks, recent } = setUp();
  const first = [recent.get(), recent.get()];
  looks[0]?.resolve('one');
  expect(await Promise.all(first)).toEqual(['one', 'one']);
  clock.advance(999);
  expect(await recent.get()).toBe('one');
  clock.advance(1);
  const next = recent.get();
  looks[1]?.resolve('two');
  expect(await next).toBe('two');
  expect(looks).toHaveLength(2);
});

test('while one look takes long there is no other', async () => {
  const { clock, looks, recent } = setUp();
  const early = recent.get();
  clock.advance(60_000);
  const late = recent.get();
  looks[0]?.resolve('one');
  expect(await Promise.all([early, late])).toEqual(['one', 'one']);
  expect(looks).toHaveLength(1);
});

test('what failed is looked up again', async () => {
  const { looks, recent } = setUp();
  const failing = recent.get();
  looks[0]?.reject(new Error('gone'));
  await expect(failing).rejects.toThrow('gone');
  const next = recent.get();
  looks[1]?.resolve('two');
  expect(await next).toBe('two');
});
