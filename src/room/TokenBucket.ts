import type { Clock } from './ports.ts';

export interface Rate {
  /** Units a second. */
  perSecond: number;
  /** As many at once. */
  burst: number;
}

/** What lets so many units pass in a time. */
export interface Limit {
  /** Milliseconds until so many units may go; 0: now. */
  waitMs(units: number): number;
  /** To be called when `waitMs` is 0. */
  take(units: number): void;
}

/**
 * A rate, and a burst that it forgives. What is larger than the burst goes when the bucket is full, and is paid back
 * afterwards.
 */
export class TokenBucket implements Limit {
  readonly #clock: Clock;
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = clock.now();
  }

  waitMs(units: number): number {
    this.#fill();
    const { perSecond, burst } = this.#rate;
    const missing = Math.min(units, burst) - this.#tokens;
    return missing <= 0 ? 0 : Math.ceil((missing / perSecond) * 1000);
  }

  take(units: number): void {
    this.#tokens -= units;
  }

  /** Takes them where they may go now; tells whether. */
  tryTake(units: number): boolean {
    if (this.waitMs(units) > 0) return false;
    this.take(units);
    return true;
  }

  #fill(): void {
    const now = this.#clock.now();
    // The wall clock may be set back.
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (elapsed * perSecond) / 1000);
  }
}

/** What has to pass several limits passes all of them, or takes nothing of any. */
export class AllOf implements Limit {
  readonly #limits: readonly Limit[];

  constructor(limits: readonly Limit[]) {
    this.#limits = limits;
  }

  waitMs(units: number): number {
    return this.#limits.reduce((longest, limit) => Math.max(longest, limit.waitMs(units)), 0);
  }

  take(units: number): void {
    for (const limit of this.#limits) limit.take(units);
  }
}

/** Where there is nothing to limit. */
export const unlimited: Limit = new AllOf([]);
