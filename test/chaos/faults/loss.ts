import type { Fault, Harm } from '../Fault.ts';
import { pause } from '../pause.ts';
import { receivedOver, ways } from './line.ts';

/** Packets get lost on somebody's line, in one direction. Three people talk and show themselves, and receive all. */

/** A part of a call in which what happens until a line is known to lose packets has about the weight that it has in one. */
const measuredMs = 30_000;
/** Pictures a second that are sent of each. */
const sentFrames = 15;
/** Until the estimates of both sides have found their place. */
const settleMs = 3000;
/** As with lines that were narrow: what had to go is tried again some 20 s later, one thing after the other. */
const restoreMs = 60_000;

const aims = [
  { percent: 5, frozen: 1, concealed: 2 },
  { percent: 10, frozen: 3, concealed: 5 },
  { percent: 20, frozen: 10, concealed: 12 },
];

export const losses: readonly Fault[] = ways.flatMap((way) =>
  aims.map(
    ({ percent, frozen, concealed }): Fault => ({
      name: `loss-${way}-${percent}`,
      what: `${percent} % of the packets ${way === 'up' ? 'from' : 'to'} somebody are lost, three talk; share of the time and of the sound, and until all is back after`,
      times: { quick: percent === 20 ? 1 : 0, full: 5 },
      figures: {
        frozen: { unit: '%', max: frozen, line: 2 * frozen },
        concealed: { unit: '%', max: concealed },
        shown: { unit: '%' },
        restored: { unit: 'ms' },
      },
      async apply(world, dice): Promise<Harm> {
        const victim = dice.pick(world.guests);
        const share = percent / 100;
        await victim.home.lose({ up: way === 'up' ? share : 0, down: way === 'down' ? share : 0 });
        return {
          hit: victim.name,
          async measure() {
            await pause(settleMs);
            const before = await receivedOver(world, victim, way);
            await pause(measuredMs);
            const after = await receivedOver(world, victim, way);
            const [samples, made] = [after.samples - before.samples, after.concealed - before.concealed];
            const frames = (after.frames - before.frames) / (world.guests.length - 1) / (measuredMs / 1000);
            const frozenSeconds = after.frozenSeconds - before.frozenSeconds;
            await victim.home.restore();
            const healedAt = Date.now();
            await world.untilCalm(restoreMs);
            return {
              frozen: (100 * frozenSeconds * 1000) / (measuredMs * (world.guests.length - 1)),
              concealed: (100 * made) / Math.max(1, samples),
              // What is held back does not freeze.
              shown: (100 * frames) / sentFrames,
              restored: Date.now() - healedAt,
            };
          },
          heal: () => victim.home.restore(),
        };
      },
    }),
  ),
);
