import type { Inventory } from '../../chaos/visits/inventory.ts';
import type { Memory } from './FuzzServer.ts';

/**
 * What an empty server may hold more than before, as a share and in MB beside it: V8 and malloc keep pages for the next
 * burst, and the server remembers some things of those who went (ended visits, revoked tokens) up to a bound.
 */
const allowance: Record<keyof Memory, { share: number; megabytes: number }> = {
  heap: { share: 0.1, megabytes: 10 },
  node: { share: 0.3, megabytes: 60 },
  workers: { share: 0.2, megabytes: 20 },
};

const names: Record<keyof Memory, string> = { heap: 'heap in use', node: 'RSS of Node', workers: 'RSS of the workers' };

/**
 * Some come and go by themselves: engine.io's, which waits half a minute for the next request of a session over polling that
 * it has ended, and Node's, of connections that are kept for the next request.
 */
const moreTimers = 400;

/** These must be exactly as they were. */
const counted = ['listeners', 'objects', 'workers', 'sockets', 'rooms', 'participants'] as const;

/** What has not come back, in words. */
export function grown(before: Memory, after: Memory, held: Inventory, holds: Inventory): string[] {
  const parts = (['heap', 'node', 'workers'] as const).filter((part) => {
    const { share, megabytes } = allowance[part];
    return after[part] > before[part] * (1 + share) + megabytes;
  });
  const timers =
    holds.timers > held.timers + moreTimers ? [`timers: ${held.timers} before, ${holds.timers} after`] : [];
  const counts = counted.filter((key) => JSON.stringify(held[key]) !== JSON.stringify(holds[key]));
  return [
    ...parts.map((part) => `${names[part]}: ${before[part].toFixed(1)} MB before, ${after[part].toFixed(1)} MB after`),
    ...timers,
    ...counts.map((key) => `${key}: ${JSON.stringify(held[key])} before, ${JSON.stringify(holds[key])} after`),
  ];
}
