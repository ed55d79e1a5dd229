import type { LeaveReason, Notice, ParticipantInfo, PublicationInfo, VideoCodec } from '../protocol/index.ts';
import type { Clock } from './ports.ts';

/** The first change leaves at once, then at most one delta in this time. */
const intervalMs = 100;

/**
 * Collects what changes in a room and gives it out as numbered deltas, so that a hundred joins a second cost ten
 * messages, encoded once. Entries replace those of the same id: applying a delta twice does no harm.
 */
export class Changes {
  readonly #clock: Clock;
  readonly #send: (delta: Notice<'roomChanged'>) => void;
  #revision = 0;
  #participants = new Map<string, ParticipantInfo>();
  #left = new Map<string, LeaveReason>();
  #publications = new Map<string, PublicationInfo>();
  #unpublished = new Set<string>();
  #videoCodecs: VideoCodec[] | undefined;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock, send: (delta: Notice<'roomChanged'>) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Of the last delta that was sent. */
  get revision(): number {
    return this.#revision;
  }

  participant(info: ParticipantInfo): void {
    this.#participants.set(info.participantId, info);
    this.#schedule();
  }

  /**
   * Something changed of which the room hears in another way. A delta that still waits must not bring the former
   * state back when it comes after that.
   */
  refresh(info: ParticipantInfo): void {
    if (this.#participants.has(info.participantId)) this.#participants.set(info.participantId, info);
  }

  /** The publications go with their participant. */
  left(participantId: string, reason: LeaveReason): void {
    this.#participants.delete(participantId);
    for (const info of [...this.#publications.values()]) {
      // Published and gone within one interval: it must not come after the one who sent it has left.
      if (info.participantId === participantId) this.#publications.delete(info.publicationId);
    }
    this.#left.set(participantId, reason);
    this.#schedule();
  }

  publication(info: PublicationInfo): void {
    this.#publications.set(info.publicationId, info);
    this.#schedule();
  }

  unpublished(publicationId: string): void {
    this.#publications.delete(publicationId);
    this.#unpublished.add(publicationId);
    this.#schedule();
  }

  videoCodecs(codecs: VideoCodec[]): void {
    this.#videoCodecs = codecs;
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    if (this.#cancel || this.#closed) return;
    // Also "at once" is after the current turn: what changes together leaves together.
    const wait = this.#lastSentAt + intervalMs - this.#clock.now();
    // A wall clock that was set back must not hold up the room for as long.
    this.#cancel = this.#clock.after(Math.min(intervalMs, Math.max(0, wait)), () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    this.#lastSentAt = this.#clock.now();
    this.#revision += 1;
    const delta: Notice<'roomChanged'> = { revision: this.#revision };
    if (this.#participants.size > 0) delta.participants = [...this.#participants.values()];
    if (this.#left.size > 0) delta.left = [...this.#left].map(([participantId, reason]) => ({ participantId, reason }));
    if (this.#publications.size > 0) delta.publications = [...this.#publications.values()];
    if (this.#unpublished.size > 0)
      delta.unpublished = [...this.#unpublished].map((publicationId) => ({ publicationId }));
    if (this.#videoCodecs) delta.videoCodecs = this.#videoCodecs;
    this.#participants.clear();
    this.#left.clear();
    this.#publications.clear();
    this.#unpublished.clear();
    this.#videoCodecs = undefined;
    this.#send(delta);
  }
}
