import type { types } from 'mediasoup';

interface Sample {
  /** Milliseconds. */
  at: number;
  /** Milliseconds of CPU, user and system, since the process was started. */
  used: number;
}

/** Over how many samples, a second apart, the share is averaged. */
export const cpuWindow = 5;
/** A worker that takes so long to say how it is does nothing else either. */
const stalledAfterMs = 3000;

/** What a worker process takes of a core; `sample()` is to be called about once a second. */
export class CpuMeter {
  readonly #worker: Pick<types.Worker, 'getResourceUsage'>;
  readonly #now: () => number;
  #samples: Sample[] = [];
  #askedAt: number | undefined;

  constructor(worker: Pick<types.Worker, 'getResourceUsage'>, now: () => number = () => performance.now()) {
    this.#worker = worker;
    this.#now = now;
  }

  /** Share of one core in the last seconds: 0 idle, 1 all of it. */
  get share(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at === first.at) return 0;
    return (last.used - first.used) / (last.at - first.at);
  }

  /** Seconds of CPU since the process was started. */
  get seconds(): number {
    return (this.#samples.at(-1)?.used ?? 0) / 1000;
  }

  /** Whether it has not answered for a while. */
  get stalled(): boolean {
    return this.#askedAt !== undefined && this.#now() - this.#askedAt > stalledAfterMs;
  }

  /** Never fails. */
  async sample(): Promise<void> {
    if (this.#askedAt !== undefined) return;
    this.#askedAt = this.#now();
    try {
      const { ru_utime, ru_stime } = await this.#worker.getResourceUsage();
      this.#samples = [...this.#samples.slice(1 - cpuWindow), { at: this.#now(), used: ru_utime + ru_stime }];
    } catch {
      // The worker is gone, which the pool hears of by itself.
    } finally {
      this.#askedAt = undefined;
    }
  }
}
