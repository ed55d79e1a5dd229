import type { Person } from './Person.ts';

/** From now on measures how long the picture of a tile stands still; gives the longest time so far, in milliseconds. */
export async function watchFrameGap(tile: ReturnType<Person['tile']>): Promise<() => Promise<number>> {
  const watch = await tile.evaluateHandle((element) => {
    const video = element.querySelector('video');
    const seen = { last: performance.now(), longest: 0 };
    const painted = () => {
      const now = performance.now();
      seen.longest = Math.max(seen.longest, now - seen.last);
      seen.last = now;
      video?.requestVideoFrameCallback(painted);
    };
    video?.requestVideoFrameCallback(painted);
    return seen;
  });
  return () => watch.evaluate(({ last, longest }) => Math.max(longest, performance.now() - last));
}
