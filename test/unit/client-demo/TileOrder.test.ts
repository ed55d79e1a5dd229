import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Orderable, TileOrder } from '../../../client-demo/src/lib/TileOrder.ts';

const tile = (key: string, more: Partial<Orderable> = {}): Orderable => ({
  key,
  first: false,
  own: false,
  speaking: false,
  ...more,
});
const me = tile('me', { own: true });
const named = (names: string, speaking = '') =>
  [...names].map((name) => tile(name, { speaking: speaking.includes(name) }));

describe('the order of tiles', () => {
  let order: TileOrder;
  beforeEach(() => {
    order = new TileOrder();
  });
  const arrange = (tiles: Orderable[], now = 0, firstPage = 4, more: { mayMove?: boolean; large?: string } = {}) =>
    order.arrange(tiles, { firstPage, large: undefined, mayMove: true, now, ...more }).join('');

  it('is that of coming, with oneself at the end of the first page', () => {
    expect(arrange([...named('abc'), me])).toBe('abcme');
    expect(arrange([...named('abcdef'), me])).toBe('abcmedef');
    expect(arrange([...named('ab'), me], 0, 2)).toBe('abme');
  });

  it('puts screens and whoever is pinned first', () => {
    expect(arrange([...named('ab'), tile('P', { first: true }), tile('S', { first: true }), me])).toBe('PSameb');
  });

  it('lets those who come go to the end, and closes the gaps of those who go', () => {
    arrange([...named('abcdef'), me]);
    expect(arrange([...named('gacdef'), me])).toBe('acdmeefg');
  });

  it('brings who speaks to the first page, in place of who was silent the longest; nobody else moves', () => {
    arrange([...named('abcdef'), me]);
    arrange([...named('abcdef', 'c'), me], 1000);
    expect(arrange([...named('abcdef', 'e'), me], 2000)).toBe('aecmedbf');
    // Silent again: the place is kept.
    expect(arrange([...named('abcdef'), me], 60_000)).toBe('aecmedbf');
  });

  it('leaves all where they are while everybody on the first page has spoken a moment ago', () => {
    arrange([...named('abcd', 'abc'), me], 1000);
    expect(arrange([...named('abcd', 'd'), me], 5000)).toBe('abcmed');
    expect(arrange([...named('abcd', 'd'), me], 12_000)).toBe('abdmec');
  });

  it('gives the place of who becomes large to the one who was', () => {
    const people = [...named('abcd'), me];
    expect(arrange(people, 0, 5)).toBe('abcdme');
    expect(arrange(people, 0, 5, { large: 'a' })).toBe('bcdme');
    expect(arrange(people, 0, 5, { large: 'c' })).toBe('badme');
    expect(arrange(people, 0, 5, { large: 'd' })).toBe('bacme');
    expect(arrange(people, 0, 5)).toBe('dbacme');
  });

  it('puts back who is no longer pinned', () => {
    expect(arrange([tile('a'), tile('b', { first: true }), tile('c'), me], 0, 9)).toBe('bacme');
    expect(arrange([...named('abc'), me], 0, 9)).toBe('abcme');
  });

  it('moves nobody while another page is looked at', () => {
    arrange([...named('abcdef'), me]);
    expect(arrange([...named('abcdef', 'e'), me], 1000, 4, { mayMove: false })).toBe('abcmedef');
    expect(arrange([...named('abcdef', 'e'), me], 2000)).toBe('abemedcf');
  });

  it('holds everybody once, is the same for the same, and has every speaker on the first page where there is room', () => {
    const step = fc.record({
      names: fc.subarray([...'abcdefghij'], { minLength: 1 }),
      speaking: fc.subarray([...'abcdefghij'], { maxLength: 3 }),
      firstPage: fc.integer({ min: 3, max: 6 }),
      wait: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        const fresh = new TileOrder();
        let now = 0;
        for (const { names, speaking, firstPage, wait } of steps) {
          now += wait;
          const tiles = [...names.map((name) => tile(name, { speaking: speaking.includes(name) })), me];
          const how = { firstPage, large: undefined, mayMove: true, now };
          const keys = fresh.arrange(tiles, how);
          expect(keys.toSorted()).toEqual(tiles.map(({ key }) => key).toSorted());
          expect(fresh.arrange(tiles, how)).toEqual(keys);
          if (tiles.length >= firstPage) expect(keys[firstPage - 1]).toBe('me');
        }
      }),
    );
  });
});
