import { z } from 'zod';

/** What a run has found; `npm run load -- --json` prints it. Times in milliseconds, rates in bits per second. */

const milliseconds = z.number().nullable().describe('null where nothing was measured');
const percentiles = z.object({ p50: milliseconds, p95: milliseconds, p99: milliseconds });
const count = z.int().min(0);

export const streamReport = z.object({
  participant: z.string(),
  publicationId: z.string(),
  kind: z.enum(['audio', 'video']),
  packets: count,
  lost: count,
  /** The longest time without a packet; with DTX a silent microphone has gaps of 400 ms. */
  longestGapMs: z.number(),
  jitterMs: z.number(),
});

export const loadReport = z.object({
  joined: count,
  failed: count,
  /** Why, and how many of each. */
  failures: z.record(z.string(), count),
  /** From the beginning of the connection to the answer to `join`. */
  joinMs: percentiles,
  /** From the same beginning to the first RTP packet, of those who received anything. */
  firstPacketMs: percentiles,
  /** From the moment in which a publisher sends a packet to the one in which a subscriber reads it. */
  latencyMs: percentiles,
  packetsReceived: count,
  packetsLost: count,
  packetsSent: count,
  lossRatio: z.number().min(0).max(1),
  bitrateIn: z.number().min(0),
  bitrateOut: z.number().min(0),
  /** Of this process, all threads. */
  clientCpuSeconds: z.number().min(0),
  /** Share of the time in which the one thread that moves packets was busy, 0 to 1. */
  clientBusy: z.number().min(0).max(1),
  /** How long was measured: from the end of the ramp, or from the start where it was cut short. */
  seconds: z.number().min(0),
  rampSeconds: z.number().min(0),
  /** Whether it was ended before its time. */
  interrupted: z.boolean(),
  streams: z.array(streamReport),
});

export type LoadReport = z.output<typeof loadReport>;
export type StreamReport = z.output<typeof streamReport>;
