/** How long an event is tried to be delivered. Milliseconds. */
export const keptMs = 24 * 60 * 60 * 1000;

const firstMs = 1000;
const longestMs = 10 * 60 * 1000;
/** A receiver may ask for longer waits than ours, but not for days. */
const longestAskedMs = 60 * 60 * 1000;

/**
 * How long to wait after so many failures in a row: 1 s, and twice as long each time, up to ten minutes; of that between a
 * half and all, so that those who failed together do not come again together.
 *
 * @param random from 0 to 1
 * @param askedMs what the receiver asked for (`retry-after`)
 */
export function retryDelayMs(failures: number, random: number, askedMs = 0): number {
  const fullMs = Math.min(firstMs * 2 ** (failures - 1), longestMs);
  return Math.max(fullMs * (0.5 + random / 2), Math.min(askedMs, longestAskedMs));
}
