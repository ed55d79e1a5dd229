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
  #cancel: (() => void) | undefined;

  constructor(options: EmptinessOptions) {
    this.#options = options;
  }

  /** To be called when somebody has gone, or has not come after all. */
  check(): void {
    this.interrupt();
    const { clock, graceMs, isEmpty, over } = this.#options;
    if (isEmpty()) this.#cancel = clock.after(graceMs(), over);
  }

  /** Somebody comes, or the room has ended. */
  interrupt(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
