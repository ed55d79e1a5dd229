import { describe, expect, it } from 'vitest';
import { matches, type Person, refreshed, splitByHand } from '../../../client-demo/src/lib/people.ts';

const person = (displayName: string, more: Partial<Person> = {}): Person => ({
  participantId: `id-${displayName.toLowerCase()}`,
  identity: displayName.toLowerCase(),
  displayName,
  own: false,
  moderator: false,
  muted: false,
  handRaisedAt: undefined,
  cameraId: undefined,
  cameraOn: false,
  screenIds: [],
  ...more,
});
const names = (people: readonly Person[]) => people.map(({ displayName }) => displayName);

describe('the search', () => {
  it.each([
    ['zoe', 'Zoë Ünal', true],
    ['ÜNAL zo', 'Zoë Ünal', true],
    ['  ', 'Zoë Ünal', true],
    ['zoe k', 'Zoë Ünal', false],
    ['龍', '李小龍', true],
  ])('for “%s” and %s: %s', (query, name, found) => {
    expect(matches(person(name), query)).toBe(found);
  });
});

describe('the list', () => {
  it('puts raised hands first, who waits longest before the others', () => {
    const list = [person('Ada', { handRaisedAt: 9 }), person('Bob'), person('Eve', { handRaisedAt: 3 })];
    const { hands, others } = splitByHand(list);
    expect([names(hands), names(others)]).toEqual([['Eve', 'Ada'], ['Bob']]);
  });

  it('shows of fetched people what is known now, and adds hands that went up since', () => {
    const known = [person('Ada', { muted: true }), person('Dan', { handRaisedAt: 1 }), person('Eve')];
    const list = refreshed([person('Ada'), person('Bob')], known, '');
    expect(names(list)).toEqual(['Ada', 'Bob', 'Dan']);
    expect(list[0]?.muted).toBe(true);
    expect(names(refreshed([person('Ada')], known, 'ada'))).toEqual(['Ada']);
  });
});
