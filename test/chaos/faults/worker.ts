import { waitFor } from '../../support/waitFor.ts';
import { type Fault, type Harm, nothingToHeal } from '../Fault.ts';
import type { World } from '../world/World.ts';
import { longestStandstill, standstill } from './standstill.ts';

/** The worker that carries the call dies, or does nothing any more. */

async function untilRebuilt(world: World, meter: Parameters<Harm['measure']>[0], pid: number) {
  const isReplaced = async () => (await world.server.health()).workers.each.every((worker) => worker.pid !== pid);
  await waitFor('the worker to be replaced', isReplaced, { timeoutMs: 15_000, intervalMs: 100 });
  await world.untilCalm();
  return longestStandstill(meter);
}

export const workerKilled: Fault = {
  name: 'worker-killed',
  what: 'the worker of the call is killed; pictures and sound stand still',
  times: { quick: 2, full: 100 },
  keepsVisits: true,
  soak: 'begun',
  figures: standstill({ p95: 3000, max: 5000 }),
  expected: [/media worker died/],
  async apply(world): Promise<Harm> {
    const pid = await world.server.busiestWorker();
    process.kill(pid, 'SIGKILL');
    return { hit: `worker ${pid}`, measure: (meter) => untilRebuilt(world, meter, pid), heal: nothingToHeal };
  },
};

export const workerHung: Fault = {
  name: 'worker-hung',
  what: 'the worker of the call stops in its tracks (SIGSTOP); pictures and sound stand still',
  times: { quick: 1, full: 20 },
  keepsVisits: true,
  figures: standstill({ p95: 5000, max: 7000 }),
  expected: [/media worker/],
  async apply(world): Promise<Harm> {
    const pid = await world.server.busiestWorker();
    process.kill(pid, 'SIGSTOP');
    return {
      hit: `worker ${pid}`,
      measure: (meter) => untilRebuilt(world, meter, pid),
      async heal() {
        // It has usually been killed by now.
        if (world.server.processes().includes(pid)) process.kill(pid, 'SIGCONT');
      },
    };
  },
};
