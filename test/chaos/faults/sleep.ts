import { waitFor } from '../../support/waitFor.ts';
import type { Dice } from '../Dice.ts';
import type { Fault, Harm } from '../Fault.ts';
import { pause } from '../pause.ts';
import type { Guest } from '../world/Guest.ts';
import type { World } from '../world/World.ts';

/** A closed lid: the whole browser stops, and goes on where it was when nobody waits for it any more. */

/** What the browser itself writes when it finds its connections dead. */
const woken = [/WebSocket connection to/, /net::ERR_/];

/** Sound of the last moments before the sleep may still be under way, in milliseconds. */
const underWay = 500;

async function sleepFor(world: World, dice: Dice, seconds: number, muted: boolean): Promise<Harm> {
  const victim = dice.pick(world.guests);
  if (muted) await mute(victim, true);
  await pause(underWay);
  const asleepAt = Date.now();
  victim.freeze();
  return {
    hit: `${victim.name}${muted ? ', muted' : ''}, ${seconds} s`,
    async measure() {
      await pause(seconds * 1000);
      victim.thaw();
      const awakeAt = Date.now();
      await untilBack(world, victim);
      const back = Date.now() - awakeAt;
      if (muted) {
        // Long enough for a microphone that came back live to be heard.
        await pause(2000);
        await expectSilence(world, victim, asleepAt);
      }
      await expectMuted(victim, muted);
      await mute(victim, false);
      await world.untilCalm();
      return { back };
    },
    heal: async () => victim.thaw(),
  };
}

function mute({ page }: Guest, muted: boolean): Promise<void> {
  return page.evaluate((on) => window.plenum.setMicrophoneEnabled(on), !muted);
}

/** They are joined, and everybody else's picture of them moves, and theirs of everybody. */
async function untilBack(world: World, victim: Guest): Promise<void> {
  await waitFor(
    `${victim.name} to be back`,
    async () => (await victim.page.evaluate(() => window.plenum.state)) === 'joined' && (await noPictureMissing(world)),
    { timeoutMs: 30_000, intervalMs: 50 },
  );
}

async function noPictureMissing(world: World): Promise<boolean> {
  const unrest = await world.unrest();
  return unrest.every((what) => what.includes('audio'));
}

async function expectSilence(world: World, victim: Guest, since: number): Promise<void> {
  for (const { name, page } of world.without(victim)) {
    const heardAt = await page.evaluate((speaker) => {
      const { origin, audio } = window.chaosGaps.read();
      return origin + (audio[speaker]?.last ?? Number.NEGATIVE_INFINITY);
    }, victim.name);
    if (heardAt > since) throw new Error(`${name} has heard ${victim.name}, who was muted before the sleep`);
  }
}

async function expectMuted({ name, page }: Guest, before: boolean): Promise<void> {
  const muted = await page.evaluate(() => window.plenum.local?.publications.get('microphone')?.muted);
  if (muted !== before) throw new Error(`muted was ${before} for ${name} before the sleep, and is ${muted} after it`);
}

/** @param muted whether they are, or for the dice to say */
function sleep(name: string, seconds: number, times: Fault['times'], muted?: boolean): Fault {
  return {
    name,
    what: `a laptop sleeps for ${seconds} s, so that its visit has ended; how long until everybody sees everybody again`,
    times,
    figures: { back: { unit: 'ms', max: 10_000 } },
    expected: woken,
    apply: (world, dice) => sleepFor(world, dice, seconds, muted ?? dice.pick([true, false])),
  };
}

export const laptopSleep = sleep('laptop-sleep', 60, { quick: 0, full: 10 });
/** As short as a sleep can be that ends the visit, of somebody who is muted: nobody may hear them after it. */
export const laptopNap = sleep('laptop-nap', 20, { quick: 1, full: 10 }, true);
