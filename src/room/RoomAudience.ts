import { audible, type Ranking, settle, spoke, type Voice, voiceOf, without } from './audience.ts';
import type { Publication } from './Publication.ts';
import type { AudioLevel, Clock, Onset } from './ports.ts';
import { RecentSpeakers } from './RecentSpeakers.ts';

/** The sound of so many screen shares goes to everybody, that of older ones to those who watch them. */
const soundsForAll = 2;

/** Within so many milliseconds after the last word. */
const returnMs = 60_000;

export interface RoomAudienceListener {
  /** Somebody may hear others than before. */
  changed(): void;
  /** Others than before belong to the recent speakers. */
  recentChanged(): void;
}

export interface RoomAudienceOptions {
  clock: Clock;
  /** How many voices each participant hears at most; 0: all. */
  speakers: number;
  /** How many recent speakers are of interest. */
  recent: number;
  listener: RoomAudienceListener;
}

export interface Ear {
  /** Hears fewer voices than the room's limit, where its connection is narrow. */
  limit?: number;
  /** Ids of participants whose audio is always wanted. */
  pinned: ReadonlySet<string>;
  /** Ids of participants whose shared screen is watched. */
  watched: ReadonlySet<string>;
}

/** Who is heard in a room, and who has spoken. */
export class RoomAudience {
  readonly #options: RoomAudienceOptions;
  readonly #recent: RecentSpeakers;
  /** Of the room, oldest first, by publication id. */
  #audio: ReadonlyMap<string, Publication> = new Map();
  #microphones: readonly Publication[] = [];
  #sounds: readonly Publication[] = [];
  /** When each microphone was last heard, muted or not, by publication id. */
  readonly #loudAt = new Map<string, number>();
  /** Microphones that are not muted. */
  #ranking: Ranking = [];
  #clockAt: number;
  #elapsed = 0;

  constructor(options: RoomAudienceOptions) {
    this.#options = options;
    this.#recent = new RecentSpeakers(options.recent);
    this.#clockAt = options.clock.now();
  }

  /** The room offers these publications from now on, oldest first. */
  offer(publications: Iterable<Publication>): void {
    const all = [...publications];
    const audio = all.filter(({ kind }) => kind === 'audio');
    const before = { audio: this.#audio, ranking: this.#ranking };
    this.#audio = new Map(audio.map((publication) => [publication.publicationId, publication]));
    this.#sounds = audio.filter(({ source }) => source === 'screen-audio');
    this.#microphones = audio.filter(({ source }) => source !== 'screen-audio');
    for (const publicationId of this.#loudAt.keys())
      if (!this.#audio.has(publicationId)) this.#loudAt.delete(publicationId);
    this.#rank(this.#microphones.filter(({ muted }) => !muted));
    this.#recent.keep(new Set(all.filter(({ kind }) => kind === 'video').map(({ participantId }) => participantId)));
    if (!sameKeys(before.audio, this.#audio) || before.ranking !== this.#ranking) this.#options.listener.changed();
  }

  /** A producer has become loud: if it is to be heard, from its first word. */
  onset({ producerId, level, sustained }: Onset): void {
    const at = this.#ranking.findIndex(({ publicationId }) => publicationId === producerId);
    const voice = this.#ranking[at];
    if (voice) this.#settle(this.#ranking.with(at, this.#spoke(voice, level, sustained)));
    if (voice && sustained) this.#said([voice]);
  }

  /** Who has been loud lately, on one of the room's routers. */
  loud(levels: readonly AudioLevel[]): void {
    const byId = new Map(levels.map(({ producerId, level }) => [producerId, level]));
    this.#settle(
      this.#ranking.map((voice) => {
        const level = byId.get(voice.publicationId);
        return level === undefined ? voice : this.#spoke(voice, level, false);
      }),
    );
    this.#said(this.#ranking.filter(({ publicationId, sustained }) => sustained && byId.has(publicationId)));
  }

  /** The audio that a participant is to receive. */
  heardBy(participantId: string, { limit = this.#limit, pinned, watched }: Ear): Publication[] {
    const heard = new Set(this.#voicesFor(participantId, Math.min(limit, this.#limit)));
    for (const sound of this.#sounds.slice(-soundsForAll)) heard.add(sound);
    for (const sound of this.#sounds) if (watched.has(sound.participantId)) heard.add(sound);
    if (pinned.size > 0) for (const each of this.#audio.values()) if (pinned.has(each.participantId)) heard.add(each);
    return [...heard].filter((publication) => publication.participantId !== participantId);
  }

  /** Whether somebody who is heard no more has spoken lately, and so may soon speak again. */
  mayReturn(publicationId: string): boolean {
    return this.#now() - (this.#loudAt.get(publicationId) ?? Number.NEGATIVE_INFINITY) < returnMs;
  }

  /** Participants with a video who have spoken, with a number that is higher the later; as many as are of interest. */
  get recent(): ReadonlyMap<string, number> {
    return this.#recent.list;
  }

  get #limit(): number {
    return this.#options.speakers === 0 ? Number.POSITIVE_INFINITY : this.#options.speakers;
  }

  /** One more than anybody hears: whoever has a place does not hear itself. */
  get #places(): number {
    return this.#limit + 1;
  }

  #voicesFor(participantId: string, limit: number): readonly Publication[] {
    // Two more cost less than choosing among them; but not where the connection is narrow.
    const enough = limit < this.#limit ? limit : limit + 2;
    if (this.#microphones.length <= enough) return this.#microphones;
    return audible(this.#ranking, participantId, limit).flatMap((id) => this.#audio.get(id) ?? []);
  }

  /** These microphones, and no others, have a place in the ranking. */
  #rank(open: readonly Publication[]): void {
    const ids = new Set(open.map(({ publicationId }) => publicationId));
    for (const { publicationId } of this.#ranking) {
      if (!ids.has(publicationId)) this.#ranking = without(this.#ranking, publicationId, this.#places);
      ids.delete(publicationId);
    }
    const added = open.filter(({ publicationId }) => ids.has(publicationId));
    if (added.length === 0) return;
    this.#ranking = [...this.#ranking, ...added.map((each) => voiceOf(each.publicationId, each.participantId))];
  }

  #spoke(voice: Voice, level: number, sustained: boolean): Voice {
    const now = this.#now();
    this.#loudAt.set(voice.publicationId, now);
    return spoke(voice, level, sustained, now);
  }

  #settle(ranking: Ranking): void {
    // Also where all have a place: somebody's connection may be narrow.
    this.#ranking = Number.isFinite(this.#limit) ? settle(ranking, this.#places, this.#now()) : ranking;
    if (this.#ranking !== ranking) this.#options.listener.changed();
  }

  /** They have said more than a click. */
  #said(voices: Ranking): void {
    const changed = this.#recent.spoke(voices.map(({ participantId }) => participantId));
    if (changed) this.#options.listener.recentChanged();
  }

  /** Milliseconds that have passed; where somebody sets the wall clock back, none. */
  #now(): number {
    const at = this.#options.clock.now();
    this.#elapsed += Math.max(0, at - this.#clockAt);
    this.#clockAt = at;
    return this.#elapsed;
  }
}

function sameKeys(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  return one.size === other.size && [...one.keys()].every((key) => other.has(key));
}
