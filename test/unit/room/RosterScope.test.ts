import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Relevance, RosterScope } from '../../../src/room/RosterScope.ts';

/** A scope, and what somebody knows who hears all that it says. */
function scopeOf(limit: number) {
  const known = new Set<string>();
  const heard: string[] = [];
  const scope = new RosterScope(limit, {
    show: (participantId) => {
      heard.push(`show ${participantId}`);
      known.add(participantId);
    },
    hide: (participantId) => {
      heard.push(`hide ${participantId}`);
      known.delete(participantId);
    },
    partialChanged: (partial) => heard.push(partial ? 'large' : 'small'),
  });
  return { scope, known, heard };
}

test('up to the limit everybody is shown, whatever they do', () => {
  const { scope, heard } = scopeOf(3);
  for (const id of ['a', 'b', 'c']) scope.add(id);
  scope.set('b', 4);
  scope.set('b', 0);
  expect(heard).toEqual(['show a', 'show b', 'show c']);
  expect([scope.partial, [...scope.shown]]).toEqual([false, ['a', 'b', 'c']]);
});

test('with one more it shows only who has something to see, until the room is well below the limit', () => {
  const { scope, known, heard } = scopeOf(10);
  for (let index = 0; index < 10; index += 1) scope.add(`p${index}`);
  scope.set('p3', 2);
  scope.add('p10');
  expect(scope.partial).toBe(true);
  expect([...known]).toEqual(['p3']);
  scope.set('p10', 3);
  expect([...known]).toEqual(['p3', 'p10']);
  scope.set('p10', 0);
  expect([...known]).toEqual(['p3']);
  scope.delete('p0');
  // Ten again, and somebody more: nothing turns.
  scope.add('p11');
  scope.delete('p11');
  expect(heard.filter((each) => each === 'large' || each === 'small')).toEqual(['large']);
  scope.delete('p1');
  expect(heard.at(-10)).toBe('small');
  expect([...known].toSorted()).toEqual(['p10', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9']);
});

test('over the limit the more relevant displaces who has had nothing new for longest, and comes back for the gone', () => {
  const { scope, known, heard } = scopeOf(2);
  for (const id of ['a', 'b', 'c', 'd']) scope.add(id);
  scope.set('a', 1);
  scope.set('b', 1);
  scope.set('c', 1);
  expect([...known]).toEqual(['a', 'b']);
  scope.set('c', 2);
  expect([...known]).toEqual(['b', 'c']);
  scope.set('d', 4);
  expect([...known]).toEqual(['c', 'd']);
  // No less relevant than those who wait.
  scope.set('c', 1);
  expect([...known]).toEqual(['c', 'd']);
  heard.length = 0;
  scope.set('a', 2);
  expect(heard).toEqual(['hide c', 'show a']);
  scope.set('d', 0);
  expect([...known].toSorted()).toEqual(['a', 'b']);
});

test('somebody who is not there is passed over', () => {
  const { scope, heard } = scopeOf(1);
  scope.set('nobody', 4);
  scope.delete('nobody');
  expect(heard).toEqual([]);
  expect(scope.isShown('nobody')).toBe(false);
});

type Step = { do: 'add' | 'delete'; id: number } | { do: 'set'; id: number; relevance: Relevance };
const id = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('add' as const, 'delete' as const), id }),
  fc.record({
    do: fc.constant('set' as const),
    id,
    relevance: fc.constantFrom<Relevance>(0, 1, 2, 3, 4),
  }),
);

test('whatever happens, those are shown who should be, and whoever listened knows exactly them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 80 }), (limit, steps) => {
      const { scope, known } = scopeOf(limit);
      const members = new Map<string, Relevance>();
      for (const each of steps) {
        const name = `p${each.id}`;
        if (each.do === 'add' && !members.has(name)) {
          scope.add(name);
          members.set(name, 0);
        } else if (each.do === 'delete') {
          scope.delete(name);
          members.delete(name);
          known.delete(name);
        } else if (each.do === 'set' && members.has(name)) {
          scope.set(name, each.relevance);
          members.set(name, each.relevance);
        }
        const shown = [...scope.shown];
        expect(new Set(shown)).toEqual(known);
        expect([...members.keys()].filter((member) => scope.isShown(member)).toSorted()).toEqual(shown.toSorted());
        if (members.size > limit) expect(scope.partial).toBe(true);
        if (members.size <= Math.floor(limit * 0.9)) expect(scope.partial).toBe(false);
        if (!scope.partial) {
          expect(shown).toHaveLength(members.size);
          continue;
        }
        const relevanceOf = (member: string) => members.get(member) ?? 0;
        const relevant = [...members.keys()].filter((member) => relevanceOf(member) > 0);
        expect(shown).toHaveLength(Math.min(limit, relevant.length));
        const least = Math.min(...shown.map(relevanceOf));
        for (const member of relevant) if (!known.has(member)) expect(relevanceOf(member)).toBeLessThanOrEqual(least);
      }
    }),
    { numRuns: 500 },
  );
});
