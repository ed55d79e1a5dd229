import type { Notice, PublicationInfo, RoomSnapshot } from '../../../src/protocol/index.ts';

/** What is published in the room, in the order in which it came, as one participant hears of it. */
export class Roster {
  onChanged: () => void = () => undefined;
  readonly #publications = new Map<string, PublicationInfo>();
  #revision = -1;

  get publications(): PublicationInfo[] {
    return [...this.#publications.values()];
  }

  /** Videos of everybody, oldest first. */
  get videos(): PublicationInfo[] {
    return this.publications.filter(({ kind }) => kind === 'video');
  }

  reset(snapshot: RoomSnapshot): void {
    this.#revision = snapshot.revision;
    this.#publications.clear();
    for (const publication of snapshot.publications) this.#publications.set(publication.publicationId, publication);
    this.onChanged();
  }

  apply({ revision, publications = [], unpublished = [], left = [] }: Notice<'roomChanged'>): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    for (const publication of publications) this.#publications.set(publication.publicationId, publication);
    for (const { publicationId } of unpublished) this.#publications.delete(publicationId);
    const gone = new Set(left.map(({ participantId }) => participantId));
    if (gone.size > 0) {
      for (const { publicationId, participantId } of this.publications) {
        if (gone.has(participantId)) this.#publications.delete(publicationId);
      }
    }
    this.onChanged();
  }
}
