import { PlenumError } from '../protocol/index.ts';

/** Soon enough for whoever waits, and late enough that something is done by then. Milliseconds. */
const retryAfterMs = 250;

/** The requests of one visit that are being worked on. */
export class Pending {
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @returns to be called once, when the request has been answered
   * @throws PlenumError `rate-limited` with `retryAfterMs`
   */
  begin(): () => void {
    if (this.#count >= this.#most) {
      throw new PlenumError('rate-limited', `at most ${this.#most} requests at a time`, { retryAfterMs });
    }
    this.#count += 1;
    return () => {
      this.#count -= 1;
    };
  }
}
