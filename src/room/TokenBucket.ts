import type { Clock } from './ports.ts';

/**
 * A rate: so many units a second, and as many at once. What is larger than that goes when the bucket is full, and is
 * paid back afterwards.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAt = clock.now();
  }

  /** Milliseconds until so many units may go; 0: now. */
  waitMs(units: number): number {
    this.#fill();
    const missing = Math.min(units, this.#perSecond) - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing / this.#perSecond) * 1000);
  }

  /** To be called when `waitMs` is 0. */
  take(units: number): void {
    this.#tokens -= units;
  }

  #fill(): void {
    const now = this.#clock.now();
    // The wall clock may be set back.
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (elapsed * this.#perSecond) / 1000);
  }
}
