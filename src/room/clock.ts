import type { Clock } from './ports.ts';

export const systemClock: Clock = {
  /** By the wall clock when the process began, and in even steps from then on: whoever sets that clock ends no visit. */
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
