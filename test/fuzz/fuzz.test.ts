import { expect, test } from 'vitest';
import { keep } from './corpus/corpus.ts';
import { fuzz } from './Fuzz.ts';

/** What `npm run test:fuzz` does with a million messages, with 20,000: another seed each time, which is printed. */
test('20,000 messages of all kinds harm neither the server nor a call on it', { timeout: 180_000 }, async () => {
  const seed = Date.now() % 1_000_000;
  console.info(`seed ${seed}`);
  const { findings, failed, sent, seconds, slowestReplyMs, call, before, after } = await fuzz({
    messages: 20_000,
    seed,
  });
  console.info(
    `${JSON.stringify(sent)} in ${seconds.toFixed(1)} s, the slowest reply after ${slowestReplyMs.toFixed(0)} ms; ` +
      `the call got ${call.packets} packets; heap ${before.heap.toFixed(1)} -> ${after.heap.toFixed(1)} MB`,
  );
  keep(failed);
  expect(findings).toEqual([]);
  expect(Object.values(sent).reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(17_900);
});
