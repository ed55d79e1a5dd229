import { waitFor } from '../../support/waitFor.ts';
import type { Fault, Harm } from '../Fault.ts';
import type { Guest } from '../world/Guest.ts';
import { rosterOf, type World } from '../world/World.ts';

/** Faults after which somebody is not there any more: how long until nobody lists them. */

/** @param began when it was hit, milliseconds since 1970 */
async function untilGone(world: World, victim: Guest, began: number): Promise<number> {
  const others = world.without(victim);
  await waitFor(
    `${victim.name} to be gone`,
    async () => {
      const lists = await Promise.all(others.map(rosterOf));
      return lists.every((list) => !list.includes(victim.name));
    },
    { timeoutMs: 30_000, intervalMs: 50 },
  );
  return Date.now() - began;
}

export const tabKilled: Fault = {
  name: 'tab-killed',
  what: 'the process of a tab is killed; it is gone for the others',
  times: { quick: 1, full: 10 },
  figures: { gone: { unit: 'ms', max: 6000 } },
  async apply(world, dice): Promise<Harm> {
    const victim = dice.pick(world.guests);
    const began = Date.now();
    await victim.killTab();
    return {
      hit: victim.name,
      measure: async () => ({ gone: await untilGone(world, victim, began) }),
      async heal() {
        if (!victim.isHere) await victim.enter();
      },
    };
  },
};

export const halfOpen: Fault = {
  name: 'half-open',
  what: 'nothing gets through to or from somebody, and nobody is told; gone for the others',
  times: { quick: 1, full: 10 },
  figures: { gone: { unit: 'ms', max: 15_000 } },
  expected: [
    /ERR_TIMED_OUT|ERR_CONNECTION_TIMED_OUT|ERR_NETWORK_CHANGED|ERR_CONNECTION_RESET/,
    /WebSocket connection to/,
  ],
  async apply(world, dice): Promise<Harm> {
    const victim = dice.pick(world.guests);
    const began = Date.now();
    await victim.home.silence();
    return {
      hit: victim.name,
      measure: async () => ({ gone: await untilGone(world, victim, began) }),
      heal: () => victim.home.restore(),
    };
  },
};

export const silentClient: Fault = {
  name: 'silent-client',
  what: 'a browser stops in its tracks with its connections open; gone for the others',
  times: { quick: 1, full: 10 },
  figures: { gone: { unit: 'ms', max: 15_000 } },
  expected: [/WebSocket connection to/],
  async apply(world, dice): Promise<Harm> {
    const victim = dice.pick(world.guests);
    const began = Date.now();
    victim.freeze();
    return {
      hit: victim.name,
      measure: async () => ({ gone: await untilGone(world, victim, began) }),
      heal: async () => victim.thaw(),
    };
  },
};
