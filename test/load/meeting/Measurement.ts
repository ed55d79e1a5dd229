import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import type { Histogram } from '../Histogram.ts';
import type { Reception } from '../receiving/Receiver.ts';
import type { LoadReport, StreamReport } from '../report.ts';
import type { Joined } from './LoadMeeting.ts';

/** What has come and gone. */
export interface Totals {
  /** RTP packets of subscriptions. */
  packets: number;
  lost: number;
  /** RTP packets of all kinds that were sent, retransmissions included. */
  sent: number;
  /** UDP payload of all kinds. */
  bytesIn: number;
  bytesOut: number;
}

const zero: Totals = { packets: 0, lost: 0, sent: 0, bytesIn: 0, bytesOut: 0 };

/** Counts from a moment on; before `start()`, from when it was made. */
export class Measurement {
  readonly #participants: readonly Joined[];
  readonly #latency: Histogram;
  readonly #madeAt = performance.now();
  #startedAt = this.#madeAt;
  #totals = zero;
  #streams = new Map<Reception, { packets: number; lost: number }>();
  #cpu = process.cpuUsage();
  #loop: EventLoopUtilization = performance.eventLoopUtilization();

  constructor(participants: readonly Joined[], latency: Histogram) {
    this.#participants = participants;
    this.#latency = latency;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#totals = this.#count();
    this.#cpu = process.cpuUsage();
    this.#loop = performance.eventLoopUtilization();
    this.#latency.clear();
    for (const reception of this.#receptions()) {
      const { packets, lost } = reception.stream;
      this.#streams.set(reception, { packets, lost });
      reception.stream.restartGap(this.#startedAt);
    }
  }

  get totals(): Totals {
    const now = this.#count();
    const then = this.#totals;
    return {
      packets: now.packets - then.packets,
      lost: Math.max(0, now.lost - then.lost),
      sent: now.sent - then.sent,
      bytesIn: now.bytesIn - then.bytesIn,
      bytesOut: now.bytesOut - then.bytesOut,
    };
  }

  report(outcome: Pick<LoadReport, 'joined' | 'failed' | 'failures'>, interrupted = false): LoadReport {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const { packets, lost, sent, bytesIn, bytesOut } = this.totals;
    const rate = (bytes: number) => (seconds > 0 ? Math.round((bytes * 8) / seconds) : 0);
    const participants = this.#participants.map(({ participant }) => participant);
    return {
      ...outcome,
      joinMs: percentilesOf(participants.map(({ joinMs }) => joinMs)),
      firstPacketMs: percentilesOf(participants.flatMap(({ firstPacketMs }) => firstPacketMs ?? [])),
      latencyMs: {
        p50: rounded(this.#latency.percentile(0.5)),
        p95: rounded(this.#latency.percentile(0.95)),
        p99: rounded(this.#latency.percentile(0.99)),
      },
      packetsReceived: packets,
      packetsLost: lost,
      packetsSent: sent,
      lossRatio: packets + lost > 0 ? lost / (packets + lost) : 0,
      bitrateIn: rate(bytesIn),
      bitrateOut: rate(bytesOut),
      clientCpuSeconds: (user + system) / 1e6,
      clientBusy: Math.min(1, performance.eventLoopUtilization(this.#loop).utilization),
      seconds,
      rampSeconds: (this.#startedAt - this.#madeAt) / 1000,
      interrupted,
      streams: this.#participants.flatMap((joined) => this.#streamsOf(joined)),
    };
  }

  *#receptions(): Iterable<Reception> {
    for (const { participant } of this.#participants) yield* participant.receptions;
  }

  #count(): Totals {
    const totals = { ...zero };
    for (const { participant } of this.#participants) {
      const { recv, send } = participant;
      totals.bytesIn += recv.bytesIn + send.bytesIn;
      totals.bytesOut += recv.bytesOut + send.bytesOut;
      totals.sent += send.packetsOut;
      for (const { stream } of participant.receptions) {
        totals.packets += stream.packets;
        totals.lost += stream.lost;
      }
    }
    return totals;
  }

  #streamsOf({ identity, participant }: Joined): StreamReport[] {
    const now = performance.now();
    return participant.receptions.map((reception) => {
      const { subscription, stream, endedAt } = reception;
      const before = this.#streams.get(reception) ?? { packets: 0, lost: 0 };
      return {
        participant: identity,
        publicationId: subscription.publicationId,
        kind: subscription.kind,
        packets: stream.packets - before.packets,
        lost: Math.max(0, stream.lost - before.lost),
        longestGapMs: rounded(stream.longestGapUntil(endedAt ?? now)),
        jitterMs: rounded(stream.jitterMs),
      };
    });
  }
}

/** Values that are few enough to be sorted. */
export function percentilesOf(values: readonly number[]): LoadReport['joinMs'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** To a thousandth. */
function rounded<T extends number | null>(value: T): T;
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
