import type { Histogram } from '../Histogram.ts';
import { findExtension } from '../rtp/header.ts';
import type { ReportBlock } from '../rtp/rtcp.ts';
import { compactNtp, readNtp } from '../rtp/wallClock.ts';

export interface ReceivedStreamOptions {
  ssrc: number;
  clockRate: number;
  /** Id of the extension with the time stamp; 0 where it was not negotiated. */
  captureTimeId: number;
  /** Takes each time through the server, in milliseconds. */
  latency: Histogram;
}

/** What has come of one stream; counters only grow. */
export interface StreamCounters {
  packets: number;
  bytes: number;
  /** Missing in the sequence and never come since. */
  lost: number;
}

/** A packet further away than this is no late or lost packet but a stream that began anew (RFC 3550, A.1). */
const mostMisorder = 3000;

/**
 * One RTP stream as it comes in, by the rules of RFC 3550, A: what is missing in the sequence, jitter, gaps, and the
 * time through the server. `receive()` runs for every packet, so it allocates nothing.
 */
export class ReceivedStream {
  readonly ssrc: number;
  packets = 0;
  bytes = 0;
  /** `performance.now()` of the first packet and of the last; 0 before there was any. */
  firstAt = 0;
  lastAt = 0;
  #longestGapMs = 0;
  readonly #clock: number;
  readonly #captureTimeId: number;
  readonly #latency: Histogram;
  /** With the number of roll-overs above the 16 bits. */
  #first = -1;
  #highest = -1;
  /** Packets in sequences that ended because the stream began anew. */
  #expectedBefore = 0;
  #transit = Number.NaN;
  #jitter = 0;
  #reported = { expected: 0, packets: 0 };
  #lastReport = 0;
  #lastReportAt = 0;

  constructor({ ssrc, clockRate, captureTimeId, latency }: ReceivedStreamOptions) {
    this.ssrc = ssrc;
    this.#clock = clockRate / 1000;
    this.#captureTimeId = captureTimeId;
    this.#latency = latency;
  }

  get expected(): number {
    return this.#expectedBefore + (this.#first < 0 ? 0 : this.#highest - this.#first + 1);
  }

  get lost(): number {
    return Math.max(0, this.expected - this.packets);
  }

  /** The highest sequence number so far with its roll-overs; -1 before the first packet. */
  get highestIndex(): number {
    return this.#highest;
  }

  /** In milliseconds (RFC 3550, 6.4.1). */
  get jitterMs(): number {
    return this.#jitter / this.#clock;
  }

  get counters(): StreamCounters {
    return { packets: this.packets, bytes: this.bytes, lost: this.lost };
  }

  /** @param now `performance.now()` */
  receive(packet: Buffer, now: number): void {
    this.#count(packet.readUInt16BE(2));
    this.packets += 1;
    this.bytes += packet.length;
    if (this.firstAt === 0) this.firstAt = now;
    else if (now - this.lastAt > this.#longestGapMs) this.#longestGapMs = now - this.lastAt;
    this.lastAt = now;
    this.#measureJitter(packet.readUInt32BE(4), now);
    if (this.#captureTimeId === 0) return;
    const at = findExtension(packet, this.#captureTimeId);
    if (at > 0) this.#latency.record(performance.timeOrigin + now - readNtp(packet, at));
  }

  /** From here on `firstAt` is that of the next packet. */
  restartFirst(): void {
    this.firstAt = 0;
  }

  /** From here on the longest gap is measured anew. */
  restartGap(now: number): void {
    this.#longestGapMs = 0;
    if (this.firstAt > 0) this.lastAt = now;
  }

  /** The longest time without a packet, in milliseconds, since `restartGap()`: the one that lasts until `now` counts. */
  longestGapUntil(now: number): number {
    return this.firstAt === 0 ? 0 : Math.max(this.#longestGapMs, now - this.lastAt);
  }

  senderReported(ntp: Buffer, now: number): void {
    this.#lastReport = compactNtp(ntp, 0);
    this.#lastReportAt = now;
  }

  /** What is new since the last report (RFC 3550, A.3). */
  report(now: number): ReportBlock {
    const expected = this.expected - this.#reported.expected;
    const lost = expected - (this.packets - this.#reported.packets);
    this.#reported = { expected: this.expected, packets: this.packets };
    return {
      ssrc: this.ssrc,
      fractionLost: expected > 0 && lost > 0 ? Math.min(255, Math.floor((lost * 256) / expected)) : 0,
      totalLost: this.expected - this.packets,
      highestSequence: Math.max(0, this.#highest) >>> 0,
      jitter: Math.round(this.#jitter),
      lastReport: this.#lastReport,
      delaySinceLastReport:
        this.#lastReportAt === 0 ? 0 : Math.round(((now - this.#lastReportAt) / 1000) * 65_536) >>> 0,
    };
  }

  #count(sequence: number): void {
    if (this.#first < 0) {
      this.#first = sequence;
      this.#highest = sequence;
      return;
    }
    const ahead = ((sequence - this.#highest) << 16) >> 16;
    if (ahead > mostMisorder || ahead < -mostMisorder) {
      this.#expectedBefore += this.#highest - this.#first + 1;
      this.#first = sequence;
      this.#highest = sequence;
      this.#transit = Number.NaN;
    } else if (ahead > 0) {
      this.#highest += ahead;
    }
  }

  #measureJitter(timestamp: number, now: number): void {
    // The difference of two is small although timestamps wrap.
    const transit = now * this.#clock - timestamp;
    const difference = Math.abs(transit - this.#transit);
    this.#transit = transit;
    // A jump is a timestamp that wrapped or a stream that began anew; the first packet has none before it.
    if (difference < 90_000) this.#jitter += (difference - this.#jitter) / 16;
  }
}
