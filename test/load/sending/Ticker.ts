/** Something that is due from time to time. */
export interface Ticking {
  /** @param now `performance.now()` */
  tick(now: number): void;
}

const tickMs = 4;

/** One timer for everything that a process sends; it runs only while somebody sends. */
export class Ticker {
  readonly #members = new Set<Ticking>();
  #timer: NodeJS.Timeout | undefined;

  add(member: Ticking): void {
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
  }

  remove(member: Ticking): void {
    this.#members.delete(member);
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const now = performance.now();
    for (const member of this.#members) member.tick(now);
  }
}
