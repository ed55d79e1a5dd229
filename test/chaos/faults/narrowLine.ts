import { waitFor } from '../../support/waitFor.ts';
import type { Fault, Harm } from '../Fault.ts';
import { pause } from '../pause.ts';
import type { Guest } from '../world/Guest.ts';
import type { World } from '../world/World.ts';
import { receivedOver, type Way, ways } from './line.ts';

/** The line to somebody, or from somebody, carries much less for a while. */

const narrowMs = 15_000;
const lookEveryMs = 250;
/** A larger share of the sound made up for what was lost says that the line is still too full. */
const poor = 0.1;

/** Until when the sound was poor, in milliseconds from now on; 0: never. */
async function untilSoundIsWhole(look: () => Promise<{ samples: number; concealed: number }>): Promise<number> {
  const began = Date.now();
  let before = await look();
  let poorUntil = 0;
  while (Date.now() - began < narrowMs) {
    await pause(lookEveryMs);
    const now = await look();
    const share = (now.concealed - before.concealed) / Math.max(1, now.samples - before.samples);
    if (share > poor) poorUntil = Date.now() - began;
    before = now;
  }
  return poorUntil;
}

/** How wide the pictures are that cross the line of the victim; 0 where one does not come. */
async function widths(world: World, victim: Guest, way: Way): Promise<number[]> {
  if (way === 'down') return widthsAt(victim, undefined);
  const all = await Promise.all(world.without(victim).map((viewer) => widthsAt(viewer, victim.name)));
  return all.flat();
}

/** Of the pictures of that person; undefined: of everybody. */
function widthsAt({ page }: Guest, publisher: string | undefined): Promise<number[]> {
  return page.evaluate(
    (name) =>
      [...window.plenum.participants.values()]
        .filter(({ displayName }) => name === undefined || displayName === name)
        .flatMap((participant) => [...participant.publications.values()])
        .filter(({ kind }) => kind === 'video')
        .map(({ status, layers }) => (status === 'active' ? 1 + (layers?.spatial ?? 0) : 0)),
    publisher,
  );
}

async function untilAsWide(look: () => Promise<number[]>, before: readonly number[]): Promise<void> {
  let now: readonly number[] = [];
  const areBack = async () => {
    now = await look();
    return now.length === before.length && now.every((width, index) => width >= (before[index] ?? 0));
  };
  try {
    await waitFor('the pictures as they were', areBack, { timeoutMs: 60_000, intervalMs: 100 });
  } catch (error) {
    throw new Error(`the pictures were ${before.join(', ')} wide before, and are ${now.join(', ')}`, { cause: error });
  }
}

/** On the way up there is one voice and, as small as these pages show it, one picture: 190 kbit/s in all. */
const rates = {
  up: [
    { kbps: 100, quick: 0, full: 5 },
    { kbps: 200, quick: 0, full: 5 },
  ],
  down: [
    { kbps: 200, quick: 1, full: 10 },
    { kbps: 500, quick: 0, full: 5 },
    { kbps: 1000, quick: 0, full: 5 },
  ],
};

export const narrowLines: readonly Fault[] = ways.flatMap((way) =>
  rates[way].map(
    ({ kbps, quick, full }): Fault => ({
      name: `rate-${way}-${kbps}`,
      what: `the line ${way === 'up' ? 'from' : 'to'} somebody carries ${kbps} kbit/s for 15 s; sound whole again after, pictures as before after, longest time without sound`,
      times: { quick, full },
      figures: {
        adapted: { unit: 'ms', max: 5000, line: 10_000 },
        restored: { unit: 'ms' },
        silence: { unit: 'ms', max: 3000 },
      },
      keepsVisits: true,
      async apply(world, dice): Promise<Harm> {
        const victim = dice.pick(world.guests);
        const before = await widths(world, victim, way);
        victim.home.limit(way, kbps * 1000);
        return {
          hit: victim.name,
          async measure(meter) {
            const adapted = await untilSoundIsWhole(() => receivedOver(world, victim, way));
            const silence = await meter.longest(
              'audio',
              (viewer, publisher) => (way === 'down' ? viewer : publisher) === victim.name,
            );
            victim.home.limit(way, undefined);
            const widened = Date.now();
            await untilAsWide(() => widths(world, victim, way), before);
            return { adapted, silence, restored: Date.now() - widened };
          },
          heal: () => victim.home.restore(),
        };
      },
    }),
  ),
);
