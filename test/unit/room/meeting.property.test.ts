import fc from 'fast-check';
import { test } from 'vitest';
import type { RoomLimits } from '../../../src/room/RoomOptions.ts';
import { failing } from '../../support/FakeObject.ts';
import type { FakePlacesOptions } from '../../support/FakePlaces.ts';
import { MeetingWorld } from '../../support/MeetingWorld.ts';
import {
  checkAlways,
  checkDemand,
  checkEmpty,
  checkSettled,
  checkSettledForGood,
} from '../../support/meetingInvariants.ts';
import type { Step } from '../../support/meetingSteps.ts';

/** Random meetings, in which the worker answers in random order and may fail: what must hold holds all the same. */

const who = fc.nat(7);
const which = fc.nat(9);
const view = fc.oneof(fc.constant('auto' as const), fc.uniqueArray(fc.nat(9), { maxLength: 5 }));
const identity = fc.constantFrom('ada', 'bob', 'cyd', 'dan', 'eve', 'fay');
const is = <T extends string>(name: T) => fc.constant(name);
const changes = fc.record(
  {
    maxParticipants: fc.constantFrom(null, 2, 5),
    screenShare: fc.constantFrom('everybody' as const, 'moderators' as const),
    startMuted: fc.boolean(),
  },
  { requiredKeys: [] },
);
/** Most can decode everything: a room in which nobody can is a dull one. */
const av1 = fc.integer({ min: 0, max: 4 }).map((dice) => dice > 0);

const usual: fc.WeightedArbitrary<Step>[] = [
  { weight: 6, arbitrary: fc.record({ do: is('join'), identity, av1, view }) },
  { weight: 2, arbitrary: fc.oneof(fc.record({ do: is('leave'), who }), fc.record({ do: is('drop'), who })) },
  { weight: 2, arbitrary: fc.record({ do: is('start'), who }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: is('publish'),
      who,
      source: fc.constantFrom('camera' as const, 'microphone' as const, 'screen' as const),
      muted: fc.boolean(),
      av1,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is('unpublish'), who, which }) },
  { weight: 2, arbitrary: fc.record({ do: is('mute'), who, which, muted: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: is('view'), who, view, age: fc.constantFrom(0, 0, 0, 1, 2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('hand' as const, 'silent' as const), who, on: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: is('speak'),
      which,
      level: fc.integer({ min: -55, max: 0 }),
      how: fc.constantFrom('onset' as const, 'sustained' as const, 'on' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('score'), which, score: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ do: is('flow'), which, flows: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: is('estimate'), who, bitsPerSecond: fc.constantFrom(30_000, 200_000, 5_000_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: is('settings'), changes }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: is('spotlight'), identities: fc.uniqueArray(identity, { maxLength: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: is('wait'), ms: fc.constantFrom(1, 60, 100, 300, 2500) }) },
  { weight: 8, arbitrary: fc.record({ do: is('resolve'), count: fc.integer({ min: 1, max: 8 }) }) },
];
const routerFailure: fc.WeightedArbitrary<Step> = { weight: 1, arbitrary: fc.record({ do: is('failRouter'), which }) };

/** Long enough for something to happen; fast-check alone would make ten steps. */
const steps = (kinds: fc.WeightedArbitrary<Step>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 10, maxLength: 120, size: 'max' });

/** All on one worker, or spread: one participant on each, or two, before the next is used. */
const places = fc.constantFrom({}, { workers: 3, loadedFrom: 1 }, { workers: 2, loadedFrom: 2 });

interface Setting {
  places: FakePlacesOptions;
  limits?: Partial<RoomLimits>;
}

function worldOf(scheduler: fc.Scheduler, setting: Setting, fails: () => boolean): MeetingWorld {
  return new MeetingWorld({
    ...setting,
    operation: failing((what) => scheduler.schedule(Promise.resolve(), what), fails),
    idle: () => scheduler.waitIdle(),
    next: async (count) => {
      for (let done = 0; done < count && scheduler.count() > 0; done += 1) await scheduler.waitNext(1);
    },
  });
}

async function play(world: MeetingWorld, script: readonly Step[]): Promise<void> {
  for (const step of script) {
    await world.run(step);
    await new Promise(setImmediate);
    checkAlways(world);
  }
}

async function everybodyLeaves(world: MeetingWorld): Promise<void> {
  for (const attendee of world.attendees) if (attendee.state !== 'gone') attendee.drop('left');
  await world.settle();
  world.clock.advance(1000);
  await world.settle();
  checkAlways(world);
  checkEmpty(world);
}

test('wanted is actual, nothing is orphaned, and every client knows the room as it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), places, steps(usual), async (scheduler, spread, script) => {
      const world = worldOf(scheduler, { places: spread }, () => false);
      await play(world, script);
      await world.settle();
      checkSettled(world);
      await world.settle(1000);
      checkDemand(world);
      await world.settleForGood();
      checkSettledForGood(world);
      await everybodyLeaves(world);
    }),
    { numRuns: 250 },
  );
}, 120_000);

test('the same in rooms that are too large to tell everybody of everybody', async () => {
  const large = fc.record({ maxParticipants: fc.constantFrom(4, 6), fullRoster: fc.integer({ min: 1, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), places, steps(usual), large, async (scheduler, spread, script, limits) => {
      const world = worldOf(scheduler, { places: spread, limits }, () => false);
      await play(world, script);
      await world.settle();
      checkSettled(world);
      await world.settleForGood();
      checkSettledForGood(world);
      await everybodyLeaves(world);
    }),
    { numRuns: 250 },
  );
}, 120_000);

test('the same with operations that fail and routers that die, once all goes well again', async () => {
  const failures = fc.record({ percent: fc.constantFrom(0, 10, 30), dice: fc.infiniteStream(fc.nat(99)) });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      places,
      steps([...usual, routerFailure]),
      failures,
      async (scheduler, spread, script, failure) => {
        let working = false;
        const world = worldOf(
          scheduler,
          { places: spread },
          () => !working && Number(failure.dice.next().value) < failure.percent,
        );
        await play(world, script);
        await world.settle();
        working = true;
        // A subscription that failed is tried again by itself.
        await world.settleForGood();
        checkSettledForGood(world);
        await everybodyLeaves(world);
      },
    ),
    { numRuns: 250 },
  );
}, 120_000);
