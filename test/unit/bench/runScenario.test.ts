import { expect, test } from 'vitest';
import { figure } from '../../bench/report.ts';
import { runScenario, TimeLimitError } from '../../bench/runScenario.ts';

const options = { repeat: 1, say: () => undefined };
const one = figure('one', 1, 'ms');
const two = figure('two', 2, 'ms');

test('the parts of a scenario run one after the other', async () => {
  const running: string[] = [];
  const part = (name: string, made: typeof one) => async () => {
    running.push(`${name} begins`);
    await new Promise(setImmediate);
    running.push(`${name} ends`);
    return [made];
  };
  const { figures } = await runScenario({ parts: { a: part('a', one), b: part('b', two) } }, options);
  expect(figures).toEqual([one, two]);
  expect(running).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('what a part throws is what the scenario throws, and nothing runs after it', async () => {
  let ran = false;
  const failing = async () => {
    throw new Error('the load could not be made');
  };
  const next = async () => {
    ran = true;
    return [];
  };
  await expect(runScenario({ parts: { failing, next } }, options)).rejects.toThrow('the load could not be made');
  expect(ran).toBe(false);
});

test('a scenario that hangs is given up', async () => {
  const hanging = () => new Promise<never>(() => undefined);
  await expect(runScenario({ parts: { hanging } }, options, 10)).rejects.toThrow(TimeLimitError);
});
