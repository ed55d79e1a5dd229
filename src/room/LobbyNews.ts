import type { Knock } from '../protocol/index.ts';
import type { Participant } from './Participant.ts';
import type { Present } from './Present.ts';
import type { Clock } from './ports.ts';

/** As the deltas of the room: where a hundred come at once, moderators hear of it in ten lists, not in a hundred. */
const intervalMs = 100;

/** Tells moderators, and nobody else, who waits in the lobby. */
export class LobbyNews {
  readonly #clock: Clock;
  readonly #present: Present;
  readonly #waiting: () => Knock[];
  /** Ends the time in which what changes has to wait. */
  #cancel: (() => void) | undefined;
  #changed = false;
  #closed = false;

  constructor(clock: Clock, present: Present, waiting: () => Knock[]) {
    this.#clock = clock;
    this.#present = present;
    this.#waiting = waiting;
  }

  /** Others wait than before: told at once, then once in each interval. */
  changed(): void {
    this.#changed = true;
    if (!this.#cancel) this.#flush();
  }

  /** For one who has become a moderator, entered as one, or may have missed something. */
  tell({ grants, link }: Participant): void {
    if (grants.moderator) link.notify('lobby', { waiting: this.#waiting() });
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #flush(): void {
    this.#cancel = undefined;
    if (!this.#changed || this.#closed) return;
    this.#changed = false;
    this.#present.each((participant) => this.tell(participant));
    this.#cancel = this.#clock.after(intervalMs, () => this.#flush());
  }
}
