import { expect, test } from 'vitest';
import type { Person } from '../../../client-demo/src/lib/people.ts';
import { deedsFor, removal } from '../../../client-demo/src/lib/personActions.ts';
import { refuse } from '../../../client-demo/src/lib/roomDeeds.ts';

const bob: Person = {
  participantId: 'p-bob',
  identity: 'bob',
  displayName: 'Bob',
  own: false,
  moderator: false,
  muted: true,
  handRaisedAt: undefined,
  cameraId: undefined,
  cameraOn: false,
  screenIds: [],
};
const labels = (person: Partial<Person>) => deedsFor({ ...bob, ...person }, []).map(({ label }) => label);

test('what can be done with somebody follows from what they do', () => {
  expect(labels({})).toEqual(['Ask to unmute', 'Spotlight for everybody', 'Make moderator']);
  expect(labels({ muted: false, cameraId: 'c', cameraOn: true, moderator: true })).toEqual([
    'Mute microphone',
    'Turn camera off',
    'Spotlight for everybody',
    'Take moderation away',
  ]);
  expect(labels({ handRaisedAt: 1, screenIds: ['s'] })).toContain('Lower hand');
});

test('a shared screen is stopped with its sound', () => {
  const stop = deedsFor({ ...bob, screenIds: ['s1', 's2'] }, []).find(({ id }) => id === 'stop-screen');
  expect(stop?.deed.moderations).toEqual([
    { action: 'unpublish', publicationId: 's1' },
    { action: 'unpublish', publicationId: 's2' },
  ]);
});

test('who is removed or refused reads the reason, if there is one', () => {
  const said = (reason: string) => removal(bob, true, reason).moderations;
  expect(said('  ')).toEqual([{ action: 'remove', participantId: bob.participantId, ban: true }]);
  expect(said(' Too loud')).toEqual([
    { action: 'remove', participantId: bob.participantId, ban: true, reason: 'Too loud' },
  ]);
  const knock = { knockId: 'k', identity: 'bob', displayName: 'Bob', since: 1 };
  expect(refuse(knock, false, ' ').moderations).toEqual([{ action: 'refuse', knockId: 'k', ban: false }]);
  expect(refuse(knock, true, ' Full ').moderations).toEqual([
    { action: 'refuse', knockId: 'k', ban: true, reason: 'Full' },
  ]);
});

test('whoever is put in the spotlight last comes first; the others stay there', () => {
  const light = (spotlight: string[]) =>
    deedsFor(bob, spotlight).find(({ id }) => id === 'spotlight')?.deed.moderations;
  expect(light(['ada'])).toEqual([{ action: 'spotlight', identities: ['bob', 'ada'] }]);
  expect(light(['ada', 'bob'])).toEqual([{ action: 'spotlight', identities: ['ada'] }]);
});
