import { addressKey } from './addressKey.ts';
import { addressOf, type RequestHead, type Trust } from './proxies.ts';
import { BucketPool } from './room/BucketPool.ts';
import type { Clock } from './room/ports.ts';
import type { Rate } from './room/TokenBucket.ts';

/** What may be asked from one address. */
export class AddressLimit {
  readonly #pool: BucketPool;
  readonly #trust: Trust;

  constructor(clock: Clock, rate: Rate, trust: Trust) {
    this.#pool = new BucketPool(clock, rate);
    this.#trust = trust;
  }

  /** @returns 0 where the request may go on, and is counted; else after how many milliseconds it might */
  take(request: RequestHead): number {
    const bucket = this.#pool.of(addressKey(addressOf(request, this.#trust)));
    const waitMs = bucket.waitMs(1);
    if (waitMs === 0) bucket.take(1);
    return waitMs;
  }

  close(): void {
    this.#pool.close();
  }
}
