import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeFileName } from '../../../src/client/fileName.ts';

describe('the name of a file', () => {
  test.each([
    ['notes.txt', 'notes.txt'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\windows\\system32\\cmd.exe', 'cmd.exe'],
    ['.bashrc', 'bashrc'],
    ['...', 'file'],
    ['', 'file'],
    ['a\u0000b\nc.txt', 'abc.txt'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['a<b>:"c|d?*.txt', 'a_b___c_d__.txt'],
    ['CON.txt', '_CON.txt'],
    ['com1', '_com1'],
    ['  spaced .txt. ', 'spaced .txt'],
    ['日本語.pdf', '日本語.pdf'],
  ])('%j is saved as %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  test('any name becomes one that can be saved', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
        const safe = safeFileName(name);
        expect([...safe].length).toBeGreaterThan(0);
        expect([...safe].length).toBeLessThanOrEqual(200);
        expect(safe).not.toMatch(/[\\/\p{Cc}\p{Cf}<>:"|?*]/u);
        expect(safe).not.toMatch(/^[.\s]/);
        expect(safe.isWellFormed()).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a long one keeps its extension', () => {
    expect(safeFileName(`${'x'.repeat(400)}.tar.gz`)).toBe(`${'x'.repeat(197)}.gz`);
  });
});
