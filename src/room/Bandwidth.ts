import {
  type Allowance,
  allowanceOf,
  audioRate,
  exceeds,
  isAll,
  type Load,
  oneMore,
  unlimited,
} from './bandwidthPolicy.ts';
import type { Clock, PreferredLayers } from './ports.ts';

/** Milliseconds that a shortage must last before something is held back: an estimate may dip for a moment. */
const patienceMs = 1500;
/** The same where something is held back already: then each second of too much is heard in the audio. */
const shortPatienceMs = 300;
/** An estimate that has grown by this much since a shortage began is on its way up. */
const growth = 1.1;
/** Milliseconds that there must be room, with a margin, before something comes back. */
const roomyMs = 2000;
const margin = 1.25;
/** With so many times what all of it needs, nothing has to wait for its turn. */
const plenty = 5;
/** Milliseconds until the estimate tells of what is tried, and until it has proved itself. */
const trialGraceMs = 1500;
const trialMs = 4000;
/** What comes back and has to go again within this time, in milliseconds, has failed. */
const provedMs = 15_000;
/** Milliseconds until something comes back or is tried again: doubled each time that it fails. */
const firstWaitMs = 5000;
const lastWaitMs = 30_000;

/** While something is held back nobody gets more than the lowest size; and what is tried, of that the lowest rate. */
const scarceCap: PreferredLayers = { spatialLayer: 0, temporalLayer: 2 };
const trialCap: PreferredLayers = { spatialLayer: 0, temporalLayer: 0 };

export interface BandwidthOptions {
  clock: Clock;
  /** What the participant wants to receive now. */
  load: () => Load;
  /** `allowance` or `cap` are others than before. */
  changed: () => void;
}

interface Since {
  at: number;
  estimate: number;
}

/**
 * Decides for one participant what its connection can carry. What is held back comes back when the estimate has grown;
 * but the worker measures no more than it has to send, so that an estimate may stay too low, and from time to time one
 * thing is tried all the same.
 */
export class Bandwidth {
  readonly #options: BandwidthOptions;
  #estimate: number | undefined;
  #allowance: Allowance = unlimited;
  #short: Since | undefined;
  #roomySince: number | undefined;
  #trialSince: number | undefined;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #wait = firstWaitMs;
  #nextRaiseAt = Number.NEGATIVE_INFINITY;
  #cancelLook: (() => void) | undefined;

  constructor(options: BandwidthOptions) {
    this.#options = options;
  }

  /** How much may be received now. */
  get allowance(): Allowance {
    return this.#allowance;
  }

  /** The highest layers that any video may have now; undefined: all. */
  get cap(): PreferredLayers | undefined {
    if (this.#trialSince !== undefined) return trialCap;
    return this.#allowance === unlimited ? undefined : scarceCap;
  }

  /** @param estimate bits per second that the connection can carry besides the audio that flows, as measured now */
  measured(estimate: number): void {
    this.#estimate = estimate;
    this.update();
  }

  /** What is wanted may have changed. */
  update(): void {
    const { clock, load } = this.#options;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    if (this.#estimate === undefined) return;
    const wanted = load();
    const now = clock.now();
    const lookAt = this.#decide(now, this.#estimate + audioRate(this.#allowance, wanted), wanted);
    if (lookAt !== undefined) this.#cancelLook = clock.after(Math.max(0, lookAt - now), () => this.update());
  }

  close(): void {
    this.#cancelLook?.();
    this.#estimate = undefined;
  }

  /**
   * @param total bits per second of audio and video that the connection can carry
   * @returns when to look again although nothing is measured until then
   */
  #decide(now: number, total: number, load: Load): number | undefined {
    const short = exceeds(this.#allowance, allowanceOf(load, total), load);
    if (this.#trialSince !== undefined) return this.#watchTrial(now, total, load, short, this.#trialSince);
    if (short) return this.#bearShortage(now, total, load);
    this.#short = undefined;
    if (this.#allowance === unlimited) return undefined;
    const roomy = allowanceOf(load, total / margin);
    if (exceeds(roomy, this.#allowance, load) || isAll(roomy, load)) return this.#fillRoom(now, total, roomy, load);
    this.#roomySince = undefined;
    if (isAll(this.#allowance, load)) return undefined;
    if (now < this.#nextRaiseAt) return this.#nextRaiseAt;
    return this.#raise(now, oneMore(this.#allowance, load));
  }

  #bearShortage(now: number, total: number, load: Load): number {
    this.#roomySince = undefined;
    if (!this.#short || total > this.#short.estimate * growth) this.#short = { at: now, estimate: total };
    const until = this.#short.at + (this.#allowance === unlimited ? patienceMs : shortPatienceMs);
    return now < until ? until : this.#lower(now, total, load);
  }

  #lower(now: number, total: number, load: Load): number {
    this.#short = undefined;
    this.#trialSince = undefined;
    this.#wait = now - this.#raisedAt < provedMs ? Math.min(lastWaitMs, this.#wait * 2) : firstWaitMs;
    this.#nextRaiseAt = now + this.#wait;
    this.#allow(allowanceOf(load, total));
    return this.#nextRaiseAt;
  }

  #fillRoom(now: number, total: number, roomy: Allowance, load: Load): number | undefined {
    this.#roomySince ??= now;
    const sure = isAll(allowanceOf(load, total / plenty), load);
    const until = Math.max(this.#roomySince + roomyMs, sure ? now : this.#nextRaiseAt);
    if (now < until) return until;
    this.#roomySince = undefined;
    if (!isAll(this.#allowance, load)) return this.#raise(now, roomy);
    this.#allow(unlimited);
    return undefined;
  }

  /** Whatever comes back is watched: an estimate of what has not been sent may be far too high, too. */
  #raise(now: number, allowance: Allowance): number {
    this.#trialSince = now;
    this.#raisedAt = now;
    this.#allow(allowance);
    return now + trialGraceMs;
  }

  #watchTrial(now: number, total: number, load: Load, short: boolean, since: number): number | undefined {
    if (now < since + trialGraceMs) return since + trialGraceMs;
    if (short) return this.#lower(now, total, load);
    if (now < since + trialMs) return since + trialMs;
    this.#trialSince = undefined;
    this.#nextRaiseAt = now + firstWaitMs;
    const done = isAll(this.#allowance, load) && isAll(allowanceOf(load, total / margin), load);
    this.#allow(done ? unlimited : this.#allowance);
    return this.#decide(now, total, load);
  }

  #allow(allowance: Allowance): void {
    this.#allowance = allowance;
    this.#options.changed();
  }
}
