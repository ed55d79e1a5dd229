import type { Clock } from './ports.ts';

export interface EmptinessOptions {
  clock: Clock;
  /** Milliseconds that a room stays without anybody. */
  graceMs: () => number;
  isEmpty: () => boolean;
  /** Nobody has come. */
  over: () => void;
}

/** Ends a room in which nobody is, after a while. */
export class Emptiness {
  readonly #options: EmptinessOptions;
  /** Since when nobody is there. */
  #since: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: EmptinessOptions) {
    this.#options = options;
  }

  /** To be called when somebody has gone, or has not come after all, and when the grace is another one. */
  check(): void {
    const { clock, graceMs, isEmpty, over } = this.#options;
    const since = this.#since ?? clock.now();
    this.interrupt();
    if (!isEmpty()) return;
    this.#since = since;
    this.#cancel = clock.after(Math.max(0, since + graceMs() - clock.now()), over);
  }

  /** Somebody comes; `check()` is to be called when it is there, or is not. */
  pause(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Nothing is to happen any more. */
  interrupt(): void {
    this.pause();
    this.#since = undefined;
  }
}
