/** What could not be sent in time is forgotten after this, so that no pause is followed by more than is due. */
const longestBacklogMs = 250;

/** Says how much is due at a steady rate. */
export class Pacer {
  readonly #perMs: number;
  #at: number;
  #due = 0;

  constructor(perSecond: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#at = now;
  }

  /** What is due and not yet spent. */
  due(now: number): number {
    this.#due = Math.min(this.#due + (now - this.#at) * this.#perMs, longestBacklogMs * this.#perMs);
    this.#at = now;
    return this.#due;
  }

  spend(units: number): void {
    this.#due -= units;
  }

  /** Does the work as often as it is due; `work` says whether it did anything. */
  run(now: number, work: () => boolean): void {
    while (this.due(now) >= 1 && work()) this.spend(1);
  }
}
