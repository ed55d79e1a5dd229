import { Outcomes } from './Outcomes.ts';

/** No reply may take longer, in milliseconds. */
export const slowestReplyMs = 1000;
/** As many are told; the first ones say most. */
const mostTold = 50;

const tickMs = 50;

/** What should not have been. Each is told with where it was found, so that it can be made to happen again. */
export class Findings {
  readonly list: string[] = [];
  /** The slowest reply so far, in milliseconds. */
  slowest = 0;
  replies = 0;
  readonly outcomes = new Outcomes();
  /** Which part of the run is going on, with its seed. */
  readonly running = new Map<string, number>();
  readonly failed: { attack: string; seed: number }[] = [];
  /** What was found while no part was going on. */
  readonly late: string[] = [];
  #stalledMs = 0;
  #tickedAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#stalledMs += Math.max(0, now - this.#tickedAt - tickMs);
      this.#tickedAt = now;
    }, tickMs);
  }

  add(what: string): void {
    if (this.list.length >= mostTold) return;
    const where = [...this.running].map(([attack, seed]) => ({ attack, seed }));
    if (where.length === 0) this.late.push(what);
    this.failed.push(
      ...where.filter(({ attack, seed }) => !this.failed.some((each) => each.attack === attack && each.seed === seed)),
    );
    this.list.push(`${what} (${where.map(({ attack, seed }) => `${attack} ${seed}`).join(', ')})`);
  }

  /** Begins a reply; what is given back ends it. Time in which this process itself stood still does not count. */
  reply(what: () => string): () => void {
    const began = performance.now();
    const stalledBefore = this.#stalledMs;
    return () => {
      const now = performance.now();
      // The tick that is overdue now has not been counted yet.
      const stalled = this.#stalledMs - stalledBefore + Math.max(0, now - this.#tickedAt - tickMs);
      const took = now - began - stalled;
      this.replies += 1;
      this.slowest = Math.max(this.slowest, took);
      if (took > slowestReplyMs) this.add(`a reply took ${Math.round(took)} ms: ${what()}`);
    };
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
