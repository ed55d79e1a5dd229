import { type Fault, type Harm, nothingToHeal } from '../Fault.ts';
import { pause } from '../pause.ts';
import type { World } from '../world/World.ts';
import { longestStandstill, standstill } from './standstill.ts';

/** Somebody's network changes, or carries less than it did. */

/** What the browser itself writes when its connections break. */
const broken = [/WebSocket connection to/, /net::ERR_/];

async function untilBack(world: World, meter: Parameters<Harm['measure']>[0]) {
  // The harm takes a moment to be seen: without it the call would look calm at once.
  await pause(1000);
  await world.untilCalm();
  return longestStandstill(meter);
}

export const networkSwitch: Fault = {
  name: 'network-switch',
  what: 'somebody goes from Wi-Fi to a mobile network, or back; pictures and sound stand still',
  times: { quick: 1, full: 50 },
  keepsVisits: true,
  soak: 'begun',
  figures: standstill({ p95: 4500 }),
  expected: broken,
  async apply(world, dice): Promise<Harm> {
    const victim = dice.pick(world.guests);
    const to = victim.home.link === 'wifi' ? 'mobile' : 'wifi';
    victim.home.switchTo(to);
    return { hit: `${victim.name} to ${to}`, measure: (meter) => untilBack(world, meter), heal: nothingToHeal };
  },
};

export const natRebind: Fault = {
  name: 'nat-rebind',
  what: 'the router of somebody forgets its flows, which get other ports; pictures and sound stand still',
  times: { quick: 1, full: 50 },
  keepsVisits: true,
  soak: 'begun',
  figures: standstill({ p95: 2500, line: 5000 }),
  expected: broken,
  async apply(world, dice): Promise<Harm> {
    const victim = dice.pick(world.guests);
    victim.home.rebind();
    return { hit: victim.name, measure: (meter) => untilBack(world, meter), heal: nothingToHeal };
  },
};

export const udpBlocked: Fault = {
  name: 'udp-blocked',
  what: 'a firewall begins to drop the UDP of somebody; pictures and sound stand still',
  times: { quick: 1, full: 20 },
  keepsVisits: true,
  figures: standstill({ max: 6000, line: 8000 }),
  expected: broken,
  async apply(world, dice): Promise<Harm> {
    const victim = dice.pick(world.guests);
    victim.home.wall('meta l4proto udp drop');
    return {
      hit: victim.name,
      measure: (meter) => untilBack(world, meter),
      heal: () => victim.home.restore(),
    };
  },
};

export const socketCut: Fault = {
  name: 'socket-cut',
  what: 'the signaling of somebody is cut while the media flows; pictures and sound stand still, and back after the network is',
  times: { quick: 1, full: 20 },
  keepsVisits: true,
  soak: 'begun',
  figures: { ...standstill({ max: 500 }), back: { unit: 'ms', max: 2000 } },
  expected: broken,
  async apply(world, dice): Promise<Harm> {
    const victim = dice.pick(world.guests);
    const hard = dice.pick([true, false]);
    const cutMs = dice.between(500, 5000);
    victim.home.wall(hard ? 'tcp dport 3000 reject with tcp reset' : 'tcp dport 3000 drop');
    return {
      hit: `${victim.name}, ${hard ? 'reset' : 'dropped'}, ${cutMs} ms`,
      async measure(meter) {
        await pause(cutMs);
        victim.home.wall();
        const healedAt = Date.now();
        await victim.page.waitForFunction(() => window.plenum.state === 'joined', undefined, { polling: 20 });
        const back = Date.now() - healedAt;
        await world.untilCalm();
        return { ...(await longestStandstill(meter)), back };
      },
      heal: () => victim.home.restore(),
    };
  },
};
