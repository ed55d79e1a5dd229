import { waitFor } from '../../support/waitFor.ts';
import type { Fault, Harm } from '../Fault.ts';
import { pause } from '../pause.ts';
import { receivedBy } from '../world/GapMeter.ts';
import type { Guest } from '../world/Guest.ts';

/** The line to somebody carries much less for a while. */

const narrowMs = 15_000;
const lookEveryMs = 250;
/** A larger share of the sound made up for what was lost says that the line is still too full. */
const poor = 0.1;

/** Until when the sound was poor, in milliseconds from now on; 0: never. */
async function untilSoundIsWhole(victim: Guest): Promise<number> {
  const began = Date.now();
  let before = await sound(victim);
  let poorUntil = 0;
  while (Date.now() - began < narrowMs) {
    await pause(lookEveryMs);
    const now = await sound(victim);
    const share = (now.concealed - before.concealed) / Math.max(1, now.samples - before.samples);
    if (share > poor) poorUntil = Date.now() - began;
    before = now;
  }
  return poorUntil;
}

async function sound(victim: Guest): Promise<{ samples: number; concealed: number }> {
  const received = Object.values(await receivedBy(victim));
  return {
    samples: received.reduce((total, { samples }) => total + samples, 0),
    concealed: received.reduce((total, { concealed }) => total + concealed, 0),
  };
}

/** How wide the pictures are that come from the others; 0 where none comes. */
function widths(victim: Guest): Promise<number[]> {
  return victim.page.evaluate(() =>
    [...window.plenum.participants.values()]
      .flatMap((participant) => [...participant.publications.values()])
      .filter(({ kind }) => kind === 'video')
      .map(({ status, layers }) => (status === 'active' ? 1 + (layers?.spatial ?? 0) : 0)),
  );
}

const rates = [
  { kbps: 200, times: { quick: 0, full: 10 } },
  { kbps: 500, times: { quick: 0, full: 5 } },
  { kbps: 1000, times: { quick: 0, full: 5 } },
];

export const narrowLines: readonly Fault[] = rates.map(
  ({ kbps, times }): Fault => ({
    name: `rate-${kbps}`,
    what: `the line to somebody carries ${kbps} kbit/s for 15 s; sound whole again after, pictures as before after, longest time without sound`,
    times,
    figures: { adapted: { unit: 'ms', max: 5000 }, restored: { unit: 'ms' }, silence: { unit: 'ms' } },
    async apply(world, dice): Promise<Harm> {
      const victim = dice.pick(world.guests);
      const before = await widths(victim);
      victim.home.limitDown(kbps * 1000);
      return {
        hit: victim.name,
        async measure(meter) {
          const adapted = await untilSoundIsWhole(victim);
          const silence = await meter.longest('audio', (viewer) => viewer === victim.name);
          victim.home.limitDown(undefined);
          const widened = Date.now();
          await waitFor(
            'the pictures as they were',
            async () => (await widths(victim)).every((width, index) => width >= (before[index] ?? 0)),
            { timeoutMs: 60_000, intervalMs: 100 },
          );
          return { adapted, silence, restored: Date.now() - widened };
        },
        heal: () => victim.home.restore(),
      };
    },
  }),
);
