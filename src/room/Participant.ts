import { isDeepStrictEqual } from 'node:util';
import { Emitter } from '../events.ts';
import type { Logger } from '../log.ts';
import {
  type DtlsParameters,
  type Grants,
  type LeaveReason,
  type Metadata,
  type Moderator,
  mayPublish,
  type Params,
  type ParticipantInfo,
  PlenumError,
  type RtpCapabilities,
  type Source,
} from '../protocol/index.ts';
import { OwnQuality } from './OwnQuality.ts';
import type { ParticipantEvents, ParticipantOptions } from './ParticipantOptions.ts';
import type { Publication } from './Publication.ts';
import { Publishing } from './Publishing.ts';
import type { MediaRouter, MediaTransport, ParticipantLink } from './ports.ts';
import type { PlacedMedia } from './RoomMedia.ts';
import type { Subscriptions } from './Subscriptions.ts';
import { tellPublishing } from './tellPublishing.ts';

/** One visit of one person: owns its transports, and through them its producers and consumers. */
export class Participant {
  readonly participantId: string;
  readonly identity: string;
  /** The room that its token names. */
  readonly tokenRoom: string;
  readonly visit: number;
  readonly displayName: string;
  readonly capabilities: RtpCapabilities;
  readonly dtlsParameters: DtlsParameters;
  readonly link: ParticipantLink;
  readonly #options: ParticipantOptions;
  readonly #publishing: Publishing;
  readonly #events = new Emitter<ParticipantEvents>();
  readonly #quality: OwnQuality;
  #media: PlacedMedia;
  /** Its worker has gone, and there is no other place for it yet. */
  #interrupted = false;
  #tcpOnly = false;
  #ownMetadata: Metadata;
  #givenMetadata: Metadata;
  #grants: Grants;
  #handRaisedAt: number | null = null;
  #subscriptions: Subscriptions | undefined;
  #closed = false;

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.participantId = options.participantId;
    this.identity = options.identity;
    this.tokenRoom = options.tokenRoom;
    this.visit = options.visit;
    this.displayName = options.displayName;
    this.capabilities = options.capabilities;
    this.dtlsParameters = options.dtlsParameters;
    this.link = options.link;
    this.#media = options.media;
    this.#ownMetadata = options.metadata;
    this.#givenMetadata = options.givenMetadata;
    this.#grants = options.grants;
    this.#limitSending();
    this.#publishing = new Publishing({
      participantId: options.participantId,
      maxPublications: options.maxPublications,
      media: () => this.#presentMedia,
      checkOpen: () => this.#checkOpen(),
      mayPublish: (source) => this.#mayPublish(source),
      startMuted: options.startsMuted,
      listener: tellPublishing(this.#events, () => this.#quality),
    });
    this.#quality = new OwnQuality({
      publications: () => this.publications,
      changed: (quality) => {
        if (!this.#closed) this.#events.emit('qualityChanged', quality);
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

  get grants(): Grants {
    return this.#grants;
  }

  /** Nobody is told of it. */
  get hidden(): boolean {
    return this.#grants.hidden;
  }

  get mayTalk(): boolean {
    return this.#grants.canPublishData && !this.hidden;
  }

  get handRaised(): boolean {
    return this.#handRaisedAt !== null;
  }

  get info(): ParticipantInfo {
    const { participantId, identity, displayName, joinedAt } = this.#options;
    return {
      ...{ participantId, identity, displayName, joinedAt },
      moderator: this.#grants.moderator,
      metadata: { ...(this.#grants.canUpdateMetadata && this.#ownMetadata), ...this.#givenMetadata },
      handRaisedAt: this.#handRaisedAt,
      connection: this.#quality.value,
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
    this.#quality.update();
  }

  /** What it is just beginning to send of that source comes up muted, and its client hears by whom. */
  muteBeginning(source: Source, by: Moderator): void {
    this.#publishing.muteBeginning(source, (publicationId) => this.link.notify('muted', { publicationId, by }));
  }

  updateMetadata(metadata: Metadata): void {
    this.#checkOpen();
    this.#ownMetadata = metadata;
    this.#events.emit('changed');
  }

  /** What the application says of it, in place of what its token said. */
  giveMetadata(metadata: Metadata): void {
    this.#checkOpen();
    this.#givenMetadata = metadata;
    this.#events.emit('changed');
  }

  /**
   * From now on it may do this. What it may not do any more ends at once. Whether it is hidden does not change in a visit.
   */
  setGrants(grants: Grants, by: Moderator): void {
    this.#checkOpen();
    const before = this.info;
    this.#grants = { ...grants, hidden: this.hidden };
    this.#endForbidden(by);
    this.#limitSending();
    this.link.notify('grantsChanged', { grants: this.#grants, by });
    this.#events.emit('grantsChanged');
    if (!isDeepStrictEqual(before, this.info)) this.#events.emit('changed');
  }

  /** The room's settings are other ones. What they no longer allow to be sent ends at once. */
  obeySettings(by: Moderator): void {
    this.#endForbidden(by);
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
    this.#quality.setSilent(silent);
  }

  /** For as long as it is here; what there is already stays until `interrupt()`. */
  blockUdp(): void {
    this.#tcpOnly = true;
  }

  /** Its worker has gone: what was there is given up, and the visit waits for `moveTo()`. Idempotent. */
  interrupt(): void {
    if (this.#closed || this.#interrupted) return;
    this.#interrupted = true;
    this.#quality.reset();
    this.#media.discard();
  }

  /** Its media live there from now on; what it publishes is restored by its client. */
  moveTo(media: PlacedMedia): void {
    this.#media = media;
    this.#interrupted = false;
    this.#limitSending();
  }

  /** Says to its client that it is no longer in the room, and ends the visit and the connection. */
  dismiss(reason: LeaveReason, message: string, by?: Moderator): void {
    this.link.notify('removed', { reason, message, ...(by && { by }) });
    this.close(reason, by);
    this.link.close();
  }

  /** Closes all that is its own; idempotent. */
  close(reason: LeaveReason, by?: Moderator): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#subscriptions?.close();
    this.#publishing.close();
    if (!this.#interrupted) this.#media.discard();
    this.#events.emit('closed', reason, by);
    this.#events.clear();
  }

  #mayPublish(source: Source): boolean {
    return mayPublish(this.#grants, source, this.#options.settings());
  }

  /** Its client is told of each: of settings and grants it hears in different ways, and not always in this order. */
  #endForbidden(by: Moderator): void {
    for (const { publicationId, source } of this.publications) {
      if (this.#mayPublish(source)) continue;
      this.unpublish(publicationId);
      this.link.notify('unpublished', { publicationId, by });
    }
  }

  get #presentMedia(): PlacedMedia {
    if (!this.#interrupted) return this.#media;
    throw new PlenumError('closed', 'the media worker has just ended; publish again after mediaReset');
  }

  /** Requests may still come from a client that was replaced or removed a moment ago. */
  #checkOpen(): void {
    if (this.#closed) throw new PlenumError('closed', 'the participant has left');
  }

  #limitSending(): void {
    if (this.#interrupted) return;
    // A transport that has gone sends nothing either.
    const failed = (error: unknown) => this.log.debug({ err: error }, 'what it sends could not be limited');
    this.sendTransport.limitIncoming(this.#grants.maxVideoBitrate).catch(failed);
  }
}
