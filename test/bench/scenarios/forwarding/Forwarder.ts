import { performance } from 'node:perf_hooks';
import type { Histogram } from '../../../load/Histogram.ts';
import type { LoadContext } from '../../../load/meeting/LoadParticipant.ts';
import type { Reception } from '../../../load/receiving/Receiver.ts';
import type { VideoSender } from '../../../load/sending/VideoSender.ts';
import type { MediaConnection } from '../../../load/transport/MediaConnection.ts';

/** One who receives: its connection, and what comes of each subscription. */
export interface Subscriber {
  readonly recv: MediaConnection;
  readonly receptions: Iterable<Reception>;
}

/** How many there are; every subscriber receives every publisher. */
export interface Crowd {
  publishers: number;
  subscribers: number;
}

/** Seconds of CPU: of the Node process, if there is one, and of what forwards the packets. */
export interface Cpu {
  node: number;
  workers: number;
}

/** One of the servers that are compared, with publishers and subscribers connected to it. */
export interface Forwarder {
  name: string;
  publishers: readonly VideoSender[];
  subscribers: readonly Subscriber[];
  /** Times from the publishers to the subscribers, in milliseconds. */
  latency: Histogram;
  /** Watches the CPU of all its processes from now on. */
  watchCpu(): () => Cpu;
  close(): Promise<void>;
}

export type StartForwarder = (context: LoadContext, crowd: Crowd) => Promise<Forwarder>;

/** What one window has shown. */
export interface Window {
  packets: number;
  cpu: Cpu;
  seconds: number;
  /** Times through the server, in milliseconds; null where none were told. */
  latencyMs: { p50: number | null; p99: number | null };
  /** Share of the time in which the load's own thread was busy, 0 to 1: a starved client sees slow servers. */
  loadBusy: number;
  /** Packets that were missing in the sequences. */
  lost: number;
}

const warmUpMs = 1500;
/** What the joins have left behind (code that is not compiled yet, garbage) is no part of forwarding. */
export const settleMs = 6000;

/** Lets the publishers send for a while and counts what reaches the subscribers, and what the server took for it. */
export async function measureWindow(forwarder: Forwarder, windowMs: number): Promise<Window> {
  const { publishers, subscribers } = forwarder;
  for (const publisher of publishers) {
    publisher.makeKeyFrame();
    publisher.start();
  }
  try {
    await pause(warmUpMs);
    const received = () => subscribers.reduce((sum, { recv }) => sum + recv.packetsIn, 0);
    const before = received();
    const startedAt = performance.now();
    forwarder.latency.clear();
    const lostBefore = lostBy(subscribers);
    const loop = performance.eventLoopUtilization();
    const used = forwarder.watchCpu();
    await pause(windowMs);
    const cpu = used();
    const packets = received() - before;
    if (packets === 0) throw new Error(`${forwarder.name} has forwarded nothing`);
    const { latency } = forwarder;
    return {
      packets,
      cpu,
      seconds: (performance.now() - startedAt) / 1000,
      latencyMs: { p50: latency.percentile(0.5), p99: latency.percentile(0.99) },
      loadBusy: performance.eventLoopUtilization(loop).utilization,
      lost: lostBy(subscribers) - lostBefore,
    };
  } finally {
    for (const publisher of publishers) publisher.stop();
  }
}

/** Packets that were missing in the sequences so far. */
function lostBy(subscribers: readonly Subscriber[]): number {
  let lost = 0;
  for (const { receptions } of subscribers) for (const { stream } of receptions) lost += stream.lost;
  return lost;
}

/** Packets that left for each second of CPU, over all windows. */
export function packetsPerCpuSecond(windows: readonly Window[]): number {
  const packets = windows.reduce((sum, window) => sum + window.packets, 0);
  return packets / windows.reduce((sum, { cpu }) => sum + cpu.node + cpu.workers, 0);
}

/** Milliseconds of CPU in each second, over all windows. */
export function cpuPerSecond(windows: readonly Window[], of: keyof Cpu): number {
  const cpuSeconds = windows.reduce((sum, { cpu }) => sum + cpu[of], 0);
  return (cpuSeconds * 1000) / windows.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Packets that left in each second, over all windows. */
export function packetsPerSecond(windows: readonly Window[]): number {
  const packets = windows.reduce((sum, window) => sum + window.packets, 0);
  return packets / windows.reduce((sum, window) => sum + window.seconds, 0);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Makes so many at a time, so that none waits for its handshake behind hundreds of others. */
export async function inBatches<T>(count: number, size: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const batch = Array.from({ length: Math.min(size, count - made.length) }, (_, index) => make(made.length + index));
    made.push(...(await Promise.all(batch)));
  }
  return made;
}
