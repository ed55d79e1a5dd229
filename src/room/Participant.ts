import { Emitter } from '../events.ts';
import type { Logger } from '../log.ts';
import {
  type ConnectionQuality,
  type DtlsParameters,
  type LeaveReason,
  type Metadata,
  type Params,
  type ParticipantInfo,
  PlenumError,
  type RtpCapabilities,
} from '../protocol/index.ts';
import type { Publication } from './Publication.ts';
import { Publishing } from './Publishing.ts';
import type { MediaRouter, MediaTransport, ParticipantLink } from './ports.ts';
import { publicationQuality } from './quality.ts';
import type { PlacedMedia } from './RoomMedia.ts';
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
  /** Of the client's certificate, which its transports keep. */
  dtlsParameters: DtlsParameters;
  maxPublications: number;
  link: ParticipantLink;
  media: PlacedMedia;
  log: Logger;
}

export interface ParticipantEvents {
  published: [Publication];
  unpublished: [Publication];
  publicationChanged: [Publication];
  /** After `publicationChanged`: the captured size of a video is another one. */
  resized: [Publication];
  /** A publication is sent again whose worker went. */
  restored: [Publication];
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
  readonly dtlsParameters: DtlsParameters;
  readonly link: ParticipantLink;
  readonly #options: ParticipantOptions;
  readonly #publishing: Publishing;
  readonly #events = new Emitter<ParticipantEvents>();
  readonly #scores = new Map<string, number>();
  #media: PlacedMedia;
  /** Its worker has gone, and there is no other place for it yet. */
  #interrupted = false;
  #tcpOnly = false;
  #metadata: Metadata;
  #handRaisedAt: number | null = null;
  #quality: ConnectionQuality = 'good';
  #silent = false;
  #subscriptions: Subscriptions | undefined;
  #closed = false;

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.participantId = options.participantId;
    this.identity = options.identity;
    this.visit = options.visit;
    this.displayName = options.displayName;
    this.capabilities = options.capabilities;
    this.dtlsParameters = options.dtlsParameters;
    this.link = options.link;
    this.#media = options.media;
    this.#metadata = options.metadata;
    this.#publishing = new Publishing({
      participantId: options.participantId,
      maxPublications: options.maxPublications,
      media: () => this.#presentMedia,
      checkOpen: () => this.#checkOpen(),
      listener: {
        published: (publication) => this.#events.emit('published', publication),
        unpublished: (publication) => {
          this.#scores.delete(publication.publicationId);
          this.#events.emit('unpublished', publication);
          this.#updateQuality();
        },
        changed: (publication) => this.#events.emit('publicationChanged', publication),
        resized: (publication) => this.#events.emit('resized', publication),
        restored: (publication) => this.#events.emit('restored', publication),
        scored: (publication, score) => this.#scored(publication, score),
      },
    });
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

  get router(): MediaRouter {
    return this.#media.router;
  }

  get workerId(): string {
    return this.#media.workerId;
  }

  get sendTransport(): MediaTransport {
    return this.#media.sendTransport;
  }

  get recvTransport(): MediaTransport {
    return this.#media.recvTransport;
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** Whether its transports are made without UDP from now on. */
  get tcpOnly(): boolean {
    return this.#tcpOnly;
  }

  get publications(): readonly Publication[] {
    return this.#publishing.publications;
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

  publish(params: Params<'publish'>): Promise<Publication> {
    return this.#publishing.publish(params);
  }

  restorePublication(params: Params<'restorePublication'>): Promise<void> {
    return this.#publishing.restore(params);
  }

  unpublish(publicationId: string): void {
    this.#publishing.unpublish(publicationId);
  }

  async updatePublication(params: Params<'updatePublication'>): Promise<void> {
    await this.#publishing.update(params);
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

  /** For as long as it is here; what there is already stays until `interrupt()`. */
  blockUdp(): void {
    this.#tcpOnly = true;
  }

  /** Its worker has gone: what was there is given up, and the visit waits for `moveTo()`. Idempotent. */
  interrupt(): void {
    if (this.#closed || this.#interrupted) return;
    this.#interrupted = true;
    this.#scores.clear();
    this.#media.discard();
  }

  /** Its media live there from now on; what it publishes is restored by its client. */
  moveTo(media: PlacedMedia): void {
    this.#media = media;
    this.#interrupted = false;
  }

  /** Says to its client that it is no longer in the room, and ends the visit and the connection. */
  dismiss(reason: LeaveReason, message: string): void {
    this.link.notify('removed', { reason, message });
    this.close(reason);
    this.link.close();
  }

  /** Closes all that is its own; idempotent. */
  close(reason: LeaveReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#subscriptions?.close();
    this.#publishing.close();
    if (!this.#interrupted) this.#media.discard();
    this.#events.emit('closed', reason);
    this.#events.clear();
  }

  get #presentMedia(): PlacedMedia {
    if (!this.#interrupted) return this.#media;
    throw new PlenumError('closed', 'the media worker has just ended; publish again after mediaReset');
  }

  /** Requests may still come from a client that was replaced or removed a moment ago. */
  #checkOpen(): void {
    if (this.#closed) throw new PlenumError('closed', 'the participant has left');
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
