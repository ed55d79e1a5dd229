import type { Notice, ParticipantInfo, PublicationInfo, RoomSnapshot } from '../protocol/index.ts';
import type { Hub } from './Hub.ts';
import type { Playback } from './Playback.ts';
import { RemoteParticipant } from './RemoteParticipant.ts';
import { RemotePublication } from './RemotePublication.ts';
import type { Speaker } from './RoomEvents.ts';

/** Who else is in the room and what they send, built from a snapshot and the deltas after it. */
export class Roster {
  readonly #hub: Hub;
  readonly #playback: Playback;
  readonly #onSelf: (info: ParticipantInfo) => void;
  #participants = new Map<string, RemoteParticipant>();
  readonly #publications = new Map<string, RemotePublication>();
  /** Publications and participants that a subscription has named before the room did. */
  readonly #provisional = new Set<string>();
  #selfId = '';
  #revision = 0;
  #speakers: readonly Speaker[] = [];

  constructor(hub: Hub, playback: Playback, onSelf: (info: ParticipantInfo) => void) {
    this.#hub = hub;
    this.#playback = playback;
    this.#onSelf = onSelf;
  }

  get participants(): ReadonlyMap<string, RemoteParticipant> {
    return this.#participants;
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
  reset(snapshot: RoomSnapshot, selfId: string): void {
    const before = [...this.#participants.values()];
    const beforeIds = new Map(before.map((participant) => [participant.participantId, participant]));
    const used = new Set<RemoteParticipant>();
    this.#selfId = selfId;
    this.#revision = snapshot.revision;
    this.#provisional.clear();

    const next: { participant: RemoteParticipant; info: ParticipantInfo }[] = [];
    for (const info of snapshot.participants) {
      if (info.participantId === selfId) {
        this.#onSelf(info);
        continue;
      }
      const participant =
        beforeIds.get(info.participantId) ??
        before.find((known) => known.identity === info.identity && !used.has(known)) ??
        new RemoteParticipant(info);
      used.add(participant);
      next.push({ participant, info });
    }
    for (const participant of before) {
      if (!used.has(participant)) this.#drop(participant, 'disconnected');
    }
    this.#participants = new Map(next.map(({ participant, info }) => [info.participantId, participant]));
    for (const { participant, info } of next) {
      participant.update(info);
      this.#hub.emit(before.includes(participant) ? 'participantChanged' : 'participantJoined', participant);
    }
    for (const { participant, info } of next) {
      const list = snapshot.publications.filter((entry) => entry.participantId === info.participantId);
      this.#replacePublications(participant, list);
    }
  }

  #replacePublications(participant: RemoteParticipant, list: readonly PublicationInfo[]): void {
    const before = [...participant.publications.values()];
    const kept = new Map<string, RemotePublication>();
    for (const info of list) {
      const free = before.filter((known) => ![...kept.values()].includes(known));
      const known =
        free.find((entry) => entry.publicationId === info.publicationId) ??
        free.find(
          (entry) => entry.source === info.source && !list.some((i) => i.publicationId === entry.publicationId),
        );
      if (known) kept.set(info.publicationId, known);
    }
    for (const publication of before) {
      if (![...kept.values()].includes(publication)) this.#removePublication(publication);
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
    for (const { participantId, reason } of delta.left ?? []) {
      const participant = this.#participants.get(participantId);
      if (participant) this.#drop(participant, reason);
    }
  }

  /** A subscription may overtake the delta that introduces its publication, so it brings what it needs. */
  introduce(participant: ParticipantInfo, publication: PublicationInfo): void {
    if (!this.#participants.has(participant.participantId)) {
      this.#provisional.add(participant.participantId);
      this.#setParticipant(participant);
    }
    if (!this.#publications.has(publication.publicationId)) {
      this.#provisional.add(publication.publicationId);
      this.#setPublication(publication);
    }
  }

  /** A subscription has ended. Where the room never spoke of its publication, it came and went between two deltas. */
  forgetProvisional(publicationId: string): void {
    const publication = this.#publications.get(publicationId);
    if (!publication || !this.#provisional.delete(publicationId)) return;
    this.#removePublication(publication);
    const { participant } = publication;
    if (participant.publications.size === 0 && this.#provisional.delete(participant.participantId)) {
      this.#drop(participant, 'left');
    }
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
    const publication = new RemotePublication(participant, info, this.#playback);
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

  #drop(participant: RemoteParticipant, reason: NonNullable<Notice<'roomChanged'>['left']>[number]['reason']): void {
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

  setQuality(connections: Notice<'quality'>['connections']): void {
    for (const { participantId, quality } of connections) {
      const participant = this.#participants.get(participantId);
      if (!participant) continue;
      participant.setConnection(quality);
      this.#hub.emit('participantChanged', participant);
    }
  }

  setStates(states: Notice<'subscriptionState'>['states']): void {
    for (const { publicationId, status, spatialLayer, temporalLayer } of states) {
      const publication = this.#publications.get(publicationId);
      if (!publication) continue;
      const layers = spatialLayer === undefined ? undefined : { spatial: spatialLayer, temporal: temporalLayer ?? 0 };
      publication.setState(status, layers);
      this.#hub.emit('subscriptionChanged', publication);
    }
  }

  /** Everybody is gone from here: the room was left. */
  clear(): void {
    for (const participant of [...this.#participants.values()]) this.#drop(participant, 'left');
    this.#speakers = [];
  }
}
