import { Emitter } from '../events.ts';
import type { Logger } from '../log.ts';
import {
  type ConnectionQuality,
  type LeaveReason,
  type Metadata,
  type Params,
  type ParticipantInfo,
  PlenumError,
  type RtpCapabilities,
  type Source,
} from '../protocol/index.ts';
import { Publication } from './Publication.ts';
import type { MediaRouter, MediaTransport, ParticipantLink } from './ports.ts';
import { publicationQuality } from './quality.ts';
import type { Subscriptions } from './Subscriptions.ts';

export interface ParticipantOptions {
  participantId: string;
  identity: string;
  /** Grows with each join: of two visits of one identity the later one has the higher number. */
  visit: number;
  displayName: string;
  metadata: Metadata;
  joinedAt: number;
  capabilities: RtpCapabilities;
  maxPublications: number;
  link: ParticipantLink;
  router: MediaRouter;
  sendTransport: MediaTransport;
  recvTransport: MediaTransport;
  log: Logger;
}

export interface ParticipantEvents {
  published: [Publication];
  unpublished: [Publication];
  publicationChanged: [Publication];
  /** After `publicationChanged`: the captured size of a video is another one. */
  resized: [Publication];
  /** Metadata or hand. */
  changed: [];
  qualityChanged: [ConnectionQuality];
  closed: [LeaveReason];
}

/** One visit of one person: owns its transports, and through them its producers and consumers. */
export class Participant {
  readonly participantId: string;
  readonly identity: string;
  readonly visit: number;
  readonly displayName: string;
  readonly capabilities: RtpCapabilities;
  readonly link: ParticipantLink;
  readonly router: MediaRouter;
  readonly sendTransport: MediaTransport;
  readonly recvTransport: MediaTransport;
  readonly #options: ParticipantOptions;
  readonly #publications = new Map<string, Publication>();
  readonly #events = new Emitter<ParticipantEvents>();
  readonly #scores = new Map<string, number>();
  #metadata: Metadata;
  #handRaisedAt: number | null = null;
  #quality: ConnectionQuality = 'good';
  #silent = false;
  #publishing = 0;
  #subscriptions: Subscriptions | undefined;
  #closed = false;

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.participantId = options.participantId;
    this.identity = options.identity;
    this.visit = options.visit;
    this.displayName = options.displayName;
    this.capabilities = options.capabilities;
    this.link = options.link;
    this.router = options.router;
    this.sendTransport = options.sendTransport;
    this.recvTransport = options.recvTransport;
    this.#metadata = options.metadata;
  }

  on<K extends keyof ParticipantEvents>(event: K, listener: (...args: ParticipantEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get log(): Logger {
    return this.#options.log;
  }

  get publications(): readonly Publication[] {
    return [...this.#publications.values()];
  }

  get handRaised(): boolean {
    return this.#handRaisedAt !== null;
  }

  get info(): ParticipantInfo {
    const { participantId, identity, displayName, joinedAt } = this.#options;
    return {
      participantId,
      identity,
      displayName,
      metadata: this.#metadata,
      handRaisedAt: this.#handRaisedAt,
      joinedAt,
      connection: this.#quality,
    };
  }

  /** What it receives; made by the room, which knows what there is to receive. */
  get subscriptions(): Subscriptions {
    if (!this.#subscriptions) throw new PlenumError('internal', 'the participant has no subscriptions yet');
    return this.#subscriptions;
  }

  set subscriptions(subscriptions: Subscriptions) {
    this.#subscriptions = subscriptions;
  }

  async publish(params: Params<'publish'>): Promise<Publication> {
    const { source, kind, rtpParameters, muted, width, height, metadata } = params;
    this.#checkPublish(params);
    this.#publishing += 1;
    let publication: Publication;
    try {
      const producer = await this.sendTransport.produce({ kind, rtpParameters, paused: muted });
      const about = { participantId: this.participantId, source, kind, muted, width, height, metadata };
      publication = new Publication(producer, this.router.routerId, about);
    } catch (error) {
      // The transport went with the participant: that is no failure of the server.
      if (this.#closed) throw new PlenumError('closed', 'the participant left while it published', { cause: error });
      throw error;
    } finally {
      this.#publishing -= 1;
    }
    if (this.#closed) {
      publication.close();
      throw new PlenumError('closed', 'the participant left while it published');
    }
    this.#publications.set(publication.publicationId, publication);
    publication.producer.on('score', (score) => this.#scored(publication, score));
    this.#events.emit('published', publication);
    return publication;
  }

  unpublish(publicationId: string): void {
    const publication = this.#own(publicationId);
    this.#publications.delete(publicationId);
    this.#scores.delete(publicationId);
    publication.close();
    this.#events.emit('unpublished', publication);
    this.#updateQuality();
  }

  async updatePublication({
    publicationId,
    muted,
    width,
    height,
    metadata,
  }: Params<'updatePublication'>): Promise<void> {
    const publication = this.#own(publicationId);
    const resized = publication.describe({ width, height, metadata });
    const muting = muted === undefined ? undefined : publication.setMuted(muted);
    this.#events.emit('publicationChanged', publication);
    if (resized) this.#events.emit('resized', publication);
    try {
      await muting;
    } catch (error) {
      if (!this.#publications.has(publicationId)) {
        throw new PlenumError('closed', 'the publication ended meanwhile', { cause: error });
      }
      this.#events.emit('publicationChanged', publication);
      throw error;
    }
    this.#updateQuality();
  }

  updateMetadata(metadata: Metadata): void {
    this.#checkOpen();
    this.#metadata = metadata;
    this.#events.emit('changed');
  }

  /** @param at milliseconds since 1970, or null to lower it */
  raiseHand(at: number | null): void {
    this.#checkOpen();
    if ((this.#handRaisedAt === null) === (at === null)) return;
    this.#handRaisedAt = at;
    this.#events.emit('changed');
  }

  /** Whether nothing has been heard of the client for longer than a heartbeat. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.#updateQuality();
  }

  /** Closes all that is its own; idempotent. */
  close(reason: LeaveReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#subscriptions?.close();
    for (const publication of this.#publications.values()) publication.close();
    this.#publications.clear();
    this.sendTransport.close();
    this.recvTransport.close();
    this.#events.emit('closed', reason);
    this.#events.clear();
  }

  /** Requests may still come from a client that was replaced or removed a moment ago. */
  #checkOpen(): void {
    if (this.#closed) throw new PlenumError('closed', 'the participant has left');
  }

  #checkPublish({ kind, source }: Params<'publish'>): void {
    this.#checkOpen();
    const { maxPublications } = this.#options;
    if (this.#publications.size + this.#publishing >= maxPublications) {
      throw new PlenumError('too-many-publications', `a participant may publish ${maxPublications} tracks at once`);
    }
    if (kind !== kindOf[source]) throw new PlenumError('bad-request', `a ${source} is ${kindOf[source]}, not ${kind}`);
  }

  #own(publicationId: string): Publication {
    const publication = this.#publications.get(publicationId);
    if (!publication) throw new PlenumError('not-found', 'you have no publication of that id');
    return publication;
  }

  #scored(publication: Publication, score: number): void {
    this.#scores.set(publication.publicationId, score);
    this.#updateQuality();
  }

  #updateQuality(): void {
    const scores = this.publications.map((publication) => ({
      muted: publication.muted,
      score: this.#scores.get(publication.publicationId),
    }));
    const quality = this.#silent ? 'lost' : publicationQuality(scores);
    if (quality === this.#quality || this.#closed) return;
    this.#quality = quality;
    this.#events.emit('qualityChanged', quality);
  }
}

const kindOf = {
  camera: 'video',
  microphone: 'audio',
  screen: 'video',
  'screen-audio': 'audio',
} as const satisfies Record<Source, 'audio' | 'video'>;
