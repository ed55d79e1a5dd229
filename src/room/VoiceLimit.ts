import type { Clock } from './ports.ts';

/** Loss, as a share, that says that a connection is full which carries nothing but audio. */
const muchLost = 0.15;
/** Milliseconds for which reports may still tell of the time before there were fewer voices (RFC 3550, 6.3.1). */
const settleMs = 5000;
/**
 * Milliseconds until there is one voice more, doubled each time that this was too much; and until there are two more, and
 * so on, where it was not.
 */
const firstWaitMs = 10_000;
const lastWaitMs = 40_000;
const nextWaitMs = 5000;
/** What is too much shows within this time, in milliseconds. */
const provedMs = 15_000;

export interface VoiceLimitOptions {
  clock: Clock;
  /** How many voices there would be. */
  voices: () => number;
  /** `limit` is another than before. */
  changed: () => void;
}

/**
 * How many voices a connection carries of which nothing is known but the losses: the worker measures with video only, and
 * there has never been any.
 */
export class VoiceLimit {
  readonly #options: VoiceLimitOptions;
  #limit = Number.POSITIVE_INFINITY;
  #loweredAt = Number.NEGATIVE_INFINITY;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #wait = firstWaitMs;
  /** How many more the next time. */
  #step = 1;
  #cancelRaise: (() => void) | undefined;

  constructor(options: VoiceLimitOptions) {
    this.#options = options;
  }

  /** At least one; infinite: all. */
  get limit(): number {
    return this.#limit;
  }

  /** @param ratio share of an audio stream, 0 to 1, that did not arrive */
  lost(ratio: number): void {
    const { clock, voices } = this.#options;
    const now = clock.now();
    const flowing = Math.min(this.#limit, voices());
    if (ratio < muchLost || flowing < 2 || now - this.#loweredAt < settleMs) return;
    this.#wait = now - this.#raisedAt < provedMs ? Math.min(lastWaitMs, this.#wait * 2) : firstWaitMs;
    this.#loweredAt = now;
    this.#step = 1;
    this.#raiseAfter(this.#wait);
    // What remains has to fit beside what a report leaves out: it tells of better times, too.
    this.#set(Math.max(1, Math.min(flowing - 1, Math.floor(flowing * (1 - ratio)) - 1)));
  }

  /** Ends it. @returns the limit until now */
  take(): number {
    this.close();
    const limit = this.#limit;
    this.#limit = Number.POSITIVE_INFINITY;
    return limit;
  }

  close(): void {
    this.#cancelRaise?.();
    this.#cancelRaise = undefined;
  }

  #raise(): void {
    this.#raisedAt = this.#options.clock.now();
    const limit = this.#limit + this.#step;
    this.#step *= 2;
    const isAll = limit >= this.#options.voices();
    if (!isAll) this.#raiseAfter(nextWaitMs);
    this.#set(isAll ? Number.POSITIVE_INFINITY : limit);
  }

  #raiseAfter(ms: number): void {
    this.#cancelRaise?.();
    this.#cancelRaise = this.#options.clock.after(ms, () => {
      this.#cancelRaise = undefined;
      this.#raise();
    });
  }

  #set(limit: number): void {
    this.#limit = limit;
    this.#options.changed();
  }
}
