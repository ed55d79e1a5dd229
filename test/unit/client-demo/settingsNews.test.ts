import { expect, test } from 'vitest';
import { settingsNews, spotlightNews } from '../../../client-demo/src/lib/settingsNews.ts';
import { timeLeft } from '../../../client-demo/src/lib/timeLeft.ts';

const before = { locked: false, lobby: false, screenShare: 'everybody' } as const;

test('only what has changed is told', () => {
  const told = (change: object) => settingsNews(before, { ...before, ...change }).map(({ text }) => text);
  expect(told({})).toEqual([]);
  expect(told({ locked: true })).toEqual(['The meeting is locked']);
  expect(told({ lobby: true, screenShare: 'moderators' })).toEqual([
    'Newcomers wait in the lobby',
    'Only moderators may share their screens now',
  ]);
  expect(settingsNews({ ...before, locked: true }, before)).toEqual([{ text: 'The meeting is open again' }]);
});

test('it says who has done it, but not to that one', () => {
  expect(settingsNews(before, { ...before, locked: true }, 'Mia')).toEqual([
    { text: 'The meeting is locked', help: 'Nobody new comes in. Mia has changed it.' },
  ]);
  expect(settingsNews({ ...before, locked: true }, before, 'Mia')).toMatchObject([{ help: 'Mia has changed it.' }]);
  expect(spotlightNews(true, 'Mia')).toEqual({ text: 'You are in the spotlight', help: 'Mia has changed it.' });
  expect(spotlightNews(false)).toEqual({ text: 'You are no longer in the spotlight' });
});

test.each([
  [90 * 60, '1 h 30', 'The meeting ends in one hour and 30 minutes', false],
  [120 * 60, '2 h 00', 'The meeting ends in 2 hours', false],
  [61 * 60, '1 h 01', 'The meeting ends in one hour and one minute', false],
  [12 * 60 + 1, '13 min', 'The meeting ends in 13 minutes', false],
  [5 * 60, '5 min', 'The meeting ends in 5 minutes', true],
  [42, '42 s', 'The meeting ends within a minute', true],
  [-3, '0 s', 'The meeting ends within a minute', true],
])('%s s before the end it reads %s', (seconds, text, words, urgent) => {
  expect(timeLeft(1_000_000 + seconds * 1000, 1_000_000)).toEqual({ text, words, urgent });
});
