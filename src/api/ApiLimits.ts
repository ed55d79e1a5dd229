import { addressKey } from '../addressKey.ts';
import { BucketPool } from '../room/BucketPool.ts';
import type { Clock } from '../room/ports.ts';
import type { Rate } from '../room/TokenBucket.ts';
import { tooMany } from '../signaling/Meter.ts';

/** How much may be asked of the API: by one application, in units of the cheapest request, and how often from one address. */
export class ApiLimits {
  readonly #applications: BucketPool;
  readonly #addresses: BucketPool;

  constructor(clock: Clock, { application, address }: Readonly<Record<'application' | 'address', Rate>>) {
    this.#applications = new BucketPool(clock, application);
    this.#addresses = new BucketPool(clock, address);
  }

  /** For each request, before anything else is known of it. @throws PlenumError `rate-limited` with `retryAfterMs` */
  knock(address: string): void {
    take(this.#addresses, addressKey(address), 1);
  }

  /**
   * For each request whose token is good.
   *
   * @param weight of the operation
   * @throws PlenumError `rate-limited` with `retryAfterMs`
   */
  ask(application: string, weight: number): void {
    take(this.#applications, application, weight);
  }

  close(): void {
    this.#applications.close();
    this.#addresses.close();
  }
}

function take(pool: BucketPool, key: string, units: number): void {
  const bucket = pool.of(key);
  const waitMs = bucket.waitMs(units);
  if (waitMs > 0) throw tooMany('requests', waitMs);
  bucket.take(units);
}
