import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resume } from '../../../src/protocol/handshake.ts';
import { jsonOf } from '../../fuzz/generate/placeholders.ts';
import { resumes, withKey } from '../../fuzz/generate/resumes.ts';

test('half of the resumes have the declared shape, the others have not', () => {
  const names = { name: (kind: string, index: number) => `${kind}${index}`, freshNumber: () => 1 };
  const list = fc.sample(resumes, { numRuns: 400, seed: 1 });
  const right = list.filter((each) => resume.safeParse(JSON.parse(jsonOf(withKey(each, ['key']), names))).success);
  expect(right.length).toBeGreaterThan(150);
  expect(right.length).toBeLessThan(330);
  expect(right.some(({ chatId }) => chatId !== undefined)).toBe(true);
  expect(right.some(({ seq }) => seq === Number.MAX_SAFE_INTEGER)).toBe(true);
});
