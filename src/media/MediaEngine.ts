import { setLogEventListeners, type types } from 'mediasoup';
import type { Logger } from '../log.ts';
import { PlenumError, type RtpCapabilities } from '../protocol/index.ts';
import type { MediaEngine as MediaEnginePort, MediaRouter, Place, PlaceWanted } from '../room/ports.ts';
import { Turns } from '../Turns.ts';
import { mediaCodecs } from './codecs.ts';
import { workerRefused } from './convert.ts';
import { linkPorts } from './listen.ts';
import { Outages } from './Outages.ts';
import { emptyTraffic } from './PacketMeter.ts';
import type { WorkerFigures, WorkerStatus } from './PoolWorker.ts';
import { Router } from './Router.ts';
import { emptyTally, type Tally } from './tally.ts';
import { WorkerPool, type WorkerPoolEvents, type WorkerPoolOptions } from './WorkerPool.ts';

export interface MediaEngineOptions extends WorkerPoolOptions {
  keyFrameRequestDelay: number;
  initialBitrate: number;
  /** Bits per second that one participant may send, and receive, at most; 0: no ceiling. */
  maxSendBitrate: number;
  maxReceiveBitrate: number;
}

export interface EngineStatus {
  running: number;
  size: number;
  /** False while workers die again and again. */
  steady: boolean;
  pids: number[];
  tally: Tally;
  /** Of all workers. */
  total: WorkerFigures;
  workers: WorkerStatus[];
}

/** So many consumers are made in one turn of the event loop. */
const consumersInTurn = 8;

/** Media for rooms: routers on a pool of mediasoup workers. */
export class MediaEngine implements MediaEnginePort {
  readonly routerRtpCapabilities: RtpCapabilities;
  readonly #pool: WorkerPool;
  readonly #options: MediaEngineOptions;
  readonly #outages = new Outages();
  readonly #turns = new Turns(consumersInTurn);

  static async create(options: MediaEngineOptions, log: Logger): Promise<MediaEngine> {
    forwardLogs(log);
    const pool = await WorkerPool.create(options, log);
    try {
      // Capabilities follow from the codecs alone, so that a client can get them before its room has a router.
      const [first] = pool.workers;
      if (!first) throw new PlenumError('internal', 'the media workers ended as soon as they had been started');
      const probe = await first.worker.createRouter({ mediaCodecs });
      const capabilities = probe.rtpCapabilities;
      probe.close();
      return new MediaEngine(pool, capabilities, options);
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  private constructor(pool: WorkerPool, capabilities: types.RtpCapabilities, options: MediaEngineOptions) {
    this.#pool = pool;
    this.#options = options;
    this.routerRtpCapabilities = capabilities as RtpCapabilities;
  }

  on<K extends keyof WorkerPoolEvents>(event: K, listener: (...args: WorkerPoolEvents[K]) => void): () => void {
    return this.#pool.on(event, listener);
  }

  /** How many workers run, of how many; and what lives on them. */
  get status(): EngineStatus {
    const { workers, size, steady } = this.#pool;
    const each = workers.map(({ index, pid, stalled, figures }) => ({ index, pid, stalled, ...figures }));
    return {
      running: workers.length,
      size,
      steady,
      pids: workers.map(({ pid }) => pid),
      tally: sum(
        workers.map(({ tally }) => tally),
        emptyTally(),
      ),
      total: sum(each, { participants: 0, cpu: 0, cpuSeconds: 0, ...emptyTally(), ...emptyTraffic() }),
      workers: each,
    };
  }

  place(wanted: PlaceWanted): Place {
    return this.#pool.place(wanted);
  }

  async createRouter(workerId: string): Promise<MediaRouter> {
    const { worker, webRtcServer } = this.#pool.find(workerId);
    const { keyFrameRequestDelay, initialBitrate, maxSendBitrate, maxReceiveBitrate, firstPort, size } = this.#options;
    try {
      const router = await worker.createRouter({ mediaCodecs });
      return await Router.create(router, {
        webRtcServer,
        keyFrameRequestDelay,
        initialBitrate,
        maxSendBitrate,
        maxReceiveBitrate,
        outages: this.#outages,
        turns: this.#turns,
        linkPorts: linkPorts(firstPort, size),
      });
    } catch (error) {
      if (worker.closed)
        throw new PlenumError('closed', 'the media worker has just ended; join again', { cause: error });
      throw workerRefused(error, 'there is no room for a router');
    }
  }

  breakWorker(workerId: string, how: 'kill' | 'stop'): void {
    this.#pool.find(workerId).signal(how === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  }

  /** From now on a worker that ends is not replaced. */
  retire(): void {
    this.#pool.retire();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/**
 * mediasoup also tells every refused request as an error; those reach their callers as rejections, so that here only
 * what the worker processes themselves say matters to somebody who reads the log.
 */
function forwardLogs(log: Logger): void {
  setLogEventListeners({
    ondebug: undefined,
    onwarn: (namespace, message) => log.debug({ namespace }, message),
    onerror: (namespace, message, err) => {
      if (message.startsWith('(stderr)') && !isPartingWord(message)) log.warn({ namespace, err }, message);
      else log.debug({ namespace, err }, message);
    },
  });
}

/** A worker that is being closed may still have something to say when the server's end of its channel is gone. */
function isPartingWord(message: string): boolean {
  const intoNothing = message.includes('UnixStreamSocketHandle::') && message.includes('broken pipe');
  return intoNothing || message.includes('channel remotely closed');
}

function sum<K extends string>(
  list: readonly NoInfer<Record<K, number>>[],
  zero: Record<K, number>,
): Record<K, number> {
  const total = { ...zero };
  for (const figures of list) for (const key in zero) total[key] += figures[key];
  return total;
}
