import { expect, test } from 'vitest';
import { Admission } from '../../../src/signaling/Admission.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { settled } from '../../support/Lobby.ts';

/** A door and the work behind it, which ends when it is told to. */
function setUp({ atOnce = 2, waiting = 2, random = 0.5, holdMs = 60_000 } = {}) {
  const clock = new FakeClock();
  const admission = new Admission({ clock, atOnce, waiting, patienceMs: 5000, holdMs, random: () => random });
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const enter = (name: string, _index = 0, _all: unknown = [], from = '10.0.0.1') =>
    admission.of(from).enter(() => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error ? reject(error) : resolve(name)));
      });
    });
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error);
    await settled();
  };
  return { admission, clock, begun, enter, end };
}

const busy = (retryAfterMs: number) => ({ code: 'server-busy', retryAfterMs });

test('so many at a time, the others in their order, also after one that fails', async () => {
  const { begun, enter, end, admission } = setUp();
  const results = ['a', 'b', 'c', 'd'].map(enter);
  await settled();
  expect(begun).toEqual(['a', 'b']);
  expect(admission.waiting).toBe(2);
  const failed = expect(results[1]).rejects.toThrow('no transport');
  await end('b', new Error('no transport'));
  await failed;
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('a');
  await end('c');
  await end('d');
  expect(await Promise.all([results[0], results[2], results[3]])).toEqual(['a', 'c', 'd']);
  const later = ['e', 'f', 'g'].map(enter);
  await settled();
  expect(begun.slice(4)).toEqual(['e', 'f']);
  for (const name of ['e', 'f', 'g']) await end(name);
  await Promise.all(later);
});

test.each([
  [0, 1000],
  [0.5, 2000],
  [1, 3000],
])('who finds too many waiting is told when to come back, each at another time: %d', async (random, retryAfterMs) => {
  const { enter, end, begun } = setUp({ atOnce: 1, waiting: 1, random });
  const first = enter('a');
  const second = enter('b');
  await expect(enter('c')).rejects.toMatchObject(busy(retryAfterMs));
  await end('a');
  await end('b');
  await Promise.all([first, second]);
  expect(begun).toEqual(['a', 'b']);
});

test('who has waited for too long is told the same, and keeps nobody from entering', async () => {
  const { clock, enter, end, begun, admission } = setUp({ atOnce: 1 });
  const first = enter('a');
  const second = enter('b');
  clock.advance(4999);
  const third = enter('c');
  const refused = expect(second).rejects.toMatchObject(busy(2000));
  clock.advance(1);
  await refused;
  expect(admission.waiting).toBe(1);
  await end('a');
  await end('c');
  expect(await Promise.all([first, third])).toEqual(['a', 'c']);
  expect(begun).toEqual(['a', 'c']);
  // Nothing of those who have gone is left on the clock.
  clock.advance(60_000);
});

test('a join that hangs keeps the others waiting for three seconds, and counts no more when it ends after all', async () => {
  const { clock, enter, end, begun } = setUp({ atOnce: 1, holdMs: 3000 });
  const hanging = enter('a');
  const second = enter('b');
  await settled();
  clock.advance(2999);
  await settled();
  expect(begun).toEqual(['a']);
  clock.advance(1);
  await settled();
  expect(begun).toEqual(['a', 'b']);
  await end('a');
  const third = enter('c');
  await settled();
  expect(begun, 'one at a time still').toEqual(['a', 'b']);
  await end('b');
  await end('c');
  expect(await Promise.all([hanging, second, third])).toEqual(['a', 'b', 'c']);
});

test('addresses take turns: nobody waits behind all who come from elsewhere', async () => {
  const { begun, enter, end, admission } = setUp({ atOnce: 1, waiting: 10 });
  const crowd = ['a', 'b', 'c', 'd'].map((name) => enter(name));
  const other = enter('x', 0, [], '10.0.0.2');
  await settled();
  expect(admission.waiting).toBe(4);
  for (const name of ['a', 'b', 'x', 'c', 'd']) await end(name);
  expect(begun).toEqual(['a', 'b', 'x', 'c', 'd']);
  await Promise.all([...crowd, other]);
  expect(admission.waiting).toBe(0);
});
