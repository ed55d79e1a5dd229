import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audible, type Ranking, settle, spoke, voiceOf, without } from '../../../src/room/audience.ts';
import { Babble, type Talk } from '../../support/Babble.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
const steady: Talk = () => -30;
const silent: Talk = () => undefined;
/** Talks from one time to another, in milliseconds. */
const between =
  (from: number, to: number, level = -30): Talk =>
  (ms) =>
    ms >= from && ms < to ? level : undefined;
/** As the fake microphones of browsers do. */
const beeping =
  (offset: number, everyMs = 1000, forMs = 100): Talk =>
  (ms) =>
    (ms + offset) % everyMs < forMs ? -25 : undefined;

function room(limit: number, people: number, packetMs = 20): Babble {
  const babble = new Babble(limit + 1, packetMs);
  for (const name of names(people)) babble.add(name);
  return babble;
}

/** How often the set of those who are heard changed while it ran. */
function changes(babble: Babble, limit: number, ms: number, who?: string): number {
  let count = 0;
  let before = babble.heard(limit, who).toSorted().join();
  babble.run(ms, () => {
    const after = babble.heard(limit, who).toSorted().join();
    if (after !== before) count += 1;
    before = after;
  });
  return count;
}

describe('somebody who begins to speak', () => {
  test.each([20, 60])('is heard with the first packet while others are silent, with packets of %i ms', (packetMs) => {
    const babble = room(6, 100, packetMs);
    for (let index = 0; index < 40; index += 1) {
      const name = `p${(index * 37) % 100}`;
      babble.talk(name, steady);
      babble.run(packetMs);
      expect(babble.heard(6)).toContain(name);
      babble.run(600);
      babble.talk(name, silent);
    }
  });

  test('takes the place of whoever has been silent longest', () => {
    const babble = room(3, 10);
    for (const name of ['p7', 'p8', 'p9']) {
      babble.talk(name, between(babble.now, babble.now + 500));
      babble.run(1000);
    }
    expect(babble.heard(3).toSorted()).toEqual(['p7', 'p8', 'p9']);
    babble.talk('p2', steady);
    babble.run(20);
    expect(babble.heard(3).toSorted()).toEqual(['p2', 'p8', 'p9']);
  });

  test.each([20, 60])('is heard soon even while all others talk on, with packets of %i ms', (packetMs) => {
    const babble = room(6, 20, packetMs);
    for (const [index, name] of names(6).entries()) babble.talk(name, () => -30 - index);
    babble.run(5000);
    babble.talk('p15', () => -40);
    babble.run(2 * packetMs + 40);
    expect(babble.heard(6)).toContain('p15');
    // The quietest made way, and nobody else is cut off for the next while.
    expect(babble.heard(6).toSorted()).toEqual(['p0', 'p1', 'p15', 'p2', 'p3', 'p4']);
    expect(changes(babble, 6, 10_000)).toBeLessThanOrEqual(1);
  });

  test('by a click takes no place of somebody who talks', () => {
    const babble = room(6, 20);
    for (const name of names(6)) babble.talk(name, steady);
    babble.run(5000);
    babble.talk('p15', (ms) => (ms <= 5020 ? -10 : undefined));
    expect(changes(babble, 6, 1000)).toBe(0);
  });
});

describe('places do not flap', () => {
  const level = fc.integer({ min: -8, max: 8 });

  test('when one more talks than may be heard, with levels that go up and down', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(level, { minLength: 50, maxLength: 50 }),
        fc.nat(7),
        (limit, noise, stride) => {
          const babble = room(limit, limit + 4);
          for (const [index, name] of names(limit + 1).entries()) {
            babble.talk(name, (ms) => -30 + (noise[(ms / 20 + index * (stride + 1)) % 50] ?? 0));
          }
          babble.run(3000);
          expect(changes(babble, limit, 20_000)).toBeLessThanOrEqual(2);
          expect(changes(babble, limit, 20_000, 'p0')).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('when more beep once a second than may be heard', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.array(fc.nat(999), { minLength: 12 }), (limit, offsets) => {
        const babble = room(limit, limit + 5);
        for (const [index, name] of names(limit + 5).entries()) {
          babble.talk(name, beeping(20 * Math.floor((offsets[index % offsets.length] ?? 0) / 20)));
        }
        babble.run(4000);
        expect(changes(babble, limit, 20_000)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('whatever people do, more than a few changes a second need as many beginnings', () => {
    const turns = fc.array(
      fc.record({ who: fc.nat(9), from: fc.nat(20_000), ms: fc.integer({ min: 20, max: 4000 }) }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(turns, fc.integer({ min: 1, max: 6 }), (all, limit) => {
        const babble = room(limit, 10);
        for (const [index, name] of names(10).entries()) {
          const own = all.filter(({ who }) => who === index);
          babble.talk(name, (ms) =>
            own.some(({ from, ms: length }) => ms >= from && ms < from + length) ? -30 : undefined,
          );
        }
        // Each beginning moves at most one in and one out; besides that a place changes when somebody has finished.
        expect(changes(babble, limit, 25_000)).toBeLessThanOrEqual(2 * all.length);
      }),
      { numRuns: 40 },
    );
  });

  test('when people take turns in being the loudest, for as long as they speak at once', () => {
    for (const turnMs of [200, 700, 1500, 1900]) {
      const babble = room(1, 4);
      for (const [index, name] of names(2).entries()) {
        babble.talk(name, (ms) => (Math.floor(ms / turnMs) % 2 === index ? -15 : -45));
      }
      babble.run(3000);
      expect(changes(babble, 1, 20_000)).toBeLessThanOrEqual(10);
    }
  });

  test('a voice that is clearly louder for long gets the place of the quietest in the end, and stays', () => {
    const babble = room(2, 4);
    for (const name of ['p0', 'p1']) babble.talk(name, () => -45);
    babble.run(4000);
    babble.talk('p2', () => -50);
    babble.run(10);
    babble.run(1500);
    babble.talk('p3', () => -20);
    babble.run(5000);
    expect(babble.heard(2)).toContain('p3');
    expect(changes(babble, 2, 10_000)).toBe(0);
  });
});

describe('whatever is said', () => {
  type Step = { who: number; level: number; sustained: boolean; afterMs: number; leaves: boolean };
  const steps = fc.array(
    fc.record({
      who: fc.nat(19),
      level: fc.integer({ min: -127, max: 0 }),
      sustained: fc.boolean(),
      afterMs: fc.constantFrom(0, 10, 60, 100, 300, 1000, 2000),
      leaves: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    }),
    { maxLength: 200 },
  );

  function play(places: number, script: readonly Step[], check: (ranking: Ranking, now: number, step: Step) => void) {
    let ranking: Ranking = names(20).map((name) => voiceOf(name, name));
    let now = 0;
    for (const step of script) {
      now += step.afterMs;
      const name = `p${step.who}`;
      if (step.leaves) ranking = without(ranking, name, places);
      else {
        const said = ranking.map((voice) =>
          voice.publicationId === name ? spoke(voice, step.level, step.sustained, now) : voice,
        );
        ranking = settle(said, places, now);
      }
      check(ranking, now, step);
    }
    return ranking;
  }

  test('nobody hears more than it may, itself, or somebody who is gone; and everybody as many as there are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), steps, (limit, script) => {
        const gone = new Set<string>();
        play(limit + 1, script, (ranking, _now, { who, leaves }) => {
          if (leaves) gone.add(`p${who}`);
          for (const name of ['nobody', 'p0', 'p19']) {
            const heard = audible(ranking, name, limit);
            const others = ranking.filter(({ participantId }) => participantId !== name).length;
            expect(heard).toHaveLength(Math.min(limit, others));
            expect(new Set(heard).size).toBe(heard.length);
            expect(heard).not.toContain(name);
            expect(heard.filter((id) => gone.has(id))).toEqual([]);
          }
        });
      }),
    );
  });

  test('one who begins to speak has a place at once where somebody is silent, at every limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 7 }), steps, (places, script) => {
        const lastLoud = new Map<string, number>();
        play(places, script, (ranking, now, { who, leaves }) => {
          const name = `p${who}`;
          const begins = !leaves && now - (lastLoud.get(name) ?? Number.NEGATIVE_INFINITY) >= 1500;
          if (!leaves) lastLoud.set(name, now);
          if (!begins || !ranking.some(({ publicationId }) => publicationId === name)) return;
          for (let limit = 1; limit <= places; limit += 1) {
            const heard = audible(ranking, 'nobody', limit);
            const someoneSilent = heard.some((id) => now - (lastLoud.get(id) ?? Number.NEGATIVE_INFINITY) >= 300);
            if (someoneSilent) expect(heard).toContain(name);
          }
        });
      }),
    );
  });

  test('the same gives the same', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const run = () => play(4, script, () => undefined);
        expect(run()).toEqual(run());
      }),
    );
  });
});

describe('somebody who goes', () => {
  const spokenAt = (name: string, at: number) => spoke(voiceOf(name, name), -30, true, at);

  test('leaves the place to whoever spoke last of those who have none', () => {
    const ranking = [spokenAt('a', 1), spokenAt('b', 2), spokenAt('c', 3), spokenAt('d', 9), spokenAt('e', 5)];
    const ids = (list: Ranking) => list.map(({ publicationId }) => publicationId);
    expect(ids(without(ranking, 'a', 2))).toEqual(['b', 'd', 'c', 'e']);
    expect(ids(without(ranking, 'd', 2))).toEqual(['a', 'b', 'c', 'e']);
    expect(ids(without(ranking, 'x', 2))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(ids(without(ranking.slice(0, 2), 'b', 2))).toEqual(['a']);
  });
});
