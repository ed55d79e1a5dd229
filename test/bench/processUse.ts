import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says that a process has used so far (proc(5)); each process apart. */

/**
 * Seconds of CPU, in user and in kernel mode, of all threads that live. To the nanosecond: the ticks of /proc/PID/stat
 * are too coarse for work that comes in bursts.
 */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}

/** Memory that is resident now, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

/** Takes what several processes use from now on. */
export function startCpuWatch(pids: readonly number[]): () => { seconds: number; each: number[] } {
  const before = pids.map(cpuSeconds);
  return () => {
    const each = pids.map((pid, index) => cpuSeconds(pid) - (before[index] ?? 0));
    return { seconds: each.reduce((sum, seconds) => sum + seconds, 0), each };
  };
}
