import { expect, test } from 'vitest';
import { Places } from '../../../src/room/Places.ts';

test('an identity has one place, however often it comes, until the last of its visits ends', () => {
  const places = new Places();
  places.take('ada');
  places.take('ada');
  places.take('bob');
  expect(places.besides('ada')).toBe(1);
  expect(places.besides('cyd')).toBe(2);
  expect(places.taken).toBe(2);
  places.release('ada');
  expect(places.besides('cyd')).toBe(2);
  places.release('ada');
  expect(places.besides('cyd')).toBe(1);
  expect(places.besides('bob')).toBe(0);
});
