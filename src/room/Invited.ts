import type { Clock } from './ports.ts';
import type { TokenHolder } from './Redirects.ts';

/** So long the room waits for somebody, in milliseconds: a client that was told comes at once, unless its network fails. */
const patienceMs = 20_000;

/** Gives up the place that is kept for a visit, if one is. */
type Vacate = () => void;

interface Expected {
  tokenRoom: string;
  cancel: () => void;
  visits: Vacate[];
}

const nothing: Vacate = () => undefined;

/** Those who were let in from the lobby or moved here, and are on their way: the door is open for them, and the room stays. */
export class Invited {
  readonly #clock: Clock;
  readonly #several: boolean;
  readonly #changed: () => void;
  readonly #expected = new Map<string, Expected>();

  /**
   * @param several whether a person may be in the room several times: then each of its visits is expected
   * @param changed somebody is expected no more
   */
  constructor(clock: Clock, several: boolean, changed: () => void) {
    this.#clock = clock;
    this.#several = several;
    this.#changed = changed;
  }

  get size(): number {
    return this.#expected.size;
  }

  has(identity: string): boolean {
    return this.#expected.has(identity);
  }

  /** Whether a place is kept for one of its visits. */
  keepsPlace(identity: string): boolean {
    return this.#expected.get(identity)?.visits.some((vacate) => vacate !== nothing) ?? false;
  }

  /** The room that the token of whoever is on the way names. */
  tokenRoomOf(identity: string): string | undefined {
    return this.#expected.get(identity)?.tokenRoom;
  }

  /** @param visits how many, or, of each, what gives up the place that is kept for it */
  expect({ identity, tokenRoom }: TokenHolder, visits: number | readonly Vacate[]): void {
    const expected = this.#expected.get(identity);
    expected?.cancel();
    const cancel = this.#clock.after(patienceMs, () => this.over(identity));
    const more = typeof visits === 'number' ? Array.from({ length: visits }, () => nothing) : visits;
    this.#expected.set(identity, { tokenRoom, cancel, visits: [...(expected?.visits ?? []), ...more] });
  }

  /** A visit begins, and takes its place itself. */
  vacate(identity: string): void {
    const visits = this.#expected.get(identity)?.visits;
    if (!visits) return;
    visits.shift()?.();
    // It is expected until it is there.
    visits.push(nothing);
  }

  /** A visit has come, or is not to come any more. */
  came(identity: string): void {
    const expected = this.#expected.get(identity);
    if (!expected) return;
    if (this.#several) expected.visits.pop()?.();
    if (!this.#several || expected.visits.length === 0) this.over(identity);
  }

  /** None of its visits is expected any more. */
  over(identity: string): void {
    const expected = this.#expected.get(identity);
    if (!expected) return;
    this.#end(identity, expected);
    this.#changed();
  }

  close(): void {
    for (const [identity, expected] of [...this.#expected]) this.#end(identity, expected);
  }

  #end(identity: string, { cancel, visits }: Expected): void {
    cancel();
    this.#expected.delete(identity);
    for (const vacate of visits) vacate();
  }
}
