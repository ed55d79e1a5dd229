import fc from 'fast-check';
import { at, type Path, places, put, without } from '../../support/mutations.ts';
import { oddities, oddKeys } from './oddities.ts';

/** What happens to one place of a value. */
type Change = (value: unknown, path: Path, odd: unknown, key: string) => unknown;

const changes: readonly Change[] = [
  (value, path, odd) => put(value, path, odd),
  (value, path, odd) => put(value, path, odd),
  (value, path) => without(value, path),
  (value, path, odd, key) => {
    const here = at(value, path);
    return put(value, path, isPlain(here) ? { ...here, [key]: odd } : [here, odd]);
  },
  (value, path) => {
    const here = at(value, path);
    return put(value, path, Array.isArray(here) ? [...here, ...here] : [here]);
  },
  // Of another type, that reads the same.
  (value, path) => {
    const here = at(value, path);
    return put(value, path, typeof here === 'number' ? String(here) : { value: here });
  },
];

/** Values of which one place, rarely two, is not as it was made. */
export function nearly(made: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    where: fc.nat(),
    how: fc.constantFrom(...changes),
    odd: fc.constantFrom(...oddities),
    key: fc.constantFrom(...oddKeys),
  });
  return fc.tuple(made, fc.array(change, { minLength: 1, maxLength: 2 })).map(([value, list]) =>
    list.reduce((changed, { where, how, odd, key }) => {
      const all = places(changed);
      return how(changed, all[where % all.length] ?? [], odd, key);
    }, value),
  );
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
