const firstDelayMs = 200;
/** Others carry the calls meanwhile. */
const longestDelayMs = 10_000;
/** Nobody carries them: a worker that dies at once may cost a moment of a core each second, but not a call. */
const longestAloneMs = 1000;
/** A worker that lived so long is taken to be sound: its death is a first one again. */
const soundAfterMs = 5000;

interface Waiting {
  timer: NodeJS.Timeout;
  /** On the clock of `performance.now()`. */
  dueAt: number;
}

/**
 * When dead workers are replaced: the first time almost at once, then each time twice as long after its death, so that
 * one that dies again and again does not keep a core busy; but never long while there is no other.
 */
export class Replacements {
  readonly #start: (index: number) => void;
  /** By the worker's index. */
  readonly #delays = new Map<number, number>();
  readonly #waiting = new Map<number, Waiting>();

  /** @param start starts the worker of that index */
  constructor(start: (index: number) => void) {
    this.#start = start;
  }

  /**
   * The worker of that index has died, or could not be started.
   * @param ageMs how long it lived; 0: it could not be started
   * @param alone whether no worker lives now
   */
  died(index: number, { ageMs, alone }: { ageMs: number; alone: boolean }): void {
    if (ageMs >= soundAfterMs) this.#delays.delete(index);
    const delayMs = this.#delays.get(index) ?? firstDelayMs;
    this.#delays.set(index, Math.min(delayMs * 2, longestDelayMs));
    this.#wait(index, alone ? Math.min(delayMs, longestAloneMs) : delayMs);
    if (alone) this.#hurry();
  }

  clear(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  #hurry(): void {
    const late = performance.now() + longestAloneMs;
    for (const [index, { dueAt }] of this.#waiting) if (dueAt > late) this.#wait(index, longestAloneMs);
  }

  #wait(index: number, delayMs: number): void {
    clearTimeout(this.#waiting.get(index)?.timer);
    const timer = setTimeout(() => {
      this.#waiting.delete(index);
      this.#start(index);
    }, delayMs);
    this.#waiting.set(index, { timer, dueAt: performance.now() + delayMs });
  }
}
