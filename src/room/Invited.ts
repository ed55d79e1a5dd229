import type { Clock } from './ports.ts';

/** So long the room waits for somebody, in milliseconds: a client that was told comes at once, unless its network fails. */
const patienceMs = 20_000;

interface Expected {
  cancel: () => void;
  /** Each gives up a place that is kept. */
  places: (() => void)[];
}

/** Those who were let in from the lobby or moved here, and are on their way: the door is open for them, and the room stays. */
export class Invited {
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #expected = new Map<string, Expected>();

  /** @param changed somebody is expected no more */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  get size(): number {
    return this.#expected.size;
  }

  has(identity: string): boolean {
    return this.#expected.has(identity);
  }

  /** @param vacate gives up a place that is kept for it; one for each visit, where a person may be there several times */
  expect(identity: string, vacate?: () => void): void {
    const expected = this.#expected.get(identity);
    expected?.cancel();
    const cancel = this.#clock.after(patienceMs, () => this.over(identity));
    this.#expected.set(identity, { cancel, places: [...(expected?.places ?? []), ...(vacate ? [vacate] : [])] });
  }

  /** It comes, and takes the place itself. */
  vacate(identity: string): void {
    this.#expected.get(identity)?.places.shift()?.();
  }

  /** It has come, or is not to come any more. */
  over(identity: string): void {
    const expected = this.#expected.get(identity);
    if (!expected) return;
    this.#end(identity, expected);
    this.#changed();
  }

  close(): void {
    for (const [identity, expected] of [...this.#expected]) this.#end(identity, expected);
  }

  #end(identity: string, { cancel, places }: Expected): void {
    cancel();
    this.#expected.delete(identity);
    for (const vacate of places) vacate();
  }
}
