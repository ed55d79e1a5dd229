import type { Logger } from '../log.ts';
import { type DtlsParameters, type ErrorCode, PlenumError, type RtpCapabilities } from '../protocol/index.ts';
import { type Lease, Pipes } from './Pipes.ts';
import type { Publication } from './Publication.ts';
import type {
  Clock,
  ConsumeOptions,
  MediaConsumer,
  MediaEngine,
  MediaRouter,
  MediaTransport,
  Place,
  PlaceWanted,
} from './ports.ts';
import { RoomRouters, type RoomRoutersListener } from './RoomRouters.ts';

export interface RoomMediaOptions {
  engine: MediaEngine;
  clock: Clock;
  listener: RoomRoutersListener;
  log: Logger;
}

export interface TransportsWanted {
  dtlsParameters: DtlsParameters;
  /** Without the candidates for UDP. */
  tcpOnly: boolean;
  /** Somebody who is in the room already, and whose former visit ends. */
  returning: boolean;
}

/** A participant's share of the media: both transports are on one router. */
export interface ParticipantMedia {
  router: MediaRouter;
  sendTransport: MediaTransport;
  recvTransport: MediaTransport;
}

export interface PlacedMedia extends ParticipantMedia {
  readonly workerId: string;
  /** Closes the transports and gives up the place; to be called once. */
  discard: () => void;
}

export interface ReceiveOptions extends Omit<ConsumeOptions, 'producerId'> {
  /** Asked when the publication has been brought to the participant's router. */
  stillWanted: () => boolean;
}

/** A room's media on one worker or several: who goes where, and how publications come from one to the other. */
export class RoomMedia {
  readonly #options: RoomMediaOptions;
  readonly #routers: RoomRouters;
  readonly #pipes: Pipes;
  #closed = false;

  constructor(options: RoomMediaOptions) {
    this.#options = options;
    this.#routers = new RoomRouters(options.engine, options.listener);
    this.#pipes = new Pipes(options.clock);
  }

  /**
   * Both transports of a participant, connected to this client, or none. Where a worker refuses, the next best is asked.
   *
   * @throws PlenumError `server-full` when none takes anybody, `unsupported`, `closed` (also where the only worker has
   *   just ended)
   */
  async createTransports({ returning, ...wanted }: TransportsWanted): Promise<PlacedMedia> {
    const avoid = new Set<string>();
    let ended: unknown;
    for (;;) {
      const place = this.#place({ present: this.#routers.workerIds, avoid, returning }, ended);
      try {
        return await this.#createOn(place, wanted);
      } catch (error) {
        place.release();
        // What fails because the room was closed meanwhile is no failure of the server.
        if (this.#closed) throw closedMeanwhile(error);
        const { workerId } = place;
        if (isCode(error, 'server-full')) this.#options.log.warn({ err: error, workerId }, 'a media worker refuses');
        // Of a worker that has ended the pool has told.
        else if (isCode(error, 'closed')) ended = error;
        else throw error;
        avoid.add(workerId);
      }
    }
  }

  /** Whether anything of the room is on a worker that lives. */
  get alive(): boolean {
    return this.#routers.alive;
  }

  /** Whether a client with these capabilities can decode the publication. */
  canConsume({ publicationId, routerId }: Publication, capabilities: RtpCapabilities): boolean {
    return this.#routers.find(routerId)?.canConsume(publicationId, capabilities) ?? false;
  }

  /** Lets a participant receive a publication, wherever it is published. */
  async consume(
    publication: Publication,
    { router, recvTransport }: Pick<ParticipantMedia, 'router' | 'recvTransport'>,
    { stillWanted, ...options }: ReceiveOptions,
  ): Promise<MediaConsumer> {
    const { publicationId, routerId } = publication;
    if (routerId === router.routerId) return recvTransport.consume({ ...options, producerId: publicationId });
    const { producerId, release } = await this.#reach(publication, router);
    try {
      if (!stillWanted()) throw new PlenumError('aborted', 'nobody wants it any more');
      const consumer = await recvTransport.consume({ ...options, producerId });
      if (consumer.closed) release();
      else consumer.on('closed', release);
      return consumer;
    } catch (error) {
      release();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#pipes.close();
    this.#routers.close();
  }

  /** @param ended why a worker that was asked before could not do it although it was not full */
  #place(wanted: PlaceWanted, ended: unknown): Place {
    try {
      return this.#options.engine.place(wanted);
    } catch (error) {
      throw ended ?? error;
    }
  }

  /** Where the publication can be consumed on a router that is not its own, as long as the lease is held. */
  async #reach({ publicationId, routerId }: Publication, router: MediaRouter): Promise<Lease> {
    const origin = this.#routers.find(routerId);
    const link = origin && this.#routers.linkBetween(origin, router);
    if (!link) throw new PlenumError('closed', 'one of the routers was closed meanwhile');
    return this.#pipes.lease(publicationId, origin, router, link);
  }

  async #createOn(
    place: Place,
    { dtlsParameters, tcpOnly }: Omit<TransportsWanted, 'returning'>,
  ): Promise<PlacedMedia> {
    if (this.#closed) throw closedMeanwhile();
    const router = await this.#routers.enter(place.workerId);
    const made = await Promise.allSettled([
      router.createTransport(dtlsParameters, tcpOnly),
      router.createTransport(dtlsParameters, tcpOnly),
    ]);
    const [send, recv] = made;
    if (send.status === 'fulfilled' && recv.status === 'fulfilled' && !this.#closed && !router.closed) {
      const [sendTransport, recvTransport] = [send.value, recv.value];
      const discard = () => {
        sendTransport.close();
        recvTransport.close();
        place.release();
        this.#routers.leave(router);
      };
      return { workerId: place.workerId, router, sendTransport, recvTransport, discard };
    }
    const ended = router.closed;
    for (const transport of made) if (transport.status === 'fulfilled') transport.value.close();
    this.#routers.leave(router);
    const reason = made.find((transport) => transport.status === 'rejected')?.reason;
    // Its worker has ended meanwhile: another one may do it.
    if (ended) throw new PlenumError('closed', 'the media worker has just ended; join again', { cause: reason });
    throw reason ?? closedMeanwhile();
  }
}

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof PlenumError && error.code === code;
}

function closedMeanwhile(cause?: unknown): PlenumError {
  return new PlenumError('closed', 'the room has just been closed; join again', { cause });
}
