import type { LeaveReason, Notice, ParticipantInfo, PublicationInfo, RoomSnapshot } from '../protocol/index.ts';
import { Changes } from './Changes.ts';
import { commonVideoCodecs } from './codecs.ts';
import type { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import type { Clock } from './ports.ts';

export interface RoomRosterOptions {
  clock: Clock;
  announce: (delta: Notice<'roomChanged'>) => void;
}

/** Who is in a room and what they publish, and the deltas that tell of it. */
export class RoomRoster {
  readonly #participants = new Map<string, Participant>();
  readonly #publications = new Map<string, Publication>();
  readonly #changes: Changes;
  #videoCodecs = commonVideoCodecs([]);

  constructor({ clock, announce }: RoomRosterOptions) {
    this.#changes = new Changes(clock, announce);
  }

  get size(): number {
    return this.#participants.size;
  }

  get participants(): readonly Participant[] {
    return [...this.#participants.values()];
  }

  /** Oldest first. */
  get publications(): ReadonlyMap<string, Publication> {
    return this.#publications;
  }

  participant(participantId: string): Participant | undefined {
    return this.#participants.get(participantId);
  }

  /** What a client needs to know of a publication; undefined when its participant is gone. */
  describe(publication: Publication): { publication: PublicationInfo; participant: ParticipantInfo } | undefined {
    const participant = this.#participants.get(publication.participantId);
    return participant && { publication: publication.info, participant: participant.info };
  }

  entered(participant: Participant): void {
    this.#participants.set(participant.participantId, participant);
    this.#updateVideoCodecs();
    this.#changes.participant(participant.info);
  }

  changed(participant: Participant): void {
    this.#changes.participant(participant.info);
  }

  /** Something changed of which the room hears in another way. */
  refresh(participant: Participant): void {
    this.#changes.refresh(participant.info);
  }

  /** The participant went, and its publications with it. */
  left({ participantId }: Participant, reason: LeaveReason): void {
    this.#participants.delete(participantId);
    for (const publication of [...this.#publications.values()]) {
      if (publication.participantId === participantId) this.#publications.delete(publication.publicationId);
    }
    this.#changes.left(participantId, reason);
    this.#updateVideoCodecs();
  }

  published(publication: Publication): void {
    this.#publications.set(publication.publicationId, publication);
    this.#changes.publication(publication.info);
  }

  publicationChanged(publication: Publication): void {
    this.#changes.publication(publication.info);
  }

  unpublished({ publicationId }: Publication): void {
    this.#publications.delete(publicationId);
    this.#changes.unpublished(publicationId);
  }

  snapshot(): Omit<RoomSnapshot, 'room' | 'chat'> {
    return {
      revision: this.#changes.revision,
      participants: this.participants.map(({ info }) => info),
      publications: [...this.#publications.values()].map(({ info }) => info),
      videoCodecs: this.#videoCodecs,
    };
  }

  /** No delta leaves any more. */
  close(): void {
    this.#changes.close();
  }

  #updateVideoCodecs(): void {
    const codecs = commonVideoCodecs(this.participants.map(({ capabilities }) => capabilities));
    if (codecs.join() === this.#videoCodecs.join()) return;
    this.#videoCodecs = codecs;
    this.#changes.videoCodecs(codecs);
  }
}
