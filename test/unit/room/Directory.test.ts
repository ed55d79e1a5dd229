import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Directory, type Listed } from '../../../src/room/Directory.ts';

function person(displayName: string, participantId = displayName, identity = participantId): Listed {
  return { participantId, identity, displayName };
}

function directoryOf(...people: Listed[]): Directory<Listed> {
  const directory = new Directory<Listed>();
  for (const each of people) directory.add(each);
  return directory;
}

const names = (list: readonly Listed[]) => list.map(({ displayName }) => displayName);

/** All pages one after the other; `between` happens before each but the first. */
function readAll(directory: Directory<Listed>, limit: number, query?: string, between: () => void = () => undefined) {
  const seen: Listed[] = [];
  let after: string | undefined;
  do {
    const { entries, next } = directory.page({ query, after, limit });
    expect(entries.length).toBeLessThanOrEqual(limit);
    seen.push(...entries);
    after = next;
    if (after !== undefined) between();
  } while (after !== undefined);
  return seen;
}

describe('a page', () => {
  test('is sorted as people read names: without case and accents, digits as numbers', () => {
    const people = ['Guest 10', 'zoe', 'Ärne', 'guest 9', 'Anna', 'bob', 'Zoë'].map((name) => person(name));
    const { entries, total, next } = directoryOf(...people).page({ limit: 100 });
    expect(names(entries)).toEqual(['Anna', 'Ärne', 'bob', 'guest 9', 'Guest 10', 'Zoë', 'zoe']);
    expect([total, next]).toEqual([7, undefined]);
  });

  test('goes on where the one before ended, also for people of one name', () => {
    const people = ['c', 'a', 'b', 'd'].map((id) => person('Ada', id));
    const directory = directoryOf(...people);
    const first = directory.page({ limit: 3 });
    expect(first.entries.map(({ participantId }) => participantId)).toEqual(['a', 'b', 'c']);
    const second = directory.page({ limit: 3, after: first.next });
    expect(second.entries.map(({ participantId }) => participantId)).toEqual(['d']);
    expect(second.next).toBeUndefined();
  });

  test('of exactly what is left is the last one', () => {
    const { next } = directoryOf(person('a'), person('b')).page({ limit: 2 });
    expect(next).toBeUndefined();
  });

  test('goes on when the one at whom the last page ended has gone', () => {
    const people = ['a', 'b', 'c', 'd'].map((name) => person(name));
    const directory = directoryOf(...people);
    const { entries, next } = directory.page({ limit: 2 });
    for (const each of entries) directory.remove(each);
    expect(names(directory.page({ limit: 2, after: next }).entries)).toEqual(['c', 'd']);
  });

  test.each(['x', 'AAAA', Buffer.from('no dot').toString('base64url')])('does not take %j for a cursor', (after) => {
    expect(() => directoryOf(person('a')).page({ limit: 1, after })).toThrow(
      expect.objectContaining({ code: 'bad-request' }),
    );
  });

  test('of an empty room is empty', () => {
    expect(directoryOf().page({ limit: 1 })).toEqual({ entries: [], total: 0 });
  });
});

describe('a search', () => {
  const directory = directoryOf(
    person('Zoë Müller', 'p1', 'zoe@example.org'),
    person('ZOE MEIER', 'p2', 'meier-7'),
    person('Hans Groß', 'p3', 'hans'),
    person('İpek', 'p4', 'ipek'),
    person('日本 太郎', 'p5', 'taro'),
  );

  test.each([
    ['zoe', ['ZOE MEIER', 'Zoë Müller']],
    ['ZOË', ['ZOE MEIER', 'Zoë Müller']],
    ['mül', ['Zoë Müller']],
    ['mul zo', ['Zoë Müller']],
    ['  zoe   example ', ['Zoë Müller']],
    ['GROSS', ['Hans Groß']],
    ['ipek', ['İpek']],
    ['太郎', ['日本 太郎']],
    ['meier-7', ['ZOE MEIER']],
    ['nobody', []],
    ['zoe hans', []],
    // Not across the end of a name.
    ['mullerzoe', []],
  ])('for %j', (query, expected) => {
    const { entries, total } = directory.page({ query, limit: 100 });
    expect(names(entries)).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  test('for nothing but spaces finds everybody', () => {
    expect(directory.page({ query: '  ', limit: 100 }).total).toBe(5);
  });

  test('comes in pages as well', () => {
    const first = directory.page({ query: 'zoe', limit: 1 });
    expect([names(first.entries), first.total]).toEqual([['ZOE MEIER'], 2]);
    const second = directory.page({ query: 'zoe', limit: 1, after: first.next });
    expect([names(second.entries), second.total, second.next]).toEqual([['Zoë Müller'], 2, undefined]);
  });
});

test('whoever comes and goes between pages, those who stay are listed once, in order', () => {
  const name = fc.oneof(
    fc.constantFrom('Ada', 'ada', 'Ädå', 'Bob', 'Guest 9', 'Guest 10', '\u200d', 'a\ud800'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  );
  const names = fc.array(name, { maxLength: 12 });
  const changes = fc.array(fc.record({ comes: name, goes: fc.nat(20) }), { maxLength: 6 });
  fc.assert(
    fc.property(names, names, changes, fc.integer({ min: 1, max: 4 }), (staying, passing, script, limit) => {
      const stay = staying.map((each, index) => person(each, `s${index}`));
      const pass = passing.map((each, index) => person(each, `p${index}`));
      const directory = directoryOf(...stay, ...pass);
      const rest = [...script];
      const seen = readAll(directory, limit, undefined, () => {
        const change = rest.shift();
        if (!change) return;
        const coming = person(change.comes, `n${rest.length}`);
        directory.add(coming);
        const [going] = pass.splice(change.goes % Math.max(1, pass.length), 1);
        if (going) directory.remove(going);
        pass.push(coming);
      });
      const ids = seen.map(({ participantId }) => participantId);
      expect(new Set(ids).size, 'somebody is listed twice').toBe(ids.length);
      expect(ids, 'somebody who stayed is missing').toEqual(
        expect.arrayContaining(stay.map(({ participantId }) => participantId)),
      );
      // The same in one page.
      const whole = directory.page({ limit: 1000 });
      const order = whole.entries.map(({ participantId }) => participantId);
      expect(ids.filter((each) => order.includes(each))).toEqual(order.filter((each) => ids.includes(each)));
      expect(whole.total).toBe(stay.length + pass.length);
    }),
    { numRuns: 500 },
  );
});
