import { type DtlsParameters, PlenumError } from '../protocol/index.ts';
import type { AudioLevel, MediaEngine, MediaRouter, MediaTransport } from './ports.ts';

export interface RoomMediaListener {
  /** A router's worker is gone. */
  failed(): void;
  /** The loudest producers, loudest first. */
  levels(levels: AudioLevel[]): void;
}

export interface ParticipantMedia {
  router: MediaRouter;
  sendTransport: MediaTransport;
  recvTransport: MediaTransport;
}

/** A room's routers and the transports on them. Today it has one router; rooms over several workers begin here. */
export class RoomMedia {
  readonly #engine: MediaEngine;
  readonly #listener: RoomMediaListener;
  #router: Promise<MediaRouter> | undefined;
  #closed = false;

  constructor(engine: MediaEngine, listener: RoomMediaListener) {
    this.#engine = engine;
    this.#listener = listener;
  }

  /** Both transports of a participant, connected to this client, or none: where one fails, the other is closed. */
  async createTransports(dtlsParameters: DtlsParameters): Promise<ParticipantMedia> {
    try {
      this.#router ??= this.#createRouter();
      const router = await this.#router;
      this.#checkOpen();
      const made = await Promise.allSettled([
        router.createTransport(dtlsParameters),
        router.createTransport(dtlsParameters),
      ]);
      const [send, recv] = made;
      if (send.status === 'fulfilled' && recv.status === 'fulfilled' && !this.#closed) {
        return { router, sendTransport: send.value, recvTransport: recv.value };
      }
      for (const transport of made) if (transport.status === 'fulfilled') transport.value.close();
      throw made.find((transport) => transport.status === 'rejected')?.reason ?? closedMeanwhile();
    } catch (error) {
      // What fails because the room was closed meanwhile is no failure of the server.
      throw this.#closed ? closedMeanwhile(error) : error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#router?.then(
      (router) => router.close(),
      // It never came to be: the join that asked for it has told of that.
      () => undefined,
    );
  }

  #checkOpen(): void {
    if (this.#closed) throw closedMeanwhile();
  }

  async #createRouter(): Promise<MediaRouter> {
    try {
      const router = await this.#engine.createRouter();
      router.on('failed', () => this.#listener.failed());
      router.on('levels', (levels) => this.#listener.levels(levels));
      return router;
    } catch (error) {
      // The next join tries again, perhaps on another worker.
      this.#router = undefined;
      throw error;
    }
  }
}

function closedMeanwhile(cause?: unknown): PlenumError {
  return new PlenumError('closed', 'the room has just been closed; join again', { cause });
}
