import { Emitter } from '../events.ts';
import type { Logger } from '../log.ts';
import { PlenumError } from '../protocol/index.ts';
import type { Place, PlaceWanted } from '../room/ports.ts';
import { PoolWorker, sharedSignalMs } from './PoolWorker.ts';
import { choosePlace, type PlacementLimits } from './placement.ts';
import { Replacements } from './Replacements.ts';

/** So many deaths within so many milliseconds say that something is wrong with more than one worker. */
const manyDeaths = 3;
const deathsWithinMs = 60_000;
/** So long, in milliseconds, it is tried to start any worker while none lives, before the server gives up. */
const hopelessAfterMs = 5000;

export interface WorkerPoolOptions {
  placement: PlacementLimits;
  /** How many workers; one per core is what mediasoup is made for. */
  size: number;
  announcedAddresses: readonly string[] | undefined;
  /** Worker `i` listens on `firstPort + i`; 0 lets the operating system choose. */
  firstPort: number;
}

/** A worker that has ended by itself; a new one takes its index. */
export interface WorkerDeath {
  index: number;
  pid: number;
  ageMs: number;
  /** How many had their media on it. */
  participants: number;
}

export interface WorkerPoolEvents {
  died: [WorkerDeath];
  /** No worker is alive and none can be started: the process is of no use any more. */
  hopeless: [Error];
}

/** One worker per core: places by load, replaces the dead with backoff. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #log: Logger;
  /** By index, which decides the port; a hole is a worker that is being replaced. */
  readonly #workers: (PoolWorker | undefined)[] = [];
  readonly #replacements = new Replacements((index) => void this.#restart(index));
  readonly #events = new Emitter<WorkerPoolEvents>();
  /** When workers died lately, on the clock of `performance.now()`, oldest first. */
  #deaths: number[] = [];
  /** Since when no worker lives, on the same clock; undefined: some do. */
  #deadSince: number | undefined;
  #closed = false;

  static async create(options: WorkerPoolOptions, log: Logger): Promise<WorkerPool> {
    const pool = new WorkerPool(options, log);
    const starts = await Promise.allSettled(Array.from({ length: options.size }, (_, index) => pool.#start(index)));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) {
      await pool.close();
      throw failed.reason;
    }
    return pool;
  }

  private constructor(options: WorkerPoolOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  on<K extends keyof WorkerPoolEvents>(event: K, listener: (...args: WorkerPoolEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  get workers(): readonly PoolWorker[] {
    return this.#workers.filter((worker) => worker !== undefined);
  }

  /** False while workers die again and again: then newcomers are better off on another server. */
  get steady(): boolean {
    const since = performance.now() - deathsWithinMs;
    return this.#deaths.filter((at) => at > since).length < manyDeaths;
  }

  get size(): number {
    return this.#options.size;
  }

  /** @throws PlenumError `server-full` */
  place(wanted: PlaceWanted): Place {
    const { workers } = this;
    const { placement } = this.#options;
    const chosen = choosePlace(
      workers.map(({ load }) => load),
      wanted,
      placement,
    );
    const worker = workers.find(({ workerId }) => workerId === chosen);
    if (worker) return worker.place();
    const why = workers.length === 0 ? 'no media worker is running right now' : 'the server is full';
    throw new PlenumError('server-full', `${why}; try again in a moment`);
  }

  /** @throws PlenumError `closed` where it has ended meanwhile */
  find(workerId: string): PoolWorker {
    const worker = this.workers.find((each) => each.workerId === workerId);
    if (worker) return worker;
    throw new PlenumError('closed', 'the media worker has just ended; join again');
  }

  /** From now on a worker that ends is not replaced: a terminal's Ctrl-C ends the workers together with the server. */
  retire(): void {
    this.#closed = true;
    this.#replacements.clear();
  }

  async close(): Promise<void> {
    this.retire();
    await Promise.all(this.workers.map((worker) => worker.close()));
    this.#workers.length = 0;
    this.#events.clear();
  }

  async #start(index: number): Promise<void> {
    const { firstPort, announcedAddresses } = this.#options;
    const port = firstPort === 0 ? 0 : firstPort + index;
    const onHung = (pid: number) => {
      if (!this.#closed) this.#log.error({ pid, index }, 'media worker hangs: it is killed');
    };
    const poolWorker = await PoolWorker.start({ index, announcedAddresses, port, onHung });
    if (this.#closed) {
      await poolWorker.close();
      return;
    }
    this.#workers[index] = poolWorker;
    this.#deadSince = undefined;
    poolWorker.worker.on('died', (error) => this.#replace(index, poolWorker, error));
    this.#log.debug({ pid: poolWorker.pid, index }, 'media worker started');
  }

  #replace(index: number, dead: PoolWorker, error: Error): void {
    this.#workers[index] = undefined;
    if (this.workers.length === 0) this.#deadSince ??= performance.now();
    const { ageMs, pid } = dead;
    const { participants } = dead.figures;
    const diedAt = performance.now();
    setTimeout(() => {
      if (this.#closed) return;
      this.#deaths = [...this.#deaths.slice(1 - manyDeaths), diedAt];
      this.#log.error({ pid, index, err: error }, 'media worker died');
      this.#events.emit('died', { index, pid, ageMs, participants });
      this.#replacements.died(index, { ageMs, alone: this.workers.length === 0 });
    }, sharedSignalMs);
  }

  async #restart(index: number): Promise<void> {
    try {
      await this.#start(index);
      if (!this.#closed) this.#log.info({ index }, 'media worker replaced');
    } catch (error) {
      if (this.#closed) return;
      this.#log.error({ index, err: error }, 'a media worker cannot be started');
      if (this.#deadSince !== undefined && performance.now() - this.#deadSince >= hopelessAfterMs) {
        this.#events.emit('hopeless', error instanceof Error ? error : new Error(String(error)));
        return;
      }
      this.#replacements.died(index, { ageMs: 0, alone: this.workers.length === 0 });
    }
  }
}
