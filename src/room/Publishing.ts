import { type Params, PlenumError, type Source } from '../protocol/index.ts';
import { Publication } from './Publication.ts';
import type { MediaProducer, MediaRouter, MediaTransport } from './ports.ts';

export interface PublishingOptions {
  participantId: string;
  maxPublications: number;
  /** Where its producers live now. */
  media: () => { router: Pick<MediaRouter, 'routerId'>; sendTransport: MediaTransport };
  /** @throws PlenumError `closed` when the participant has left */
  checkOpen: () => void;
  /** Whether tracks of that source may be sent now. */
  mayPublish: (source: Source) => boolean;
  /** Whether who comes in is muted at first. */
  startMuted: () => boolean;
  listener: PublishingListener;
}

export interface PublishingListener {
  published(publication: Publication): void;
  unpublished(publication: Publication): void;
  changed(publication: Publication): void;
  /** After `changed`: the captured size of a video is another one. */
  resized(publication: Publication): void;
  /** It is sent again, after its worker went; before that `changed`, where something else has changed with it. */
  restored(publication: Publication): void;
  /** `score`: 0 (nothing arrives) to 10 (all arrives). */
  scored(publication: Publication, score: number): void;
}

/** A publication that the worker is just making. */
interface Beginning {
  readonly source: Source;
  muted: boolean;
  /** It was muted by others meanwhile. */
  mutedBy?: (publicationId: string) => void;
}

/** What one participant sends. */
export class Publishing {
  readonly #options: PublishingOptions;
  readonly #publications = new Map<string, Publication>();
  readonly #restoring = new Set<Publication>();
  readonly #beginning = new Set<Beginning>();
  /** Whether a microphone was published before. */
  #hasSpoken = false;

  constructor(options: PublishingOptions) {
    this.#options = options;
  }

  get publications(): readonly Publication[] {
    return [...this.#publications.values()];
  }

  async publish(params: Params<'publish'>): Promise<Publication> {
    const { source, kind, width, height, metadata } = params;
    const { participantId, listener } = this.#options;
    this.#checkPublish(params);
    const { routerId } = this.#options.media().router;
    const startsMuted = source === 'microphone' && !this.#hasSpoken && this.#options.startMuted();
    const muted = params.muted || startsMuted;
    const beginning: Beginning = { source, muted };
    this.#beginning.add(beginning);
    let publication: Publication;
    try {
      const producer = await this.#produce({ ...params, paused: muted });
      if (beginning.muted && !muted) await this.#pause(producer);
      // The right may have been taken away while the worker was busy.
      if (!this.#options.mayPublish(source)) {
        producer.close();
        throw new PlenumError('forbidden', 'you may not publish this any more');
      }
      publication = new Publication(producer, routerId, {
        participantId,
        source,
        kind,
        muted: beginning.muted,
        width,
        height,
        metadata,
      });
    } finally {
      this.#beginning.delete(beginning);
    }
    this.#publications.set(publication.publicationId, publication);
    this.#hasSpoken ||= source === 'microphone';
    this.#follow(publication);
    listener.published(publication);
    beginning.mutedBy?.(publication.publicationId);
    return publication;
  }

  /** What is just beginning to be sent of that source comes up muted. @param told called for each when it is there */
  muteBeginning(source: Source, told: (publicationId: string) => void): void {
    for (const beginning of this.#beginning) {
      if (beginning.source !== source || beginning.muted) continue;
      beginning.muted = true;
      beginning.mutedBy = told;
    }
  }

  /** Sends a publication whose worker went again, under the same id, as muted as its publisher says now. */
  async restore({ publicationId, rtpParameters, muted, width, height }: Params<'restorePublication'>): Promise<void> {
    const publication = this.#own(publicationId);
    const { listener } = this.#options;
    const { kind } = publication;
    if (publication.live || this.#restoring.has(publication)) {
      throw new PlenumError('conflict', 'the publication has not been interrupted, or is being restored already');
    }
    const { routerId } = this.#options.media().router;
    const remuted = publication.muted !== muted;
    const resized = publication.describe({ width, height });
    await publication.setMuted(muted);
    if (remuted || resized) listener.changed(publication);
    if (resized) listener.resized(publication);
    this.#restoring.add(publication);
    let producer: MediaProducer;
    try {
      producer = await this.#produce({ producerId: publicationId, kind, rtpParameters, paused: muted });
    } finally {
      this.#restoring.delete(publication);
    }
    if (this.#publications.get(publicationId) !== publication) {
      producer.close();
      throw new PlenumError('closed', 'the publication ended meanwhile');
    }
    const recoded = publication.restored(producer, routerId);
    this.#follow(publication);
    if (recoded) listener.changed(publication);
    listener.restored(publication);
    // It may have been muted while the worker made the producer.
    if (publication.muted !== muted) await sendOrNot(producer, !publication.muted);
  }

  unpublish(publicationId: string): void {
    const publication = this.#own(publicationId);
    this.#publications.delete(publicationId);
    publication.close();
    this.#options.listener.unpublished(publication);
  }

  async update({ publicationId, muted, width, height, metadata }: Params<'updatePublication'>): Promise<void> {
    const publication = this.#own(publicationId);
    const { listener } = this.#options;
    const resized = publication.describe({ width, height, metadata });
    const muting = muted === undefined ? undefined : publication.setMuted(muted);
    listener.changed(publication);
    if (resized) listener.resized(publication);
    try {
      await muting;
    } catch (error) {
      if (!this.#publications.has(publicationId)) {
        throw new PlenumError('closed', 'the publication ended meanwhile', { cause: error });
      }
      listener.changed(publication);
      throw error;
    }
    if (!this.#publications.has(publicationId)) throw new PlenumError('closed', 'the publication ended meanwhile');
  }

  close(): void {
    for (const publication of this.#publications.values()) publication.close();
    this.#publications.clear();
  }

  async #produce(options: Parameters<MediaTransport['produce']>[0]): Promise<MediaProducer> {
    const { media, checkOpen } = this.#options;
    const { sendTransport } = media();
    let producer: MediaProducer;
    try {
      producer = await sendTransport.produce(options);
    } catch (error) {
      // The transport went with the participant, or with its worker: that is no failure of the request.
      checkOpen();
      if (media().sendTransport === sendTransport) throw error;
      throw new PlenumError('closed', 'the media worker ended meanwhile; publish again', { cause: error });
    }
    this.#checkNew(producer);
    return producer;
  }

  async #pause(producer: MediaProducer): Promise<void> {
    try {
      await sendOrNot(producer, false);
    } catch (error) {
      producer.close();
      throw error;
    }
    this.#checkNew(producer);
  }

  /** The participant or the worker may have gone while it was being made. */
  #checkNew(producer: MediaProducer): void {
    try {
      this.#options.checkOpen();
      if (producer.closed) throw new PlenumError('closed', workerGone);
    } catch (error) {
      producer.close();
      throw error;
    }
  }

  #follow(publication: Publication): void {
    publication.producer.on('score', (score) => this.#options.listener.scored(publication, score));
  }

  #checkPublish({ kind, source }: Params<'publish'>): void {
    this.#options.checkOpen();
    const { maxPublications } = this.#options;
    if (this.#publications.size + this.#beginning.size >= maxPublications) {
      throw new PlenumError('too-many-publications', `a participant may publish ${maxPublications} tracks at once`);
    }
    if (kind !== kindOf[source]) throw new PlenumError('bad-request', `a ${source} is ${kindOf[source]}, not ${kind}`);
  }

  #own(publicationId: string): Publication {
    const publication = this.#publications.get(publicationId);
    if (!publication) throw new PlenumError('not-found', 'you have no publication of that id');
    return publication;
  }
}

const kindOf = {
  camera: 'video',
  microphone: 'audio',
  screen: 'video',
  'screen-audio': 'audio',
} as const satisfies Record<Source, 'audio' | 'video'>;

const workerGone = 'the media worker has just ended; publish again';

async function sendOrNot(producer: MediaProducer, sends: boolean): Promise<void> {
  try {
    await (sends ? producer.resume() : producer.pause());
  } catch (error) {
    if (!producer.closed) throw error;
    throw new PlenumError('closed', workerGone, { cause: error });
  }
}
