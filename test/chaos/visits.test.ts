import { expect, test } from 'vitest';
import { visit } from './visits/visits.ts';

test('after some hundred joins and leaves nothing of them is left', { timeout: 180_000 }, async () => {
  const { left, seconds, before, after } = await visit(300, { warmUp: 200 });
  expect(left).toEqual([]);
  // Memory is judged where there are thousands of visits (npm run test:chaos -- --joins N): so few do not fill the heap.
  console.info(
    `300 visits in ${seconds.toFixed(1)} s; heap in use ${before.heap.toFixed(1)} MB before, ${after.heap.toFixed(1)} MB after`,
  );
});
