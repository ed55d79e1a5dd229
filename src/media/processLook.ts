import { readFileSync } from 'node:fs';

/** A process as the kernel sees it, see proc(5). */
export interface ProcessLook {
  /** `R`: runs or waits for a core. `S`: sleeps. `T`, `t`: stopped. `D`: waits for a disk. */
  state: string;
  /** CPU time since its start, user and system, in clock ticks (usually a hundredth of a second). */
  used: number;
}

/** Undefined where there is no /proc, or no such process any more. */
export function lookAtProcess(pid: number): ProcessLook | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // Another system, or it has just ended, of which the pool hears by itself.
    return undefined;
  }
}

/** The name, in parentheses, may hold spaces and parentheses itself. */
export function parseProcessStat(stat: string): ProcessLook | undefined {
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime are the fields 14 and 15; `rest` begins with field 4.
  const used = Number(rest[10]) + Number(rest[11]);
  return state && Number.isFinite(used) ? { state, used } : undefined;
}
