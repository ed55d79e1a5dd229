import { expect, test } from 'vitest';
import { visit } from './visits/visits.ts';

test('after some hundred joins and leaves nothing of them is left', { timeout: 180_000 }, async () => {
  const { left, seconds, before, after } = await visit(300, { warmUp: 200 });
  expect(left).toEqual([]);
  const grown = (part: 'node' | 'workers') => `${before[part].toFixed(1)} -> ${after[part].toFixed(1)} MB`;
  console.info(
    `300 visits in ${seconds.toFixed(1)} s; RSS of Node ${grown('node')}, of the workers ${grown('workers')}`,
  );
});
