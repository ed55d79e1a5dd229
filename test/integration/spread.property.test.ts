import fc from 'fast-check';
import { test } from 'vitest';
import { SpreadWorld, type Step } from '../support/SpreadWorld.ts';
import { setStage } from '../support/stage.ts';

/** Random meetings on three real workers, with one participant on each before the next has two. */

/** Everybody hears everybody, however many microphones they have: who is heard among many is tested elsewhere. */
const stage = setStage({ config: { workers: 3, workerMaxConsumers: 1, hiddenGrace: 0, audioSpeakers: 0 } });

const who = fc.nat(5);
const which = fc.nat(9);
const view = fc.oneof(fc.constant('auto' as const), fc.uniqueArray(which, { maxLength: 6 }));
const is = <T extends string>(name: T) => fc.constant(name);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: is('join'), who, view }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'drop' as const), who }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: is('publish'),
        who,
        kind: fc.constantFrom('audio' as const, 'video' as const),
        muted: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: is('unpublish'), who, which }) },
    { weight: 2, arbitrary: fc.record({ do: is('mute'), who, which, muted: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ do: is('view'), who, view }) },
    { weight: 4, arbitrary: fc.record({ do: is('wait') }) },
    { weight: 1, arbitrary: fc.record({ do: is('rest') }) },
  ),
  { minLength: 15, maxLength: 60, size: 'max' },
);

test('workers hold what the domain says, and everybody receives what their view says', async () => {
  let rooms = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      rooms += 1;
      const world = new SpreadWorld(stage, `room-${rooms}`);
      try {
        for (const step of script) await world.run(step);
        await world.checkAtRest();
      } finally {
        await world.close();
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 30_000, endOnFailure: true },
  );
}, 90_000);
