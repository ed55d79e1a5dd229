/** How long the attempts to come back go on, in milliseconds: routers and servers that start anew take minutes. */
export const giveUpAfterMs = 300_000;
/** However long that was: a laptop that slept has made few of them. */
export const leastAttempts = 12;

/**
 * Milliseconds before attempt number `attempt` (from 0): growing, and jittered, so that those who were thrown out together
 * do not come back in one moment. It is counted from the beginning of one attempt to that of the next: in the first half
 * minute they are at most 2 s apart, and 5 s later.
 */
export function backoffMs(attempt: number, elapsedMs: number, random: () => number = Math.random): number {
  const cap = elapsedMs < 30_000 ? 1500 : 5000;
  const base = Math.min(cap, 250 * 2 ** Math.min(attempt, 10));
  return Math.round(base * (0.5 + random() / 2));
}

/**
 * After how many milliseconds an attempt counts as slow, so that the next one begins beside it. Jittered: they must not stay
 * in step with those of others where a server answers nobody.
 */
export function slowAfterMs(random: () => number = Math.random): number {
  return Math.round(1000 + random() * 750);
}

/** Waits, or less long where the browser finds a network again. Rejects where the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      globalThis.removeEventListener('online', done);
      resolve();
    };
    const aborted = () => {
      clearTimeout(timer);
      globalThis.removeEventListener('online', done);
      reject(signal.reason);
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) {
      aborted();
      return;
    }
    signal.addEventListener('abort', aborted, { once: true });
    globalThis.addEventListener('online', done, { once: true });
  });
}
