import { nanoid } from 'nanoid';
import type { Emitter } from '../events.ts';
import type { Logger } from '../log.ts';
import type { Knock, LeaveReason, Moderator, RoomEnd } from '../protocol/index.ts';
import type { Deed } from './Actor.ts';
import type { Participant } from './Participant.ts';
import type { Publication } from './Publication.ts';
import type { Clock } from './ports.ts';

/** What tells one meeting from another that had the same room name at another time. */
export interface RoomSession {
  readonly sessionId: string;
  readonly name: string;
  /** When the first participant came; milliseconds since 1970. */
  readonly startedAt: number;
}

/**
 * What has happened in the rooms of this server, for those who keep a record of it. Each beginning has one end, and the
 * ends come from the inside out: publications, participants, room. Somebody who resumes or whose worker goes neither
 * leaves nor joins; a publication that is sent again after that has not ended.
 */
export interface MeetingEvents {
  /** With its first participant, whose `participantJoined` comes next. */
  roomStarted: [RoomSession];
  roomEnded: [RoomSession, { reason: RoomEnd; by?: Moderator; durationMs: number }];
  participantJoined: [RoomSession, Participant];
  participantLeft: [RoomSession, Participant, { reason: LeaveReason; by?: Moderator; durationMs: number }];
  publicationStarted: [RoomSession, Participant, Publication];
  publicationEnded: [RoomSession, Participant, Publication, { durationMs: number }];
  /** Somebody waits in the lobby, perhaps before anybody has ever been in the room. */
  knocked: [Pick<RoomSession, 'name' | 'sessionId'>, Knock];
  /** What a moderator or the application's server has done or tried: once for each action, when it is over. */
  moderated: [Deed];
  /** In the room of that name the person of that identity is banned no more. */
  unbanned: [room: string, identity: string];
}

export interface MeetingOptions {
  name: string;
  clock: Clock;
  events: Emitter<MeetingEvents>;
  log: Logger;
}

/** The record of one room: writes the log's lines of it, and tells each thing once, after it has happened. */
export class Meeting {
  readonly #options: MeetingOptions;
  readonly #sessionId = nanoid();
  /** Of those who are there and what they publish: since when, by the clock that nobody sets. */
  readonly #joined = new Map<Participant, number>();
  readonly #published = new Map<Publication, number>();
  #session: RoomSession | undefined;
  #startedAt = 0;

  constructor(options: MeetingOptions) {
    this.#options = options;
    options.log.info('room opened');
  }

  /** Another one for each meeting, whatever its room is called. */
  get sessionId(): string {
    return this.#sessionId;
  }

  /** When the first participant came, in milliseconds since 1970; undefined before. */
  get startedAt(): number | undefined {
    return this.#session?.startedAt;
  }

  joined(participant: Participant): void {
    const { events, name, clock } = this.#options;
    if (!this.#session) {
      this.#session = { sessionId: this.#sessionId, name, startedAt: clock.date() };
      this.#startedAt = clock.now();
      events.emit('roomStarted', this.#session);
    }
    this.#joined.set(participant, clock.now());
    participant.log.info({ identity: participant.identity }, 'participant joined');
    events.emit('participantJoined', this.#session, participant);
  }

  knocked(knock: Knock): void {
    const { events, name, log } = this.#options;
    log.info({ identity: knock.identity }, 'somebody waits in the lobby');
    events.emit('knocked', { name, sessionId: this.#sessionId }, knock);
  }

  /**
   * @param publications those that went with it
   * @param by who has sent it away
   */
  left(participant: Participant, reason: LeaveReason, publications: readonly Publication[], by?: Moderator): void {
    for (const publication of publications) this.unpublished(participant, publication);
    participant.log.info({ reason }, 'participant left');
    const since = this.#joined.get(participant);
    // One that went before its join was done has never been there for others.
    if (since === undefined || !this.#session) return;
    this.#joined.delete(participant);
    this.#options.events.emit('participantLeft', this.#session, participant, {
      reason,
      ...(by && { by }),
      durationMs: this.#since(since),
    });
  }

  published(participant: Participant, publication: Publication): void {
    if (!this.#session) return;
    this.#published.set(publication, this.#options.clock.now());
    this.#options.events.emit('publicationStarted', this.#session, participant, publication);
  }

  unpublished(participant: Participant, publication: Publication): void {
    const since = this.#published.get(publication);
    if (since === undefined || !this.#session) return;
    this.#published.delete(publication);
    const durationMs = this.#since(since);
    this.#options.events.emit('publicationEnded', this.#session, participant, publication, { durationMs });
  }

  ended(reason: RoomEnd, by?: Moderator): void {
    this.#options.log.info({ reason }, 'room closed');
    if (!this.#session) return;
    const durationMs = this.#since(this.#startedAt);
    this.#options.events.emit('roomEnded', this.#session, { reason, ...(by && { by }), durationMs });
  }

  #since(at: number): number {
    return this.#options.clock.now() - at;
  }
}
