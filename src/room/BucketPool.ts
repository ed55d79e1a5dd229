import type { Clock } from './ports.ts';
import { type Rate, TokenBucket } from './TokenBucket.ts';

/** More keys than any server has people: beyond that, the bucket that was used longest ago goes. */
const mostBuckets = 20_000;
const sweepMs = 10_000;

interface Kept {
  bucket: TokenBucket;
  usedAt: number;
}

/**
 * One bucket for each key, for example for each address. Bounded in memory, whoever comes: a bucket that has not been used
 * for as long as it takes to fill is as a new one, and is forgotten.
 */
export class BucketPool {
  readonly #clock: Clock;
  readonly #rate: Rate;
  readonly #most: number;
  /** The one that was used last comes last. */
  readonly #kept = new Map<string, Kept>();
  #cancelSweep: (() => void) | undefined;

  constructor(clock: Clock, rate: Rate, most = mostBuckets) {
    this.#clock = clock;
    this.#rate = rate;
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  of(key: string): TokenBucket {
    const kept = this.#kept.get(key) ?? { bucket: new TokenBucket(this.#clock, this.#rate), usedAt: 0 };
    kept.usedAt = this.#clock.now();
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > this.#most) this.#kept.delete(oldest);
    this.#schedule();
    return kept.bucket;
  }

  close(): void {
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#kept.clear();
  }

  /** Runs only while something is kept. */
  #schedule(): void {
    if (this.#cancelSweep || this.#kept.size === 0) return;
    this.#cancelSweep = this.#clock.after(sweepMs, () => {
      this.#cancelSweep = undefined;
      this.#sweep();
      this.#schedule();
    });
  }

  #sweep(): void {
    const { perSecond, burst } = this.#rate;
    const fullBefore = this.#clock.now() - (burst / perSecond) * 1000;
    for (const [key, { usedAt }] of this.#kept) {
      if (usedAt > fullBefore) return;
      this.#kept.delete(key);
    }
  }
}
