import type { Notice } from '../protocol/index.ts';
import type { Participant } from './Participant.ts';
import type { Present } from './Present.ts';
import type { AudioLevel, Clock } from './ports.ts';
import type { RoomRoster } from './RoomRoster.ts';
import { sameSpeakers, speakersOf } from './speakers.ts';

/**
 * One message to each participant in this time, about speakers or about quality: a little over half a second, so that
 * timers that fire early never make three in a second.
 */
const slotMs = 510;

export interface ActivityOptions {
  clock: Clock;
  roster: RoomRoster;
  present: Present;
  tellSpeakers: (notice: Notice<'speakers'>) => void;
  /** Tells everybody. */
  tellQuality: (notice: Notice<'quality'>) => void;
}

type Speakers = Notice<'speakers'>['speakers'];

/**
 * Tells a room who speaks and how good the connections are: at most two messages a second to each participant, the
 * first at once. Speakers concern everybody; in a large room the quality of a connection concerns its owner and those
 * who receive something from there.
 */
export class Activity {
  readonly #options: ActivityOptions;
  readonly #changed = new Set<Participant>();
  #speakers: Speakers = [];
  #told: Speakers = [];
  #lastTold: 'speakers' | 'quality' = 'quality';
  #nextSlotAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(options: ActivityOptions) {
    this.#options = options;
  }

  /** Who speaks, as everybody was told last. */
  get speakers(): Speakers {
    return this.#told;
  }

  heard(levels: readonly AudioLevel[]): void {
    const { roster } = this.#options;
    this.#speakers = speakersOf(levels, roster.publications);
    roster.spoke(this.#speakers.map(({ participantId }) => participantId));
    this.#schedule();
  }

  qualityChanged(participant: Participant): void {
    this.#changed.add(participant);
    this.#schedule();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#changed.clear();
    this.#speakers = this.#told;
  }

  #schedule(): void {
    if (this.#cancel || !this.#news) return;
    const wait = this.#nextSlotAt - this.#options.clock.now();
    // A wall clock that was set back must not hold them up for as long.
    this.#cancel = this.#options.clock.after(Math.min(slotMs, Math.max(0, wait)), () => this.#flush());
  }

  /** What there is to tell; when there is both, they take turns. */
  get #news(): 'speakers' | 'quality' | undefined {
    const speakers = !sameSpeakers(this.#speakers, this.#told);
    if (speakers && (this.#changed.size === 0 || this.#lastTold === 'quality')) return 'speakers';
    return this.#changed.size > 0 ? 'quality' : undefined;
  }

  #flush(): void {
    this.#cancel = undefined;
    const news = this.#news;
    // It may be as it was told again.
    if (!news) return;
    this.#nextSlotAt = this.#options.clock.now() + slotMs;
    this.#lastTold = news;
    if (news === 'speakers') this.#tellSpeakers();
    else this.#tellQuality();
    this.#schedule();
  }

  #tellSpeakers(): void {
    this.#told = this.#speakers;
    this.#options.tellSpeakers({ speakers: this.#told });
  }

  #tellQuality(): void {
    const { roster, present, tellQuality } = this.#options;
    const changed = [...this.#changed].filter(({ closed }) => !closed);
    this.#changed.clear();
    if (changed.length === 0) return;
    if (!roster.partial) tellQuality(qualityOf(changed));
    else present.concerned(changed, ({ link }, concerns) => link.tell('quality', qualityOf(concerns)));
  }
}

export function qualityOf(participants: readonly Participant[]): Notice<'quality'> {
  return {
    connections: participants.map(({ info }) => ({ participantId: info.participantId, quality: info.connection })),
  };
}
