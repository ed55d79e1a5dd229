import type { Person } from './Person.ts';

/**
 * From now on measures how long somebody's camera stands still on a page; gives the longest time so far, in
 * milliseconds. The tile may be taken away meanwhile and another one come.
 */
export async function watchFrameGap(person: Person, name: string): Promise<() => Promise<number>> {
  const watch = await person.page.evaluateHandle((of) => {
    const seen = { last: performance.now(), longest: 0 };
    const watched = new WeakSet<Element>();
    const look = () => {
      const video = document.querySelector<HTMLVideoElement>(
        `[data-testid="tile"][data-source="camera"][data-participant-name="${of}"] video`,
      );
      if (!video || watched.has(video)) return;
      watched.add(video);
      const painted = () => {
        const now = performance.now();
        seen.longest = Math.max(seen.longest, now - seen.last);
        seen.last = now;
        video.requestVideoFrameCallback(painted);
      };
      video.requestVideoFrameCallback(painted);
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    return seen;
  }, name);
  return () => watch.evaluate(({ last, longest }) => Math.max(longest, performance.now() - last));
}
