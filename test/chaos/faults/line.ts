import { receivedBy } from '../world/GapMeter.ts';
import type { Guest } from '../world/Guest.ts';
import type { Received } from '../world/gapPage.ts';
import type { World } from '../world/World.ts';

/** From somebody, or to somebody. */
export const ways = ['up', 'down'] as const;
export type Way = (typeof ways)[number];

/** What the line of the victim carries: to it, what it receives; from it, what all others receive of it. */
export async function receivedOver(world: World, victim: Guest, way: Way): Promise<Received> {
  if (way === 'down') return sum(Object.values(await receivedBy(victim)));
  const all = await Promise.all(world.without(victim).map(receivedBy));
  return sum(all.flatMap((received) => received[victim.name] ?? []));
}

function sum(received: readonly Received[]): Received {
  const total: Received = { samples: 0, concealed: 0, frozenSeconds: 0, frames: 0 };
  for (const each of received) {
    total.samples += each.samples;
    total.concealed += each.concealed;
    total.frozenSeconds += each.frozenSeconds;
    total.frames += each.frames;
  }
  return total;
}
