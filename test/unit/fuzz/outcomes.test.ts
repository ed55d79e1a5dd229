import { expect, test } from 'vitest';
import { nameOfOperation, nameOfRequest, neverDone, Outcomes } from '../../fuzz/world/Outcomes.ts';

test('a run in which nothing is done is found out', () => {
  const outcomes = new Outcomes();
  outcomes.add('RTP', 'ok');
  outcomes.add('data', 'nothing came back');
  expect(neverDone(outcomes, ['media'], 20_000)).toEqual(['nothing has come of "data": {"nothing came back":1}']);
  expect(neverDone(outcomes, ['media'], 2000)).toEqual([]);
  const never = neverDone(outcomes, ['requests', 'api'], 1_000_000).join();
  for (const name of ['sendChat', 'moderate: move', nameOfOperation('sendData')]) expect(never).toContain(`"${name}"`);
});

test('a request counts as what it does', () => {
  expect(nameOfRequest('moderate', { moderation: { action: 'mute' } })).toBe('moderate: mute');
  expect(nameOfRequest('moderate', { moderation: { action: 'toString' } })).toBe('moderate');
  expect(nameOfRequest('sendChat', null)).toBe('sendChat');
  expect(nameOfRequest('constructor', {})).toBe('no request');
});
