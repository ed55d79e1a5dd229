import { createWorker, type types } from 'mediasoup';
import { PlenumError } from '../protocol/index.ts';
import type { Place } from '../room/ports.ts';
import { CpuMeter, cpuWindow } from './CpuMeter.ts';
import { listenInfos } from './listen.ts';
import { PacketMeter, type Traffic } from './PacketMeter.ts';
import type { WorkerLoad } from './placement.ts';
import { watchSpawns, within } from './spawning.ts';
import { type Tally, tallyWorker } from './tally.ts';
import { Watchdog } from './Watchdog.ts';
import { workerProgram } from './workerProgram.ts';

/** How long a worker may take to end after it was asked to, before it is killed; and how long to say that it is there. */
const closeTimeoutMs = 2000;
const startTimeoutMs = 10_000;
/**
 * How long the end of a worker is kept to oneself: a signal to the whole process group (Ctrl-C in a terminal) ends the
 * workers and the server, and the news of the former may come first.
 */
export const sharedSignalMs = 50;
const measureIntervalMs = 1000;

/** What a worker does right now; counts since the process was started. */
export interface WorkerFigures extends Tally, Traffic {
  participants: number;
  /** Share of one core, averaged over the last seconds. */
  cpu: number;
  cpuSeconds: number;
}

export interface WorkerStatus extends WorkerFigures {
  /** Which of the pool's workers it is; its replacement has the same. */
  index: number;
  pid: number;
  /** It has not answered for seconds: nobody is placed there while there are others. */
  stalled: boolean;
}

export interface PoolWorkerOptions {
  index: number;
  announcedAddresses: readonly string[] | undefined;
  /** The port of this worker's WebRtcServer, UDP and TCP; 0 lets the operating system choose. */
  port: number;
  /** It did not answer any more and has been killed; its end follows. */
  onHung: (pid: number) => void;
}

/** One mediasoup worker process with its WebRtcServer. */
export class PoolWorker {
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
  readonly index: number;
  readonly tally: Tally;
  readonly #cpu: CpuMeter;
  readonly #packets: PacketMeter;
  readonly #startedAt = performance.now();
  readonly #measuring: NodeJS.Timeout;
  /** When each of the participants came, on the clock of `performance.now()`. */
  readonly #places = new Map<Place, number>();

  static async start(options: PoolWorkerOptions): Promise<PoolWorker> {
    const worker = await createWorkerWithoutSignals();
    const { pid } = worker;
    // From now on: it may hang before its port is open as well.
    const watchdog = new Watchdog({
      pid,
      ping: () => worker.getResourceUsage(),
      hung: () => {
        options.onHung(pid);
        kill(pid);
      },
    });
    worker.observer.once('close', () => watchdog.close());
    const packets = new PacketMeter();
    const tally = tallyWorker(worker, (stream, way) => packets.follow(stream, way));
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: listenInfos(options) });
      return new PoolWorker({ index: options.index, worker, webRtcServer, tally, packets });
    } catch (error) {
      worker.close();
      throw new PlenumError(
        'internal',
        `the media port ${options.port} (UDP and TCP) cannot be opened; free it, or choose another first port with ` +
          `PLENUM_RTC_PORT: ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    }
  }

  private constructor({ index, worker, webRtcServer, tally, packets }: WorkerParts) {
    this.index = index;
    this.worker = worker;
    this.webRtcServer = webRtcServer;
    this.tally = tally;
    this.#packets = packets;
    this.#cpu = new CpuMeter(worker);
    this.#measure();
    this.#measuring = setInterval(() => this.#measure(), measureIntervalMs).unref();
    worker.observer.once('close', () => clearInterval(this.#measuring));
  }

  get ageMs(): number {
    return performance.now() - this.#startedAt;
  }

  get pid(): number {
    return this.worker.pid;
  }

  get workerId(): string {
    return String(this.pid);
  }

  /** What placement compares. */
  get load(): WorkerLoad {
    const since = performance.now() - cpuWindow * measureIntervalMs;
    return {
      workerId: this.workerId,
      participants: this.#places.size,
      newcomers: [...this.#places.values()].filter((at) => at > since).length,
      consumers: this.tally.consumers + this.tally.pipesOut,
      cpu: this.#cpu.share,
      stalled: this.stalled,
    };
  }

  get stalled(): boolean {
    return this.#cpu.stalled;
  }

  get figures(): WorkerFigures {
    return {
      participants: this.#places.size,
      cpu: this.#cpu.share,
      cpuSeconds: this.#cpu.seconds,
      ...this.tally,
      ...this.#packets.traffic,
    };
  }

  /** One more participant, counted until its place is released. */
  place(): Place {
    const place: Place = { workerId: this.workerId, release: () => void this.#places.delete(place) };
    this.#places.set(place, performance.now());
    return place;
  }

  #measure(): void {
    void this.#cpu.sample();
    void this.#packets.look();
  }

  /** Sends its process a signal. */
  signal(signal: NodeJS.Signals): void {
    kill(this.pid, signal);
  }

  /** Ends the process; one that does not end by itself is killed by its pid. */
  async close(): Promise<void> {
    const { worker } = this;
    if (worker.subprocessClosed) return;
    const ended = new Promise<void>((resolve) => worker.once('subprocessclose', resolve));
    worker.close();
    const killer = setTimeout(() => {
      // A stopped or hanging worker does not hear its channel closing.
      kill(worker.pid);
    }, closeTimeoutMs);
    await ended;
    clearTimeout(killer);
  }
}

interface WorkerParts {
  index: number;
  worker: types.Worker;
  webRtcServer: types.WebRtcServer;
  tally: Tally;
  packets: PacketMeter;
}

function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has just ended by itself.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * mediasoup closes every worker on SIGINT and SIGTERM before one's own handler has run, without a `died` event: the
 * server would live on without workers. The pool ends them itself, so mediasoup's listeners come off.
 */
async function createWorkerWithoutSignals(): Promise<types.Worker> {
  const program = await workerProgram();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]));
  // The listeners are added while createWorker() runs synchronously, so nobody else's can be among the new ones.
  const { result: creating, processes } = watchSpawns(() => createWorker({ logLevel: 'warn', workerBin: program }));
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal)?.has(listener)) process.removeListener(signal, listener);
    }
  }
  try {
    return await within(startTimeoutMs, creating);
  } catch (error) {
    for (const child of processes) child.kill('SIGKILL');
    // One that says at the last moment that it is there is nobody's.
    creating.then(
      (late) => late.close(),
      () => undefined,
    );
    throw new PlenumError(
      'internal',
      'the mediasoup worker does not start; run npm start, which installs it, or set MEDIASOUP_WORKER_BIN to a working ' +
        `one: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}
