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
  videoRate,
} from './bandwidthPolicy.ts';
import { lowestEstimate, Measuring } from './Measuring.ts';
import type { Clock, PreferredLayers } from './ports.ts';
import { VoiceLimit } from './VoiceLimit.ts';

/** Milliseconds that a shortage must last before something is held back: an estimate may dip for a moment. */
const patienceMs = 1500;
/** The same where something is held back already: then each second of too much is heard in the audio. */
const shortPatienceMs = 300;
/** An estimate that has grown by this much since a shortage began is on its way up. */
const growth = 1.1;
/** Milliseconds for which there must be room, with a margin, before something comes back. */
const roomyMs = 2000;
const margin = 1.25;
/**
 * With so many times what all of it needs, nothing has to wait for its turn; but it does where the line has just been
 * congested, or something has failed that was tried: the few packets of a probe fit into any queue.
 */
const plenty = 3;
/** Milliseconds until the estimate tells of what is tried, and until it has proved itself. */
const trialGraceMs = 1500;
const trialMs = 4000;
/** An estimate that falls to this share of the best since something is tried says that it was too much. */
const worse = 0.9;
/** An estimate that has stood still for so long says nothing: the worker does not measure, or hears nothing of it. */
const unmeasuredMs = 8000;
/** What comes back and has to go again within this time, in milliseconds, has failed. */
const provedMs = 15_000;
/**
 * Milliseconds until something comes back or is tried, and until it is tried again where it has failed. What is tried is
 * heard in the audio where it is too much, and the worker is made to look whether there is more all the while.
 */
const firstWaitMs = 15_000;
const failedWaitMs = 20_000;
/** The same where nothing was measured while it was tried. */
const unansweredWaitMs = 10_000;

/** While something is held back nobody gets more than the lowest size, and at first, after it came back, its lowest rate. */
const scarceCap: PreferredLayers = { spatialLayer: 0, temporalLayer: 2 };
const trialCap: PreferredLayers = { spatialLayer: 0, temporalLayer: 0 };

/** So much lost audio says that the connection is full, whatever the estimate says. */
const fullLoss = 0.35;
/** So much says so where no video flows, the estimate has not changed for a while, in milliseconds, */
const blindLoss = 0.15;
const blindMs = 3000;
/** or two streams lose as much: of one there is a report each 2.5 s at most (RFC 3550, 6.3.1). */
const bothMs = 2000;

export interface BandwidthOptions {
  clock: Clock;
  /** What the participant wants to receive now. */
  load: () => Load;
  /** `allowance` or `cap` are others than before. */
  changed: () => void;
  /** The worker's estimate is no higher than this; undefined: as it is measured. */
  limitEstimate: (bitsPerSecond: number | undefined) => void;
  /** It is no lower than this; undefined: as it is measured. */
  floorEstimate: (bitsPerSecond: number | undefined) => void;
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
  readonly #measuring: Measuring;
  readonly #voices: VoiceLimit;
  #estimate: number | undefined;
  #estimateChangedAt = Number.NEGATIVE_INFINITY;
  /** When a stream has lost much. */
  #lostAt = Number.NEGATIVE_INFINITY;
  #allowance: Allowance = unlimited;
  #short: Since | undefined;
  #roomySince: number | undefined;
  /** The best estimate since. */
  #trial: Since | undefined;
  #toldCap: PreferredLayers | undefined;
  #raisedAt = Number.NEGATIVE_INFINITY;
  #nextRaiseAt = Number.NEGATIVE_INFINITY;
  /** Until then an estimate counts for less than what has been learned. */
  #wiserUntil = Number.NEGATIVE_INFINITY;
  #cancelLook: (() => void) | undefined;

  constructor(options: BandwidthOptions) {
    this.#options = options;
    const { clock, limitEstimate, floorEstimate, load, changed } = options;
    this.#measuring = new Measuring({ clock, limitEstimate, floorEstimate, estimate: () => this.#estimate });
    this.#voices = new VoiceLimit({ clock, voices: () => load().audio, changed });
  }

  /** How much may be received now. */
  get allowance(): Allowance {
    const { limit } = this.#voices;
    return limit < this.#allowance.audio ? { ...this.#allowance, audio: limit } : this.#allowance;
  }

  /** The highest layers that any video may have now; undefined: all. */
  get cap(): PreferredLayers | undefined {
    if (this.#allowance === unlimited) return undefined;
    return this.#options.clock.now() < this.#raisedAt + provedMs ? trialCap : scarceCap;
  }

  /** @param estimate bits per second that the connection can carry besides the audio that flows, as measured now */
  measured(estimate: number): void {
    const changed = estimate !== this.#estimate;
    // Once a second for each participant: what is well and stays as it is costs nothing.
    if (!changed && this.#allowance === unlimited && !this.#short) return;
    if (changed) this.#estimateChangedAt = this.#options.clock.now();
    const first = this.#estimate === undefined;
    this.#estimate = estimate;
    if (first) this.#takeVoices();
    if (changed) this.#measuring.measured(estimate);
    this.update();
  }

  /**
   * Most of what is sent gets lost and is sent once more, and more and more of it: the connection carries much less than
   * it did, and the worker's estimate, which falls step by step, still fills it.
   */
  congested(): void {
    if (this.#estimate === undefined || this.#measuring.isAnew) return;
    if (anyVideo(this.#allowance, this.#options.load())) this.#isFull(true);
  }

  /**
   * Audio is lost. The worker measures by the packets of video that arrive; where a queue of bytes is full, small packets
   * of audio still find a place in it and large ones of video do not: then nothing is measured any more, an estimate of
   * better times stays, and all that the connection carries is lost packets and late signaling.
   *
   * @param ratio share of an audio stream, 0 to 1
   */
  audioLost(ratio: number): void {
    const { clock, load } = this.#options;
    const now = clock.now();
    const several = now - this.#lostAt < bothMs;
    if (ratio >= blindLoss) this.#lostAt = now;
    if (this.#estimate === undefined) this.#voices.lost(ratio);
    if (this.#estimate === undefined || this.#measuring.isAnew) return;
    const blind = several || now - this.#estimateChangedAt >= blindMs || !anyVideo(this.#allowance, load());
    if (ratio >= (blind ? blindLoss : fullLoss)) this.#isFull(false);
  }

  /** What is wanted may have changed. */
  update(): void {
    const { clock, load } = this.#options;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    if (this.#estimate === undefined) return;
    const wanted = load();
    const now = clock.now();
    if (this.cap !== this.#toldCap) this.#tell();
    const lookAt = this.#decide(now, this.#estimate + audioRate(this.allowance, wanted), wanted);
    if (lookAt !== undefined) this.#cancelLook = clock.after(Math.max(0, lookAt - now), () => this.update());
  }

  close(): void {
    this.#cancelLook?.();
    this.#measuring.close();
    this.#voices.close();
    this.#estimate = undefined;
  }

  /** From the first video on it is measured what the connection carries: how few voices that was is where it begins. */
  #takeVoices(): void {
    const audio = this.#voices.take();
    if (Number.isFinite(audio)) this.#allow(least(this.#allowance, { ...unlimited, audio }));
  }

  /** Video goes at once, and audio after it. @param certain whether chance alone cannot have lost as much */
  #isFull(certain: boolean): void {
    const { clock, load } = this.#options;
    const wanted = load();
    this.#measuring.anew();
    this.#estimateChangedAt = clock.now();
    this.#estimate = lowestEstimate;
    const { videos } = allowanceOf(wanted, lowestEstimate + audioRate(this.allowance, wanted));
    const allowance = least(this.#allowance, { videos, audio: unlimited.audio });
    if (exceeds(this.#allowance, allowance, wanted)) this.#lower(clock.now(), allowance, certain);
    if (certain) this.#wiserUntil = Math.max(this.#wiserUntil, this.#nextRaiseAt);
    this.update();
  }

  /**
   * @param total bits per second of audio and video that the connection can carry
   * @returns when to look again although nothing is measured until then
   */
  #decide(now: number, total: number, load: Load): number | undefined {
    const short = exceeds(this.#allowance, allowanceOf(load, total), load);
    if (this.#trial) return this.#watchTrial(now, total, load, short, this.#trial);
    if (short) return this.#bearShortage(now, total, load);
    this.#short = undefined;
    if (this.#allowance === unlimited) return undefined;
    const roomy = allowanceOf(load, total / margin);
    if (exceeds(roomy, this.#allowance, load) || isAll(roomy, load)) return this.#fillRoom(now, total, roomy, load);
    this.#roomySince = undefined;
    if (isAll(this.#allowance, load)) return undefined;
    if (now < this.#nextRaiseAt) return this.#nextRaiseAt;
    return this.#raise(now, oneMore(this.#allowance, load), load);
  }

  #bearShortage(now: number, total: number, load: Load): number {
    this.#roomySince = undefined;
    if (!this.#short || total > this.#short.estimate * growth) this.#short = { at: now, estimate: total };
    const until = this.#short.at + (this.#allowance === unlimited ? patienceMs : shortPatienceMs);
    return now < until ? until : this.#lower(now, allowanceOf(load, total));
  }

  #lower(now: number, allowance: Allowance, certain = true): number {
    this.#short = undefined;
    this.#trial = undefined;
    const tried = now - this.#raisedAt < provedMs;
    const failed = tried && this.#estimateChangedAt >= this.#raisedAt;
    if (failed) this.#nextRaiseAt = now + failedWaitMs;
    else this.#nextRaiseAt = now + (tried ? unansweredWaitMs : firstWaitMs);
    if (failed && certain) this.#wiserUntil = this.#nextRaiseAt;
    this.#allow(least(this.#allowance, allowance));
    return this.#nextRaiseAt;
  }

  #fillRoom(now: number, total: number, roomy: Allowance, load: Load): number | undefined {
    this.#roomySince ??= now;
    const sure = isAll(allowanceOf(load, total / plenty), load);
    const until = Math.max(this.#roomySince + roomyMs, sure ? this.#wiserUntil : this.#calmAt(load));
    if (now < until) return until;
    this.#roomySince = undefined;
    if (!isAll(this.#allowance, load)) return this.#raise(now, roomy, load);
    this.#allow(unlimited);
    return undefined;
  }

  /** Whatever comes back is watched: an estimate of what has not been sent may be far too high, too. */
  #raise(now: number, allowance: Allowance, load: Load): number {
    this.#trial = { at: now, estimate: this.#estimate ?? 0 };
    this.#raisedAt = now;
    this.#allow(allowance);
    this.#measuring.seekSoon();
    // It would flow no more than before, and nothing would ever be measured.
    if (now - this.#estimateChangedAt >= unmeasuredMs) {
      this.#measuring.assume(videoRate(allowance, load), trialGraceMs);
    }
    return now + trialGraceMs;
  }

  #watchTrial(now: number, total: number, load: Load, short: boolean, trial: Since): number | undefined {
    const estimate = this.#estimate ?? 0;
    const fell = estimate < trial.estimate * worse;
    trial.estimate = Math.max(trial.estimate, estimate);
    if (now < trial.at + trialGraceMs) return trial.at + trialGraceMs;
    const ends = now >= trial.at + trialMs;
    // An estimate from before, which is too low, needs some seconds of pictures until it can have grown.
    if (short && (fell || ends)) return this.#lower(now, allowanceOf(load, total));
    if (!ends) return trial.at + trialMs;
    this.#trial = undefined;
    this.#nextRaiseAt = now + firstWaitMs;
    const done = isAll(this.#allowance, load) && isAll(allowanceOf(load, total / plenty), load);
    this.#allow(done ? unlimited : this.#allowance);
    return this.#decide(now, total, load);
  }

  /** When something more may come back: at the latest when what came back last has proved itself. */
  #calmAt(load: Load): number {
    return isAll(this.#allowance, load) ? this.#raisedAt + provedMs : this.#nextRaiseAt;
  }

  #allow(allowance: Allowance): void {
    this.#allowance = allowance;
    if (allowance === unlimited) this.#raisedAt = Number.NEGATIVE_INFINITY;
    if (allowance === unlimited) this.#measuring.rest();
    else this.#measuring.seek();
    this.#tell();
  }

  #tell(): void {
    this.#toldCap = this.cap;
    this.#options.changed();
  }
}
