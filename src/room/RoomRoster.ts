import type { LeaveReason, Notice, ParticipantInfo, PublicationInfo } from '../protocol/index.ts';
import { Changes, type RosterSnapshot, type Terms } from './Changes.ts';
import { CommonVideoCodecs } from './codecs.ts';
import { Directory, type PageRequest } from './Directory.ts';
import { IdentityIndex } from './IdentityIndex.ts';
import { LastToSpeak } from './LastToSpeak.ts';
import type { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import type { Clock } from './ports.ts';
import { RosterScope, relevanceOf } from './RosterScope.ts';

export interface RoomRosterOptions {
  clock: Clock;
  /** Participants up to which everybody is told of everybody; beyond it of as many who have something to see. */
  fullRoster: number;
  /** Milliseconds between two deltas. */
  changeIntervalMs: number;
  announce: (delta: Notice<'roomChanged'>) => void;
  /** Something of somebody has changed of whom the deltas do not speak. */
  changedUnseen: (participant: Participant) => void;
  isSpotlit: (identity: string) => boolean;
}

interface Introduction {
  participants: ParticipantInfo[];
  publications: PublicationInfo[];
}

/**
 * Who is in a room and what they publish, and the deltas that tell of it. In a large room the deltas speak of some only;
 * see RosterScope.
 */
export class RoomRoster {
  readonly #options: RoomRosterOptions;
  readonly #participants = new Map<string, Participant>();
  readonly #byIdentity = new IdentityIndex<Participant>();
  readonly #publications = new Map<string, Publication>();
  /** By who publishes. */
  readonly #published = new Map<string, Set<Publication>>();
  readonly #directory = new Directory<Participant>();
  readonly #codecs = new CommonVideoCodecs();
  readonly #scope: RosterScope;
  readonly #changes: Changes;
  /** How many are there of whom nobody is told. */
  #hiddenOnes = 0;
  readonly #speakers = new LastToSpeak();
  #videoCodecs = this.#codecs.list;

  constructor(options: RoomRosterOptions) {
    this.#options = options;
    this.#changes = new Changes(options.clock, options.announce, options.changeIntervalMs);
    this.#scope = new RosterScope(options.fullRoster, {
      show: (participantId) => this.#show(participantId),
      hide: (participantId) => this.#hide(participantId),
      partialChanged: (partial) => this.#changes.partial(partial),
    });
  }

  get size(): number {
    return this.#participants.size;
  }

  /** Whether the room is too large for everybody to be told of everybody. */
  get partial(): boolean {
    return this.#scope.partial;
  }

  get participants(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  /** Oldest first. */
  get publications(): ReadonlyMap<string, Publication> {
    return this.#publications;
  }

  /** Of the last delta. */
  get revision(): number {
    return this.#changes.revision;
  }

  participant(participantId: string): Participant | undefined {
    return this.#participants.get(participantId);
  }

  /** Whether somebody is there of whom the deltas do not speak. */
  isUnseen({ participantId }: Participant): boolean {
    return this.#participants.has(participantId) && !this.#scope.isShown(participantId);
  }

  /** Where there are several, who came last. */
  withIdentity(identity: string): Participant | undefined {
    return this.#byIdentity.last(identity);
  }

  /** In the order in which they came. */
  allWithIdentity(identity: string): readonly Participant[] {
    return this.#byIdentity.all(identity);
  }

  /** What a client needs to know of a publication; undefined when its participant is gone. */
  describe(publication: Publication): { publication: PublicationInfo; participant: ParticipantInfo } | undefined {
    const participant = this.#participants.get(publication.participantId);
    return participant && { publication: publication.info, participant: participant.info };
  }

  entered(participant: Participant): void {
    this.#participants.set(participant.participantId, participant);
    this.#byIdentity.add(participant);
    if (participant.hidden) {
      this.#hiddenOnes += 1;
      return;
    }
    this.#codecs.add(participant.capabilities);
    this.#updateVideoCodecs();
    this.#directory.add(participant);
    this.#scope.add(participant.participantId);
    this.#rank(participant.participantId);
    this.#updateCount();
  }

  /** Metadata, hand, or whether it is a moderator. */
  changed(participant: Participant): void {
    this.#rank(participant.participantId);
    this.#tell(participant);
  }

  /** Something changed of which the room hears in another way. */
  refresh(participant: Participant): void {
    this.#changes.refresh(participant.info);
  }

  /** The participant went. @returns its publications, which went with it */
  left(participant: Participant, reason: LeaveReason): Publication[] {
    const { participantId } = participant;
    const shown = this.#scope.isShown(participantId);
    const published = this.#published.get(participantId) ?? new Set();
    for (const { publicationId } of published) this.#publications.delete(publicationId);
    this.#published.delete(participantId);
    this.#participants.delete(participantId);
    this.#byIdentity.delete(participant);
    this.#speakers.delete(participantId);
    if (shown) this.#changes.left(participantId, reason);
    if (participant.hidden) {
      this.#hiddenOnes -= 1;
    } else {
      this.#codecs.remove(participant.capabilities);
      this.#updateVideoCodecs();
      this.#directory.remove(participant);
      this.#scope.delete(participantId);
      this.#updateCount();
    }
    return [...published];
  }

  published(publication: Publication): void {
    const { participantId, publicationId } = publication;
    this.#publications.set(publicationId, publication);
    const published = this.#published.get(participantId) ?? new Set();
    this.#published.set(participantId, published.add(publication));
    this.publicationChanged(publication);
  }

  publicationChanged(publication: Publication): void {
    const { participantId } = publication;
    this.#rank(participantId);
    if (this.#scope.isShown(participantId)) this.#changes.publication(publication.info);
    else this.#changedUnseen(participantId);
  }

  unpublished(publication: Publication): void {
    const { publicationId, participantId } = publication;
    this.#publications.delete(publicationId);
    this.#published.get(participantId)?.delete(publication);
    // One who is just being hidden may be shown again before anybody hears of it.
    const told = this.#scope.isShown(participantId) || this.#changes.isHiding(participantId);
    if (told) this.#changes.unpublished(publicationId);
    this.#rank(participantId);
  }

  /** They speak now; loudest first. */
  spoke(participantIds: readonly string[]): void {
    for (const participantId of this.#speakers.speak(participantIds)) this.#rank(participantId);
  }

  /** The room as its deltas tell it, and this participant in any case. */
  snapshotFor(participant: Participant): RosterSnapshot {
    const shown = new Set([...this.#scope.shown, participant.participantId]);
    const participants = [...shown].flatMap((participantId) => this.#participants.get(participantId) ?? []);
    return {
      revision: this.#changes.revision,
      partial: this.partial,
      count: this.#seen,
      participants: participants.map(({ info }) => info),
      publications: this.#publicationsOf(participants),
      videoCodecs: this.#videoCodecs,
    };
  }

  /** Those of these publications, and who publishes them, that the room's deltas leave out. */
  unseen(publicationIds: Iterable<string>): Introduction {
    return this.#introduce(publicationIds, ({ participantId }) => !this.#scope.isShown(participantId));
  }

  /** All of these publications, and who publishes them: also of those that are shown a delta may not have told yet. */
  introduction(publicationIds: Iterable<string>): Introduction {
    return this.#introduce(publicationIds, () => true);
  }

  /** Everybody, sorted by name, in pages and by search; with what those on the page publish. */
  page(request: PageRequest) {
    const { entries, ...page } = this.#directory.page(request);
    return { participants: entries.map(({ info }) => info), publications: this.#publicationsOf(entries), ...page };
  }

  /** Others are shown to everybody first from now on. */
  spotlit(concerned: readonly string[], terms: Terms): void {
    for (const identity of concerned) {
      for (const { participantId } of this.#byIdentity.all(identity)) this.#rank(participantId);
    }
    this.tell(terms);
  }

  /** Tells everybody what holds in the room from now on. */
  tell(terms: Terms): void {
    this.#changes.terms(terms);
  }

  /** No delta leaves any more. */
  close(): void {
    this.#changes.close();
  }

  #introduce(publicationIds: Iterable<string>, filter: (publication: Publication) => boolean): Introduction {
    const all = [...publicationIds].flatMap((publicationId) => this.#publications.get(publicationId) ?? []);
    const publications = all.filter(filter);
    const publishers = new Set(
      publications.flatMap(({ participantId }) => this.#participants.get(participantId) ?? []),
    );
    return {
      participants: [...publishers].map(({ info }) => info),
      publications: publications.map(({ info }) => info),
    };
  }

  #publicationsOf(participants: readonly Participant[]): PublicationInfo[] {
    return participants.flatMap(({ participantId }) =>
      [...(this.#published.get(participantId) ?? [])].map(({ info }) => info),
    );
  }

  #show(participantId: string): void {
    const participant = this.#participants.get(participantId);
    if (!participant) return;
    this.#changes.participant(participant.info);
    for (const info of this.#publicationsOf([participant])) this.#changes.publication(info);
  }

  #hide(participantId: string): void {
    this.#changes.hidden(participantId);
    // What the deltas had not told yet, those must hear who know this participant all the same.
    this.#changedUnseen(participantId);
  }

  #tell(participant: Participant): void {
    if (this.#scope.isShown(participant.participantId)) this.#changes.participant(participant.info);
    else this.#options.changedUnseen(participant);
  }

  #changedUnseen(participantId: string): void {
    const participant = this.#participants.get(participantId);
    if (participant) this.#options.changedUnseen(participant);
  }

  #rank(participantId: string): void {
    const participant = this.#participants.get(participantId);
    if (participant && !participant.hidden) {
      const published = [...(this.#published.get(participantId) ?? [])];
      const stands = this.#speakers.has(participantId) || this.#options.isSpotlit(participant.identity);
      this.#scope.set(participantId, relevanceOf(participant, published, stands));
    }
  }

  get #seen(): number {
    return this.size - this.#hiddenOnes;
  }

  #updateCount(): void {
    this.#changes.count(this.partial ? this.#seen : undefined);
  }

  #updateVideoCodecs(): void {
    const codecs = this.#codecs.list;
    if (codecs.join() === this.#videoCodecs.join()) return;
    this.#videoCodecs = codecs;
    this.#changes.videoCodecs(codecs);
  }
}
