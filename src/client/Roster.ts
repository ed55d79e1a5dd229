import type { Notice, ParticipantInfo, PublicationInfo, RoomSnapshot } from '../protocol/index.ts';
import type { Hub } from './Hub.ts';
import type { Playback } from './Playback.ts';
import { RemoteParticipant } from './RemoteParticipant.ts';
import { type ElementListener, RemotePublication } from './RemotePublication.ts';
import type { LeftReason, Speaker } from './RoomEvents.ts';
import { samePublications } from './samePublications.ts';

/** Who stands behind subscriptions of whom the room does not tell. */
export interface Introduced {
  participants: readonly ParticipantInfo[];
  publications: readonly PublicationInfo[];
}

const nobody: Introduced = { participants: [], publications: [] };

/**
 * Who else is in the room and what they send, built from a snapshot and the deltas after it. In a large room these tell
 * of some only; who is known besides is known because something of that person is received.
 */
export class Roster {
  readonly #hub: Hub;
  readonly #playback: Playback;
  readonly #elements: ElementListener;
  readonly #onSelf: (info: ParticipantInfo) => void;
  #participants = new Map<string, RemoteParticipant>();
  readonly #publications = new Map<string, RemotePublication>();
  /** Publications and participants that are known by a subscription, and not, or not yet, by the room. */
  readonly #provisional = new Set<string>();
  /** What is received, by subscription: its publication. */
  readonly #subscribed = new Map<string, string>();
  #selfId = '';
  #revision = 0;
  #partial = false;
  /** As the room has told while it is large. */
  #count = 0;
  #toldCount = 0;
  #speakers: readonly Speaker[] = [];

  constructor(hub: Hub, playback: Playback, elements: ElementListener, onSelf: (info: ParticipantInfo) => void) {
    this.#hub = hub;
    this.#playback = playback;
    this.#elements = elements;
    this.#onSelf = onSelf;
  }

  get participants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#participants;
  }

  get partial(): boolean {
    return this.#partial;
  }

  /** Everybody, oneself included; 0 outside of a room. */
  get count(): number {
    if (this.#selfId === '') return 0;
    const known = this.#participants.size + 1;
    return this.#partial ? Math.max(this.#count, known) : known;
  }

  get speakers(): readonly Speaker[] {
    return this.#speakers;
  }

  get revision(): number {
    return this.#revision;
  }

  publication(publicationId: string): RemotePublication | undefined {
    return this.#publications.get(publicationId);
  }

  get publications(): Iterable<RemotePublication> {
    return this.#publications.values();
  }

  /**
   * The room as it is after a join. After a reconnect, people are recognized by identity and their publications by
   * source, so that the objects (and what an application has attached to them) stay.
   */
  reset(snapshot: RoomSnapshot, selfId: string, introduced: Introduced = nobody): void {
    const before = this.#participants;
    const byIdentity = new Map([...before.values()].map((participant) => [participant.identity, participant]));
    this.#selfId = selfId;
    this.#revision = snapshot.revision;
    this.#partial = snapshot.partial;
    this.#count = snapshot.count;
    this.#subscribed.clear();
    this.#provisional.clear();
    for (const { participantId } of introduced.participants) this.#provisional.add(participantId);
    for (const { publicationId } of introduced.publications) this.#provisional.add(publicationId);

    const next: { participant: RemoteParticipant; info: ParticipantInfo }[] = [];
    for (const info of [...snapshot.participants, ...introduced.participants]) {
      if (info.participantId === selfId) {
        this.#onSelf(info);
        continue;
      }
      const known = before.get(info.participantId) ?? byIdentity.get(info.identity);
      next.push({ participant: known ?? new RemoteParticipant(info), info });
    }
    const used = new Set(next.map(({ participant }) => participant));
    const known = new Set(before.values());
    for (const participant of known) {
      if (!used.has(participant)) this.#drop(participant, snapshot.partial ? 'hidden' : 'disconnected');
    }
    this.#participants = new Map(next.map(({ participant, info }) => [info.participantId, participant]));
    for (const { participant, info } of next) {
      participant.update(info);
      this.#hub.emit(known.has(participant) ? 'participantChanged' : 'participantJoined', participant);
    }
    const publications = [...snapshot.publications, ...introduced.publications];
    for (const { participant, info } of next) {
      const list = publications.filter((entry) => entry.participantId === info.participantId);
      this.#replacePublications(participant, list);
    }
    this.setSpeakers(snapshot.speakers);
    this.#tellCount();
  }

  #replacePublications(participant: RemoteParticipant, list: readonly PublicationInfo[]): void {
    const before = [...participant.publications.values()];
    const kept = samePublications(before, list);
    const staying = new Set(kept.values());
    for (const publication of before) {
      if (!staying.has(publication)) this.#removePublication(publication);
    }
    for (const publication of before) {
      this.#publications.delete(publication.publicationId);
      participant.own.delete(publication.publicationId);
    }
    for (const info of list) {
      const known = kept.get(info.publicationId);
      if (!known) {
        this.#setPublication(info);
        continue;
      }
      known.update(info);
      this.#publications.set(info.publicationId, known);
      participant.own.set(info.publicationId, known);
      this.#hub.emit('publicationChanged', known);
    }
  }

  /** Applies a delta; one that is contained in the current state already is passed over. */
  apply(delta: Notice<'roomChanged'>): void {
    if (delta.revision <= this.#revision) return;
    this.#revision = delta.revision;
    this.#partial = delta.partial ?? this.#partial;
    this.#count = delta.count ?? this.#count;
    for (const info of delta.participants ?? []) {
      this.#provisional.delete(info.participantId);
      this.#setParticipant(info);
    }
    for (const info of delta.publications ?? []) {
      this.#provisional.delete(info.publicationId);
      this.#setPublication(info);
    }
    for (const { publicationId } of delta.unpublished ?? []) {
      const publication = this.#publications.get(publicationId);
      if (publication) this.#removePublication(publication);
    }
    for (const { participantId } of delta.hidden ?? []) {
      const participant = this.#participants.get(participantId);
      if (participant) this.#hide(participant);
    }
    for (const { participantId, reason } of delta.left ?? []) {
      const participant = this.#participants.get(participantId);
      if (participant) this.#drop(participant, reason);
    }
    this.#tellCount();
  }

  /** What the server tells of oneself and of those whom one receives, where the room does not. */
  applyKnown({ participants, publications }: Pick<Notice<'knownChanged'>, 'participants' | 'publications'>): void {
    for (const info of participants) {
      if (info.participantId === this.#selfId || this.#participants.has(info.participantId)) this.#setParticipant(info);
    }
    for (const info of publications) {
      if (this.#publications.has(info.publicationId)) this.#setPublication(info);
    }
  }

  /** A subscription may overtake the delta that introduces its publication, so it brings what it needs. */
  introduce(participant: ParticipantInfo, publication: PublicationInfo): void {
    if (!this.#participants.has(participant.participantId)) this.#provisional.add(participant.participantId);
    if (!this.#publications.has(publication.publicationId)) this.#provisional.add(publication.publicationId);
    this.#setParticipant(participant);
    this.#setPublication(publication);
    this.#tellCount();
  }

  subscribed(subscriptionId: string, publicationId: string): void {
    this.#subscribed.set(subscriptionId, publicationId);
  }

  /**
   * A subscription has ended. Where the room does not speak of its publication, it came and went between two deltas, or
   * is one of those that a large room leaves out.
   */
  unsubscribed(subscriptionId: string): void {
    const publicationId = this.#subscribed.get(subscriptionId) ?? '';
    const publication = this.#publications.get(publicationId);
    this.#subscribed.delete(subscriptionId);
    const replaced = [...this.#subscribed.values()].includes(publicationId);
    if (!publication || replaced || !this.#provisional.has(publicationId)) return;
    this.#removePublication(publication);
    const { participant } = publication;
    if (participant.publications.size > 0 || !this.#provisional.has(participant.participantId)) return;
    this.#drop(participant, this.#partial ? 'hidden' : 'left');
    this.#tellCount();
  }

  /** The room speaks of them no more; what is received of them stays known. */
  #hide(participant: RemoteParticipant): void {
    const received = new Set(this.#subscribed.values());
    for (const publication of [...participant.publications.values()]) {
      if (received.has(publication.publicationId)) this.#provisional.add(publication.publicationId);
      else this.#removePublication(publication);
    }
    if (participant.publications.size > 0) this.#provisional.add(participant.participantId);
    else this.#drop(participant, 'hidden');
  }

  #tellCount(): void {
    if (this.count === this.#toldCount) return;
    this.#toldCount = this.count;
    this.#hub.emit('participantCountChanged', this.count);
  }

  #setParticipant(info: ParticipantInfo): void {
    if (info.participantId === this.#selfId) {
      this.#onSelf(info);
      return;
    }
    const known = this.#participants.get(info.participantId);
    if (known) {
      known.update(info);
      this.#hub.emit('participantChanged', known);
      return;
    }
    const participant = new RemoteParticipant(info);
    this.#participants.set(info.participantId, participant);
    // Who begins to speak in a large room becomes known after that.
    participant.setLevel(this.#speakers.find(({ participantId }) => participantId === info.participantId)?.level);
    this.#hub.emit('participantJoined', participant);
  }

  #setPublication(info: PublicationInfo): void {
    // One's own publications are known better here than there.
    const participant = this.#participants.get(info.participantId);
    if (!participant) return;
    const known = this.#publications.get(info.publicationId);
    if (known) {
      known.update(info);
      this.#hub.emit('publicationChanged', known);
      return;
    }
    const publication = new RemotePublication(participant, info, this.#playback, this.#elements);
    this.#publications.set(info.publicationId, publication);
    participant.own.set(info.publicationId, publication);
    this.#hub.emit('publicationAdded', publication);
  }

  #removePublication(publication: RemotePublication): void {
    this.#provisional.delete(publication.publicationId);
    this.#publications.delete(publication.publicationId);
    publication.participant.own.delete(publication.publicationId);
    if (publication.track) {
      publication.setReception(undefined);
      this.#hub.emit('subscriptionRemoved', publication);
    }
    this.#hub.emit('publicationRemoved', publication);
  }

  #drop(participant: RemoteParticipant, reason: LeftReason): void {
    this.#provisional.delete(participant.participantId);
    for (const publication of [...participant.publications.values()]) this.#removePublication(publication);
    this.#participants.delete(participant.participantId);
    this.#hub.emit('participantLeft', participant, reason);
  }

  setSpeakers(speakers: readonly Speaker[]): void {
    this.#speakers = speakers;
    const levels = new Map(speakers.map(({ participantId, level }) => [participantId, level]));
    for (const participant of this.#participants.values()) participant.setLevel(levels.get(participant.participantId));
    this.#hub.emit('speakersChanged', speakers);
  }

  /** Everybody is gone from here: the room was left. */
  clear(): void {
    for (const participant of [...this.#participants.values()]) this.#drop(participant, 'left');
    this.#speakers = [];
    this.#selfId = '';
    this.#partial = false;
    this.#tellCount();
  }
}
