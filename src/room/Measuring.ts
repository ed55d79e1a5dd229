import type { Clock } from './ports.ts';

/** The lowest that there is, and for how long it is held, so that the worker measures anew from there. Milliseconds. */
export const lowestEstimate = 30_000;
const anewMs = 2000;

/** Milliseconds between two looks whether there is more; and after one that has found more. */
const probeEveryMs = 4000;
const furtherMs = 1000;
/** For so many times what is known, but for as much at least: of less there is hardly a packet to measure with. */
const further = 4;
const lowestProbe = 300_000;
/** Found is what came out close to what was looked for. */
const found = 0.7;
/** The worker looks only for more than it was allowed before: where nothing has changed, each limit is a little higher. */
const otherwise = 1000;
const muchTheSame = 1.1;
/** What is tried needs some more than it is planned to; and at most so much is assumed, in bits per second. */
const generous = 1.5;
const mostAssumed = 250_000;

export interface MeasuringOptions {
  clock: Clock;
  /** The worker's estimate is no higher than this; undefined: as it is measured. */
  limitEstimate: (bitsPerSecond: number | undefined) => void;
  /** It is no lower than this; undefined: as it is measured. */
  floorEstimate: (bitsPerSecond: number | undefined) => void;
  /** In bits per second; undefined: nothing has been measured. */
  estimate: () => number | undefined;
}

/**
 * Makes the worker measure when it would not. It measures by packets of video: where none flow, an estimate stays as it
 * is. But each higher limit makes it send a few packets, of padding, at that rate, for some milliseconds; and a floor makes
 * it send the video itself.
 */
export class Measuring {
  readonly #options: MeasuringOptions;
  #cancelAnew: (() => void) | undefined;
  #cancelProbe: (() => void) | undefined;
  #cancelAssumed: (() => void) | undefined;
  /** Bits per second, as long as something is held back. */
  #limit = 0;
  #awaited = false;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  /** Whether the estimate is held at the lowest. */
  get isAnew(): boolean {
    return this.#cancelAnew !== undefined;
  }

  /** From the lowest, whatever was measured before. */
  anew(): void {
    const { clock, limitEstimate } = this.#options;
    this.#assumeNoMore();
    limitEstimate(lowestEstimate);
    this.#cancelAnew?.();
    this.#cancelAnew = clock.after(anewMs, () => {
      this.#cancelAnew = undefined;
      if (this.#cancelProbe) this.#probe();
      else limitEstimate(undefined);
    });
  }

  /** Something is held back: from time to time it is looked whether there is more. */
  seek(): void {
    if (!this.#cancelProbe) this.#probeAfter(probeEveryMs);
  }

  /** Something comes back, and is to be measured soon. */
  seekSoon(): void {
    this.#probeAfter(furtherMs);
  }

  /**
   * For a moment the connection is taken for one that carries so much, whatever was measured: the worker sends nothing of a
   * video that does not fit, and then there is nothing to measure with either.
   */
  assume(bitsPerSecond: number, forMs: number): void {
    const { clock, floorEstimate, estimate } = this.#options;
    const floor = Math.min(mostAssumed, Math.round(bitsPerSecond * generous));
    if (this.isAnew || floor <= (estimate() ?? 0)) return;
    this.#cancelAssumed?.();
    floorEstimate(floor);
    this.#cancelAssumed = clock.after(forMs, () => this.#assumeNoMore());
  }

  #assumeNoMore(): void {
    if (!this.#cancelAssumed) return;
    this.#cancelAssumed();
    this.#cancelAssumed = undefined;
    this.#options.floorEstimate(undefined);
  }

  /** Nothing is held back any more. */
  rest(): void {
    if (!this.#cancelProbe) return;
    this.#cancelProbe();
    this.#cancelProbe = undefined;
    this.#awaited = false;
    if (!this.isAnew) this.#options.limitEstimate(undefined);
  }

  /** There is a new estimate. */
  measured(estimate: number): void {
    if (!this.#awaited || estimate < this.#limit * found) return;
    this.#awaited = false;
    if (this.#cancelProbe) this.#probeAfter(furtherMs);
  }

  close(): void {
    this.#cancelAssumed?.();
    this.#cancelAssumed = undefined;
    this.#cancelAnew?.();
    this.#cancelProbe?.();
    this.#cancelAnew = undefined;
    this.#cancelProbe = undefined;
  }

  #probeAfter(ms: number): void {
    this.#cancelProbe?.();
    this.#cancelProbe = this.#options.clock.after(ms, () => this.#probe());
  }

  #probe(): void {
    const { estimate, limitEstimate } = this.#options;
    this.#probeAfter(probeEveryMs);
    if (this.isAnew) return;
    const rate = Math.max(lowestProbe, further * (estimate() ?? 0));
    const same = rate <= this.#limit && this.#limit < rate * muchTheSame;
    this.#limit = same ? this.#limit + otherwise : rate;
    this.#awaited = true;
    limitEstimate(this.#limit);
  }
}
