import type { Clock } from './ports.ts';

/**
 * What is dear to learn, and as good a moment later: however many ask, it is looked up once in a time, and never twice at
 * once. What failed is not kept.
 */
export class Recent<T> {
  readonly #clock: Clock;
  readonly #keepMs: number;
  readonly #look: () => Promise<T>;
  #last: { value: Promise<T>; until: number } | undefined;

  constructor(clock: Clock, keepMs: number, look: () => Promise<T>) {
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#look = look;
  }

  get(): Promise<T> {
    if (this.#last && this.#clock.now() < this.#last.until) return this.#last.value;
    const value = this.#look();
    // Until it is there, nobody asks again.
    const last = { value, until: Number.POSITIVE_INFINITY };
    this.#last = last;
    const keep = () => {
      last.until = this.#clock.now() + this.#keepMs;
    };
    const forget = () => {
      last.until = Number.NEGATIVE_INFINITY;
    };
    value.then(keep, forget);
    return value;
  }
}
