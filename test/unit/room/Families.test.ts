import { expect, test, vi } from 'vitest';
import { Decisions } from '../../../src/room/Decisions.ts';
import { Families } from '../../../src/room/Families.ts';
import { Lobby } from '../../support/Lobby.ts';

const named = (name: string) => ({ name });

test('rooms are next to those whose names are the same up to the first "--", and forgotten with the last of them', () => {
  const families = new Families<{ name: string }>();
  const [school, one, two, other] = ['school', 'school--1', 'school--2--x', 'schools'].map(named);
  for (const room of [school, one, two, other]) if (room) families.add(room, new Decisions());
  expect(families.nextTo('school')).toEqual([one, two]);
  expect(families.nextTo('school--1')).toEqual([school, two]);
  expect(families.nextTo('school--9')).toEqual([school, one, two]);
  expect(families.nextTo('schools')).toEqual([]);
  expect(families.nextTo('nowhere')).toEqual([]);
  const kept = families.decisionsFor('school');
  expect(kept).toBeDefined();
  for (const name of ['school--1', 'school--2--x', 'nowhere']) expect(families.decisionsFor(name)).toBeUndefined();
  if (school) families.delete(school);
  expect(families.decisionsFor('school')).toBe(kept);
  for (const room of [school, one, two]) if (room) families.delete(room);
  expect(families.nextTo('school--9')).toEqual([]);
  expect(families.decisionsFor('school')).toBeUndefined();
});

test('who comes in by the open door makes the server look at rooms of the same family only', async () => {
  const { registry, join } = openDoor();
  const near = registry.getOrCreate('school--1');
  const far = registry.getOrCreate('elsewhere');
  const looks = [near, far].map((room) => vi.spyOn(room, 'participants', 'get'));
  await join('ada', 'school');
  expect(looks.map(({ mock }) => mock.calls.length > 0)).toEqual([true, false]);
  near.close('ended', false);
  looks[0]?.mockClear();
  await join('bob', 'school--2');
  expect(looks.map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
});

function openDoor() {
  const lobby = new Lobby();
  const join = (identity: string, room: string) => lobby.join(identity, {}, undefined, {}, { host: true, room });
  return { registry: lobby.registry, join };
}
