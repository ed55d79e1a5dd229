import { createWorker, type types } from 'mediasoup';
import { PlenumError } from '../protocol/index.ts';
import { listenInfos } from './listen.ts';
import { type Tally, tallyWorker } from './tally.ts';

/** How long a worker may take to end after it was asked to, before it is killed. */
const closeTimeoutMs = 2000;

export interface PoolWorkerOptions {
  announcedAddresses: readonly string[] | undefined;
  /** The port of this worker's WebRtcServer, UDP and TCP; 0 lets the operating system choose. */
  port: number;
}

/** One mediasoup worker process with its WebRtcServer. */
export class PoolWorker {
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
  readonly tally: Tally;
  readonly #startedAt = performance.now();

  static async start(options: PoolWorkerOptions): Promise<PoolWorker> {
    const worker = await createWorkerWithoutSignals();
    const tally = tallyWorker(worker);
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: listenInfos(options) });
      return new PoolWorker(worker, webRtcServer, tally);
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

  private constructor(worker: types.Worker, webRtcServer: types.WebRtcServer, tally: Tally) {
    this.worker = worker;
    this.webRtcServer = webRtcServer;
    this.tally = tally;
  }

  get ageMs(): number {
    return performance.now() - this.#startedAt;
  }

  get pid(): number {
    return this.worker.pid;
  }

  /** What placement compares: packets are what costs, and every producer and consumer is a stream of them. */
  get load(): number {
    return this.tally.producers + this.tally.consumers + this.tally.routers;
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

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
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
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = new Map(signals.map((signal) => [signal, new Set(process.listeners(signal))]));
  // The listeners are added while createWorker() runs synchronously, so nobody else's can be among the new ones.
  const creating = createWorker({ logLevel: 'warn' });
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.get(signal)?.has(listener)) process.removeListener(signal, listener);
    }
  }
  try {
    return await creating;
  } catch (error) {
    throw new PlenumError(
      'internal',
      'the mediasoup worker does not start; run npm start, which installs it, or set MEDIASOUP_WORKER_BIN to a working ' +
        `one: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}
