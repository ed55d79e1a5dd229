import { isDeepStrictEqual } from 'node:util';
import type {
  LeaveReason,
  Notice,
  ParticipantInfo,
  PublicationInfo,
  RoomSnapshot,
  VideoCodec,
} from '../protocol/index.ts';
import type { Clock } from './ports.ts';

/**
 * How long nothing but the number of participants has to wait: longer in a larger room, so that it costs all of them
 * together the same bytes in a second.
 */
const countIntervalMs = (count: number) => Math.max(1000, 2 * count);

/** What holds for everybody in a room: what was said last replaces what was said before. */
export type Terms = Pick<Notice<'roomChanged'>, 'settings' | 'endsAt' | 'spotlight' | 'by'>;

/** The room as its deltas go on from it. */
export type RosterSnapshot = Omit<RoomSnapshot, 'room' | 'now' | 'chat' | 'speakers' | 'ofMainRoom' | keyof Terms>;

/**
 * Collects what changes in a room and gives it out as numbered deltas, so that a hundred joins a second cost ten
 * messages, encoded once. Entries replace those of the same id: applying a delta twice does no harm.
 */
export class Changes {
  readonly #clock: Clock;
  readonly #send: (delta: Notice<'roomChanged'>) => void;
  readonly #intervalMs: number;
  #revision = 0;
  #partial: boolean | undefined;
  /** Undefined while nobody needs to be told. */
  #count: number | undefined;
  #participants = new Map<string, ParticipantInfo>();
  #hidden = new Set<string>();
  #left = new Map<string, LeaveReason>();
  #publications = new Map<string, PublicationInfo>();
  #unpublished = new Set<string>();
  #videoCodecs: VideoCodec[] | undefined;
  #terms: Terms = {};
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #countSentAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;
  #cancelCount: (() => void) | undefined;
  #closed = false;

  /** @param intervalMs the first change leaves at once, then at most one delta in this time */
  constructor(clock: Clock, send: (delta: Notice<'roomChanged'>) => void, intervalMs: number) {
    this.#clock = clock;
    this.#send = send;
    this.#intervalMs = intervalMs;
  }

  /** Of the last delta that was sent. */
  get revision(): number {
    return this.#revision;
  }

  partial(partial: boolean): void {
    this.#partial = partial;
    this.#schedule();
  }

  /** Goes with the next delta; by itself only after a while. Undefined: nobody needs to know any more. */
  count(count: number | undefined): void {
    this.#count = count;
    if (count === undefined) this.#stopCount();
    else if (!this.#closed) this.#cancelCount ??= this.#countTimer(countIntervalMs(count));
  }

  participant(info: ParticipantInfo): void {
    this.#hidden.delete(info.participantId);
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

  /** The room hears nothing more of this participant and of what it publishes. */
  hidden(participantId: string): void {
    this.#forget(participantId);
    this.#hidden.add(participantId);
    this.#schedule();
  }

  /** Whether the room has yet to be told that it hears no more of this participant. */
  isHiding(participantId: string): boolean {
    return this.#hidden.has(participantId);
  }

  /** The publications go with their participant. */
  left(participantId: string, reason: LeaveReason): void {
    this.#forget(participantId);
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

  terms(terms: Terms): void {
    const alone = Object.keys(this.#terms).length === 0 || isDeepStrictEqual(this.#terms.by, terms.by);
    const { by, ...all } = { ...this.#terms, ...terms };
    // What several have changed at the same time is told as nobody's.
    this.#terms = { ...all, ...(by && alone && { by }) };
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#stopCount();
  }

  /** Told and gone within one interval: it must not come after the one whose it is has gone. */
  #forget(participantId: string): void {
    this.#participants.delete(participantId);
    this.#hidden.delete(participantId);
    for (const info of this.#publications.values()) {
      if (info.participantId === participantId) this.#publications.delete(info.publicationId);
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    // Also "at once" is after the current turn: what changes together leaves together.
    this.#cancel ??= this.#after(this.#lastSentAt + this.#intervalMs, this.#intervalMs, () => this.#flush());
  }

  /** A wall clock that was set back must not hold up the room for as long: `most` is the longest wait. */
  #after(at: number, most: number, action: () => void): () => void {
    return this.#clock.after(Math.min(most, Math.max(0, at - this.#clock.now())), action);
  }

  #flush(): void {
    this.#cancel = undefined;
    this.#lastSentAt = this.#clock.now();
    this.#revision += 1;
    const delta: Notice<'roomChanged'> = { revision: this.#revision, ...this.#terms };
    if (this.#partial !== undefined) delta.partial = this.#partial;
    if (this.#count !== undefined) delta.count = this.#takeCount(this.#count);
    if (this.#participants.size > 0) delta.participants = [...this.#participants.values()];
    if (this.#hidden.size > 0) delta.hidden = named(this.#hidden);
    if (this.#left.size > 0) delta.left = [...this.#left].map(([participantId, reason]) => ({ participantId, reason }));
    if (this.#publications.size > 0) delta.publications = [...this.#publications.values()];
    if (this.#unpublished.size > 0)
      delta.unpublished = [...this.#unpublished].map((publicationId) => ({ publicationId }));
    if (this.#videoCodecs) delta.videoCodecs = this.#videoCodecs;
    this.#partial = undefined;
    this.#terms = {};
    this.#participants.clear();
    this.#hidden.clear();
    this.#left.clear();
    this.#publications.clear();
    this.#unpublished.clear();
    this.#videoCodecs = undefined;
    this.#send(delta);
  }

  #takeCount(count: number): number {
    this.#countSentAt = this.#clock.now();
    this.#count = undefined;
    this.#stopCount();
    return count;
  }

  #countTimer(intervalMs: number): () => void {
    return this.#after(this.#countSentAt + intervalMs, intervalMs, () => {
      this.#cancelCount = undefined;
      this.#schedule();
    });
  }

  #stopCount(): void {
    this.#cancelCount?.();
    this.#cancelCount = undefined;
  }
}

function named(participantIds: Iterable<string>): { participantId: string }[] {
  return [...participantIds].map((participantId) => ({ participantId }));
}
