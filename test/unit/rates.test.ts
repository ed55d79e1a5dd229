import { expect, test } from 'vitest';
import { parseRates, showRates } from '../../src/rates.ts';

const defaults = { socket: { perSecond: 5, burst: 50 }, room: { perSecond: 100, burst: 1000 } };

test('what is given replaces the default, the rest stays', () => {
  expect(parseRates('room=0.5/3', defaults)).toEqual({ ...defaults, room: { perSecond: 0.5, burst: 3 } });
  expect(parseRates('room=1/2, socket=3/4', defaults)).toEqual({
    socket: { perSecond: 3, burst: 4 },
    room: { perSecond: 1, burst: 2 },
  });
  expect(defaults.room.perSecond).toBe(100);
});

test.each([
  '',
  'room',
  'room=1',
  'room=/1',
  'room=1/',
  'room=0/1',
  'room=1/0',
  'room=1e9/1',
  'room=9999999999/1',
  'toString=1/1',
])('no rates: %j', (text) => {
  expect(parseRates(text, defaults)).toBeUndefined();
});

test('what is shown can be given', () => {
  expect(showRates(defaults)).toBe('socket=5/50,room=100/1000');
  expect(parseRates(showRates(defaults), defaults)).toEqual(defaults);
});
