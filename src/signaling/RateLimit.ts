import { PlenumError } from '../protocol/index.ts';
import type { Clock } from '../room/ports.ts';
import { type Rate, TokenBucket } from '../room/TokenBucket.ts';

export interface RateLimitOptions extends Rate {
  /** For the message that refuses, for example "lists of participants". */
  what: string;
}

/** A rate that refuses what is beyond it, and says when to come again. */
export class RateLimit {
  readonly #bucket: TokenBucket;
  readonly #message: string;

  constructor(clock: Clock, { what, ...rate }: RateLimitOptions) {
    this.#bucket = new TokenBucket(clock, rate);
    this.#message = `at most ${rate.perSecond} ${what} a second`;
  }

  /** @throws PlenumError `rate-limited` with `retryAfterMs` */
  take(): void {
    const retryAfterMs = this.#bucket.waitMs(1);
    if (retryAfterMs > 0) throw new PlenumError('rate-limited', this.#message, { retryAfterMs });
    this.#bucket.take(1);
  }
}
