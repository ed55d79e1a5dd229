import type { LeaveReason, Moderator } from '../protocol/index.ts';
import { PlenumError, shapes } from '../protocol/index.ts';
import type { Participant } from './Participant.ts';
import type { Clock } from './ports.ts';

export interface SpotlightOptions {
  clock: Clock;
  /** Whether somebody of that identity is there whom others know of. */
  isThere: (identity: string) => boolean;
  /** @param concerned those who are in it from now on, and those who are no more @param by whom the room may know */
  changed: (concerned: readonly string[], by: Moderator | undefined) => void;
}

/** So long clients try to come back whose connection broke, in milliseconds. */
const awayMs = 300_000;

const accidents: ReadonlySet<LeaveReason> = new Set(['disconnected', 'silent', 'failed']);

/**
 * Whom moderators show to everybody first, by identity. Who leaves is out of it; whose connection breaks for longer than
 * its visit is kept has five minutes to come back.
 */
export class Spotlight {
  readonly #options: SpotlightOptions;
  readonly #away = new Map<string, () => void>();
  /** Those who have left it by leaving the room, the latest last: moderators may not have heard it yet. */
  readonly #gone = new Set<string>();
  #identities: readonly string[] = [];
  #closed = false;

  constructor(options: SpotlightOptions) {
    this.#options = options;
  }

  /** The first one first. */
  get identities(): readonly string[] {
    return this.#identities;
  }

  /** The place in the order, from 0; undefined for those who are not in it. */
  placeOf(identity: string): number | undefined {
    const place = this.#identities.indexOf(identity);
    return place === -1 ? undefined : place;
  }

  /** Without those who were in it and have just left. @throws PlenumError `not-found` for others who are not there */
  set(identities: readonly string[], by: Moderator): void {
    const there = identities.filter((each) => this.#options.isThere(each) || this.#away.has(each));
    if (identities.some((each) => !there.includes(each) && !this.#gone.has(each)))
      throw new PlenumError('not-found', 'there is no participant of that identity');
    this.#change(there, by);
  }

  came({ identity }: Participant): void {
    this.#stopWaiting(identity);
  }

  left({ identity }: Participant, reason: LeaveReason): void {
    // Where somebody was replaced, the next visit is there, or just coming.
    if (this.#closed || reason === 'replaced' || this.placeOf(identity) === undefined) return;
    if (this.#options.isThere(identity)) return;
    if (accidents.has(reason)) {
      this.#stopWaiting(identity);
      this.#away.set(
        identity,
        this.#options.clock.after(awayMs, () => this.#drop(identity)),
      );
    } else this.#drop(identity);
  }

  close(): void {
    this.#closed = true;
    for (const identity of [...this.#away.keys()]) this.#stopWaiting(identity);
  }

  #drop(identity: string): void {
    this.#gone.delete(identity);
    this.#gone.add(identity);
    const [first] = this.#gone;
    if (first !== undefined && this.#gone.size > shapes.mostSpotlit) this.#gone.delete(first);
    this.#change(this.#identities.filter((each) => each !== identity));
  }

  #change(identities: readonly string[], by?: Moderator): void {
    const before = this.#identities;
    if (before.length === identities.length && before.every((each, index) => each === identities[index])) return;
    this.#identities = identities;
    for (const identity of before) if (!identities.includes(identity)) this.#stopWaiting(identity);
    this.#options.changed([...new Set([...before, ...identities])], by);
  }

  #stopWaiting(identity: string): void {
    this.#away.get(identity)?.();
    this.#away.delete(identity);
  }
}
