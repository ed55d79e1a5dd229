import type { Clock } from './room/ports.ts';

const intervalMs = 60_000;

/** Something that may happen very often: it is written at once, and then at most once a minute, with how often it was. */
export class RareLog {
  readonly #clock: Pick<Clock, 'now'>;
  #times = 0;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** @param write gets how often it has happened since it was last written */
  note(write: (times: number) => void): void {
    this.#times += 1;
    const now = this.#clock.now();
    if (now - this.#writtenAt < intervalMs) return;
    write(this.#times);
    this.#times = 0;
    this.#writtenAt = now;
  }
}
