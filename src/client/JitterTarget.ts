import type { VideoCounters } from './videoCounters.ts';

/**
 * For how long a video is held back while its packets get lost, in milliseconds: what is asked for again twice over a
 * round trip of 100 ms still comes in time to be shown.
 */
const heldMs = 350;
/** Over how long requests for lost packets are counted, in milliseconds. */
const countedMs = 3000;
/** So many of them within that time, and so large a share of what came, are no accident. */
const fewest = 2;
const leastShare = 0.02;
/** How long after the last of such times the video is held back, in milliseconds. */
const keptMs = 30_000;

interface Look {
  readonly at: number;
  readonly counters: VideoCounters;
}

/**
 * How long a video's jitter buffer should hold it back. Browsers keep this as short as an even line allows, so that a
 * packet that has to be sent again comes after its picture was due, and the picture stands still. The sound of the same
 * participant is held back as long by the browser, to stay with the lips; sound alone has its own means (Opus FEC).
 */
export class JitterTarget {
  #looks: Look[] = [];
  #poorAt: number | undefined;

  /**
   * @param counters of the track that is received now; undefined: nothing is counted
   * @param now milliseconds of a clock that does not jump
   * @returns for `RTCRtpReceiver.jitterBufferTarget`, in milliseconds; null leaves it to the browser
   */
  look(counters: VideoCounters | undefined, now: number): number | null {
    if (counters) this.#count(counters, now);
    return this.#poorAt !== undefined && now - this.#poorAt < keptMs ? heldMs : null;
  }

  #count(counters: VideoCounters, now: number): void {
    const last = this.#looks.at(-1)?.counters;
    // Another track counts from zero.
    if (last && (counters.packets < last.packets || counters.nacks < last.nacks)) this.#looks = [];
    this.#looks = [...this.#looks.filter(({ at }) => now - at <= countedMs), { at: now, counters }];
    const first = this.#looks[0]?.counters ?? counters;
    const nacks = counters.nacks - first.nacks;
    const packets = counters.packets - first.packets;
    if (nacks >= fewest && nacks >= leastShare * packets) this.#poorAt = now;
  }
}
