import { pause } from './backoff.ts';
import { toPlenumError } from './errors.ts';

/** So often something is tried again that the server wants later. */
const mostTries = 5;
/** Whoever has to wait for longer hears of it. Milliseconds. */
const longestWaitMs = 10_000;

/**
 * Does what the server may refuse for the moment: waits as long as it says (`retryAfterMs`), and tries again.
 * @throws whatever the work throws without saying when to try again, or each time
 */
export async function patiently<T>(signal: AbortSignal, work: (tries: number) => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work(tries);
    } catch (error) {
      const { retryAfterMs } = toPlenumError(error);
      if (signal.aborted || retryAfterMs === undefined) throw error;
      if (retryAfterMs > longestWaitMs || tries >= mostTries) throw error;
      await pause(retryAfterMs, signal);
    }
  }
}
