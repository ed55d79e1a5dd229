import { PlenumError } from '../protocol/index.ts';
import type { Clock } from '../room/ports.ts';

export interface RateLimitOptions {
  /** For the message that refuses, for example "lists of participants". */
  what: string;
  /** As many at once. */
  burst: number;
  perSecond: number;
}

/** A bucket of tokens, filled again with time: cheap, and it forgives a burst. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #options: RateLimitOptions;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, options: RateLimitOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#tokens = options.burst;
    this.#filledAt = clock.now();
  }

  /** @throws PlenumError `rate-limited` */
  take(): void {
    const { what, burst, perSecond } = this.#options;
    const now = this.#clock.now();
    // A wall clock that was set back gives nothing and takes nothing.
    const filled = (Math.max(0, now - this.#filledAt) / 1000) * perSecond;
    this.#tokens = Math.min(burst, this.#tokens + filled);
    this.#filledAt = now;
    if (this.#tokens < 1) throw new PlenumError('rate-limited', `at most ${perSecond} ${what} a second`);
    this.#tokens -= 1;
  }
}
