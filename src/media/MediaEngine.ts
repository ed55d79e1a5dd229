import { setLogEventListeners, type types } from 'mediasoup';
import type { Logger } from '../log.ts';
import type { RtpCapabilities } from '../protocol/index.ts';
import type { MediaEngine as MediaEnginePort, MediaRouter } from '../room/ports.ts';
import { mediaCodecs } from './codecs.ts';
import { Router } from './Router.ts';
import type { Tally } from './tally.ts';
import { WorkerPool, type WorkerPoolEvents, type WorkerPoolOptions } from './WorkerPool.ts';

export interface MediaEngineOptions extends WorkerPoolOptions {
  keyFrameRequestDelay: number;
  initialBitrate: number;
}

/** Media for rooms: routers on a pool of mediasoup workers. */
export class MediaEngine implements MediaEnginePort {
  readonly routerRtpCapabilities: RtpCapabilities;
  readonly #pool: WorkerPool;
  readonly #options: MediaEngineOptions;

  static async create(options: MediaEngineOptions, log: Logger): Promise<MediaEngine> {
    forwardLogs(log);
    const pool = await WorkerPool.create(options, log);
    try {
      // Capabilities follow from the codecs alone, so that a client can get them before its room has a router.
      const probe = await pool.leastLoaded().worker.createRouter({ mediaCodecs });
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
  get status(): { running: number; size: number; pids: number[]; tally: Tally } {
    const { workers, size, tally } = this.#pool;
    return { running: workers.length, size, pids: workers.map(({ pid }) => pid), tally };
  }

  async createRouter(): Promise<MediaRouter> {
    const { worker, webRtcServer } = this.#pool.leastLoaded();
    const { keyFrameRequestDelay, initialBitrate } = this.#options;
    const router = await worker.createRouter({ mediaCodecs });
    return Router.create(router, { webRtcServer, keyFrameRequestDelay, initialBitrate });
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
  return message.includes('UnixStreamSocketHandle::Write()') && message.includes('broken pipe');
}
