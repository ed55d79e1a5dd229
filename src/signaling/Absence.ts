import type { LeaveReason } from '../protocol/index.ts';
import type { Participant } from '../room/Participant.ts';
import { Pulse } from '../room/Pulse.ts';
import type { Clock, MediaTransport } from '../room/ports.ts';

/**
 * Of a tab that was killed nothing arrives any more; one that lives acknowledges each probe, twice a second. So long may
 * its network be away as well; and whoever was killed is gone for the others within 5 s.
 */
const patienceMs = 4000;

export interface AbsenceOptions {
  participant: Pick<Participant, 'setSilent'> & {
    readonly sendTransport: Pick<MediaTransport, 'bytesReceived'>;
    readonly recvTransport: Pick<MediaTransport, 'bytesReceived'>;
  };
  /** Sends its client something that it acknowledges if it lives. */
  probe: () => void;
  clock: Clock;
  /** How long a participant without a socket is kept at most, in milliseconds. */
  graceMs: number;
  /** It does not come back; called at most once for each absence. */
  gone: (reason: LeaveReason) => void;
}

/** How long a participant stays whose client is silent, or has no socket: as long as its media lives, and not for ever. */
export class Absence {
  readonly #options: AbsenceOptions;
  readonly #pulse: Pulse;
  #silent = false;
  #away: { since: number; reason: LeaveReason; cancel: () => void } | undefined;

  constructor(options: AbsenceOptions) {
    this.#options = options;
    const { participant, clock, probe } = options;
    this.#pulse = new Pulse({
      clock,
      transports: () => [participant.sendTransport, participant.recvTransport],
      probe,
      looked: () => this.#check(),
    });
  }

  /** The socket is there, and says nothing, or something again. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.#update();
  }

  /** The socket is gone. `silent`: because nothing was heard for long; that time counts. */
  begin(reason: LeaveReason): void {
    if (this.#away) return;
    const { clock, graceMs, gone } = this.#options;
    const now = clock.now();
    const since = reason === 'silent' && this.#silent ? this.#pulse.lastAt : now;
    this.#away = { since, reason, cancel: clock.after(graceMs, () => gone(reason)) };
    this.#update();
    this.#check();
  }

  /** There is a socket again. */
  end(): void {
    this.#away?.cancel();
    this.#away = undefined;
    this.#silent = false;
    this.#update();
  }

  close(): void {
    this.#away?.cancel();
    this.#away = undefined;
    this.#pulse.stop();
  }

  #update(): void {
    const absent = this.#silent || this.#away !== undefined;
    if (absent) this.#pulse.start();
    else this.#pulse.stop();
    this.#options.participant.setSilent(absent);
  }

  #check(): void {
    const { clock, gone } = this.#options;
    if (!this.#away) return;
    const { since, reason } = this.#away;
    if (clock.now() - Math.max(since, this.#pulse.lastAt) >= patienceMs) gone(reason);
  }
}
