import {
  type Allowance,
  allowanceOf,
  anyVideo,
  audioRate,
  exceeds,
  isAll,
  type Load,
  least,
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
const plenty = 3;
/** Milliseconds until the estimate tells of what is tried, and until it has proved itself. */
const trialGraceMs = 1500;
const trialMs = 4000;
/** What comes back and has to go again within this time, in milliseconds, has failed. */
const provedMs = 15_000;
/** Milliseconds until something comes back or is tried again: doubled each time that it fails. */
const firstWaitMs = 5000;
const lastWaitMs = 15_000;

/** While something is held back nobody gets more than the lowest size; and what is tried, of that the lowest rate. */
const scarceCap: PreferredLayers = { spatialLayer: 0, temporalLayer: 2 };
const trialCap: PreferredLayers = { spatialLayer: 0, temporalLayer: 0 };

/** So much lost audio says that the connection is full, whatever the estimate says. */
const fullLoss = 0.35;
/** So much says so where no video flows, or the estimate has not changed for a while, in milliseconds, */
const blindLoss = 0.15;
const blindMs = 3000;
/** or where two streams lose as much: of one stream there is a report each 2.5 s at most (RFC 3550, 6.3.1). */
const bothMs = 2000;
/** The lowest that there is, and for how long it is held, so that the worker measures anew from there. */
const lowestEstimate = 30_000;
const anewMs = 2000;

export interface BandwidthOptions {
  clock: Clock;
  /** What the participant wants to receive now. */
  load: () => Load;
  /** `allowance` or `cap` are others than before. */
  changed: () => void;
  /** The worker's estimate is no higher than this; undefined: as it is measured. */
  limitEstimate: (bitsPerSecond: number | undefined) => void;
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
  #estimateChangedAt = Number.NEGATIVE_INFINITY;
  /** When a stream has lost much. */
  #lostAt = Number.NEGATIVE_INFINITY;
  #cancelAnew: (() => void) | undefined;
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
    const changed = estimate !== this.#estimate;
    // Once a second for each participant: what is well and stays as it is costs nothing.
    if (!changed && this.#allowance === unlimited && !this.#short) return;
    if (changed) this.#estimateChangedAt = this.#options.clock.now();
    this.#estimate = estimate;
    this.update();
  }

  /**
   * Audio is lost. The worker measures by the packets of video that arrive; where a queue of bytes is full, small packets
   * of audio still find a place in it and large ones of video do not: then nothing is measured any more, an estimate of
   * better times stays, and all that the connection carries is lost packets and late signaling.
   *
   * @param ratio share of an audio stream, 0 to 1
   */
  audioLost(ratio: number): void {
    const { clock, limitEstimate, load } = this.#options;
    const now = clock.now();
    const several = now - this.#lostAt < bothMs;
    if (ratio >= blindLoss) this.#lostAt = now;
    const blind = several || now - this.#estimateChangedAt >= blindMs || !anyVideo(this.#allowance, load());
    if (this.#estimate === undefined || this.#cancelAnew || ratio < (blind ? blindLoss : fullLoss)) return;
    limitEstimate(lowestEstimate);
    this.#cancelAnew = clock.after(anewMs, () => {
      this.#cancelAnew = undefined;
      limitEstimate(undefined);
    });
    this.measured(lowestEstimate);
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
    this.#cancelAnew?.();
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
    this.#allow(least(this.#allowance, allowanceOf(load, total)));
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
