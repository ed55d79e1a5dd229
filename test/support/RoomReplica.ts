import type { Notice, ParticipantInfo, PublicationInfo, RoomSnapshot, VideoCodec } from '../../src/protocol/index.ts';

/** The room as a client knows it: the snapshot, and the deltas replayed over it. */
export class RoomReplica {
  readonly participants = new Map<string, ParticipantInfo>();
  readonly publications = new Map<string, PublicationInfo>();
  videoCodecs: VideoCodec[];
  #revision: number;
  readonly #problems: string[];

  constructor(snapshot: RoomSnapshot, problems: string[]) {
    this.#problems = problems;
    this.#revision = snapshot.revision;
    this.videoCodecs = snapshot.videoCodecs;
    for (const info of snapshot.participants) this.participants.set(info.participantId, structuredClone(info));
    for (const info of snapshot.publications) this.publications.set(info.publicationId, structuredClone(info));
  }

  apply(delta: Notice<'roomChanged'>): void {
    if (delta.revision !== this.#revision + 1) {
      this.#problems.push(`revision ${delta.revision} came after ${this.#revision}`);
    }
    this.#revision = delta.revision;
    this.#checkOrderDoesNotMatter(delta);
    for (const info of delta.participants ?? []) this.participants.set(info.participantId, info);
    for (const { participantId } of delta.left ?? []) {
      this.participants.delete(participantId);
      for (const [id, info] of this.publications)
        if (info.participantId === participantId) this.publications.delete(id);
    }
    for (const info of delta.publications ?? []) this.publications.set(info.publicationId, info);
    for (const { publicationId } of delta.unpublished ?? []) this.publications.delete(publicationId);
    this.videoCodecs = delta.videoCodecs ?? this.videoCodecs;
  }

  applyQuality({ connections }: Notice<'quality'>): void {
    for (const { participantId, quality } of connections) {
      const info = this.participants.get(participantId);
      if (info) this.participants.set(participantId, { ...info, connection: quality });
    }
  }

  /** A client may take the parts of a delta in any order, so nothing can both come and go in it. */
  #checkOrderDoesNotMatter({ participants, left, publications, unpublished }: Notice<'roomChanged'>): void {
    const gone = new Set(left?.map(({ participantId }) => participantId));
    const withdrawn = new Set(unpublished?.map(({ publicationId }) => publicationId));
    if (participants?.some(({ participantId }) => gone.has(participantId))) {
      this.#problems.push('somebody comes and goes in one delta');
    }
    if (publications?.some((info) => gone.has(info.participantId) || withdrawn.has(info.publicationId))) {
      this.#problems.push('a publication comes and goes in one delta');
    }
  }
}
