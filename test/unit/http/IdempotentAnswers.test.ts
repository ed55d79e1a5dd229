import { expect, test } from 'vitest';
import { type HttpAnswer, IdempotentAnswers } from '../../../src/http/api/IdempotentAnswers.ts';

const answer = (body: string, status = 200): HttpAnswer => ({ status, headers: {}, body });
const hours = (count: number) => count * 3_600_000;

function start(options: Partial<ConstructorParameters<typeof IdempotentAnswers>[0]> = {}) {
  const clock = { now: 0 };
  const answers = new IdempotentAnswers({ now: () => clock.now, ...options });
  let done = 0;
  const ask = async (key: string, content = 'x', give: () => Promise<HttpAnswer> = async () => answer(`${done}`)) =>
    answers.once({ scope: 'crm', key, content }, () => {
      done += 1;
      return give();
    });
  return { answers, ask, clock, done: () => done };
}

test('the same is done once, and answered in the same way', async () => {
  const { ask, done } = start();
  const first = await ask('a');
  expect(first).toEqual({ answer: answer('1'), replayed: false });
  expect(await ask('a')).toEqual({ answer: answer('1'), replayed: true });
  expect(await ask('b')).toEqual({ answer: answer('2'), replayed: false });
  expect(done()).toBe(2);
});

test('keys belong to whoever uses them', async () => {
  const { answers, ask } = start();
  await ask('a');
  const other = await answers.once({ scope: 'shop', key: 'a', content: 'y' }, async () => answer('theirs'));
  expect(other).toEqual({ answer: answer('theirs'), replayed: false });
});

test('another request with the same key is refused, done or not', async () => {
  const { ask, done } = start();
  const first = Promise.withResolvers<HttpAnswer>();
  const asked = ask('a', 'x', () => first.promise);
  await expect(ask('a', 'y')).rejects.toMatchObject({ code: 'idempotency-mismatch' });
  first.resolve(answer('done'));
  await asked;
  await expect(ask('a', 'y')).rejects.toMatchObject({ code: 'idempotency-mismatch' });
  expect(done()).toBe(1);
});

test('while the first one is being worked on, the second is told to come back', async () => {
  const { ask, done } = start();
  const first = Promise.withResolvers<HttpAnswer>();
  const asked = ask('a', 'x', () => first.promise);
  await expect(ask('a')).rejects.toMatchObject({ code: 'idempotency-in-progress', retryAfterMs: 1000 });
  first.resolve(answer('done', 404));
  await asked;
  expect(await ask('a')).toEqual({ answer: answer('done', 404), replayed: true });
  expect(done()).toBe(1);
});

test.each([401, 403, 429, 500, 503])('%i is not kept: another attempt may go differently', async (status) => {
  const { ask } = start();
  await ask('a', 'x', async () => answer('later', status));
  expect(await ask('a')).toMatchObject({ replayed: false, answer: { status: 200 } });
});

test('what fails is not kept either', async () => {
  const { answers, ask } = start();
  const failing = ask('a', 'x', async () => {
    throw new Error('broken');
  });
  await expect(failing).rejects.toThrow('broken');
  expect(answers.size).toBe(0);
  expect(await ask('a')).toMatchObject({ replayed: false });
});

test('after a day a key is new', async () => {
  const { answers, ask, clock } = start();
  await ask('a');
  clock.now = hours(24) - 1;
  expect(await ask('a')).toMatchObject({ replayed: true });
  clock.now = hours(24);
  expect(await ask('a')).toMatchObject({ replayed: false });
  expect(answers.size).toBe(1);
});

test('memory is bounded, by number and by bytes: the oldest go', async () => {
  const few = start({ most: 3 });
  for (const key of ['a', 'b', 'c', 'd']) await few.ask(key);
  expect(few.answers.size).toBe(3);
  expect(await few.ask('b')).toMatchObject({ replayed: true });
  expect(await few.ask('a')).toMatchObject({ replayed: false });

  const small = start({ mostBytes: 1_000_000 });
  for (let index = 0; index < 100; index += 1)
    await small.ask(`k${index}`, 'x', async () => answer('y'.repeat(50_000)));
  expect(small.answers.size).toBeLessThanOrEqual(10);
  expect(await small.ask('k99')).toMatchObject({ replayed: true });
});

test('what others ask for, and what is asked for meanwhile, makes nothing forgotten that is kept or being worked on', async () => {
  const { answers, ask } = start({ most: 3 });
  await ask('kept');
  const first = Promise.withResolvers<HttpAnswer>();
  const asked = ask('slow', 'x', () => first.promise);
  for (let index = 0; index < 10; index += 1) {
    await answers.once({ scope: 'shop', key: `k${index}`, content: 'x' }, async () => answer('theirs'));
  }
  expect(await ask('kept')).toMatchObject({ replayed: true });
  for (let index = 0; index < 10; index += 1) await ask(`k${index}`);
  await expect(ask('slow')).rejects.toMatchObject({ code: 'idempotency-in-progress' });
  first.resolve(answer('done'));
  await asked;
  expect(await ask('slow')).toMatchObject({ replayed: true });
});
