import { expect, test } from 'vitest';
import { cleanLabel, familyOf, labelOf, moveChoices } from '../../../client-demo/src/lib/breakouts.ts';

test('a breakout room is called after its meeting', () => {
  expect([familyOf('calm-otter--group-1'), labelOf('calm-otter--group-1')]).toEqual(['calm-otter', 'group-1']);
  expect([familyOf('calm-otter'), labelOf('calm-otter')]).toEqual(['calm-otter', undefined]);
  expect(labelOf('a--b--c')).toBe('b--c');
});

test('what somebody types becomes a label that a room can have', () => {
  expect(cleanLabel('otter', ' Blaue Gruppe Ü! ')).toBe('Blaue-Gruppe-U');
  expect(cleanLabel('otter', '龍')).toBe('');
  const family = 'o'.repeat(58);
  expect(`${family}--${cleanLabel(family, 'abc-def')}`).toBe(`${family}--abc`);
});

test('there are always some rooms to choose, but not the one that one is in', () => {
  const labels = (room: string, known: string[]) => moveChoices(room, known).map(({ label }) => label);
  expect(labels('otter', [])).toEqual(['group-1', 'group-2', 'group-3']);
  expect(labels('otter', ['blue'])).toEqual(['blue', 'group-1', 'group-2']);
  expect(labels('otter--blue', ['blue', 'group-10', 'group-9'])).toEqual(['Main room', 'group-9', 'group-10']);
});
