import { randomBytes } from 'node:crypto';
import { fingerprintOf } from '../auth/RevokedTokens.ts';
import type { CheckedGrant } from '../auth/TokenService.ts';
import type { Logger } from '../log.ts';
import { type Grants, type LeaveReason, PlenumError, plainRoomSettings, type RoomSettings } from '../protocol/index.ts';
import type { WaitingPlace } from '../room/Lobby.ts';
import type { Participant } from '../room/Participant.ts';
import type { Clock } from '../room/ports.ts';
import type { Room } from '../room/Room.ts';
import type { Visitor } from '../room/RoomOptions.ts';
import { Absence } from './Absence.ts';
import { AnsweredRequests } from './AnsweredRequests.ts';
import { Pending } from './Pending.ts';
import { RateLimit } from './RateLimit.ts';
import { VisitLink } from './VisitLink.ts';

type State =
  | { phase: 'connected' }
  | { phase: 'joining' }
  | { phase: 'joined'; room: Room; participant: Participant; absence: Absence }
  | { phase: 'closed' };

/** A search goes through everybody in the room; so many serve a person who types, and one who pages through a large room. */
const pageRate = { what: 'lists of participants', burst: 20, perSecond: 4 };

/**
 * A view may change hundreds of subscriptions, for which the worker works. Twice what the SDK sends while a window is
 * being resized.
 */
const viewRate = { what: 'views', burst: 100, perSecond: 20 };

/** How long a client whose socket was broken on purpose is kept away, in milliseconds: long enough to be seen. */
export const awayMs = 3000;

/** So many tokens of one visit are remembered. */
const mostShown = 32;

export interface ConnectionOptions {
  grant: CheckedGrant;
  /** The room that it is for: the one that the token names, or where its bearer was moved. */
  room: string;
  log: Logger;
  clock: Clock;
  /** How long a participant without a socket is kept, in milliseconds; 0: not at all. */
  graceMs: number;
  /** Requests that are worked on at a time. */
  maxPending: number;
  /** It has joined. */
  joined: (connection: Connection) => void;
  /** A moderator has sent its participant away; these are all the tokens that the client has shown in this visit. */
  removed: (tokens: readonly CheckedGrant[]) => void;
  /** Its participant was moved to another room; called after `ended`. */
  moved: (connection: Connection) => void;
  /** Nothing can be done with it any more; called once. */
  ended: (connection: Connection) => void;
}

/** The connection of one visit, over one socket after another, and how far it has come. */
export class Connection {
  readonly grant: CheckedGrant;
  readonly room: string;
  readonly link = new VisitLink();
  readonly log: Logger;
  readonly answered = new AnsweredRequests();
  readonly pending: Pending;
  /** With this the client goes on over another socket; nobody can guess it. */
  readonly resumeKey = randomBytes(24).toString('base64url');
  /** Of `listParticipants`. */
  readonly pages: RateLimit;
  /** Of `setView`. */
  readonly views: RateLimit;
  readonly #options: ConnectionOptions;
  /** By fingerprint: a client that comes back has a fresh token each time. */
  readonly #shown = new Map<string, CheckedGrant>();
  #state: State = { phase: 'connected' };
  /** Where it is kept a place until it joins. */
  #place: WaitingPlace | undefined;
  #silent = false;
  /** By the clock. */
  #unreachableUntil = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.grant = options.grant;
    this.room = options.room;
    this.log = options.log;
    this.pending = new Pending(options.maxPending);
    this.pages = new RateLimit(options.clock, pageRate);
    this.views = new RateLimit(options.clock, viewRate);
  }

  get phase(): State['phase'] {
    return this.#state.phase;
  }

  /** What the client may do now: what its token said, until somebody has changed it. */
  get grants(): Grants {
    return this.#state.phase === 'joined' ? this.#state.participant.grants : this.grant.grants;
  }

  /** What holds in the room that the client has joined. */
  get settings(): RoomSettings {
    return this.#state.phase === 'joined' ? this.#state.room.settings : plainRoomSettings;
  }

  /** Room and participant, for requests that are allowed after the join only. */
  get joined(): { room: Room; participant: Participant } {
    if (this.#state.phase !== 'joined') throw new PlenumError('wrong-phase', 'join first');
    return this.#state;
  }

  /** What the room has to know of who comes, but for the request. */
  get visitor(): Omit<Visitor, 'params'> {
    const { identity, displayName, metadata, grants, host, room } = this.grant;
    const waits = (place: WaitingPlace) => this.waitAt(place);
    return { identity, displayName, metadata, grants, host, tokenRoom: room, link: this.link, waits };
  }

  /** All tokens that the client has shown, lately at least. */
  get shown(): readonly CheckedGrant[] {
    return [...this.#shown.values()];
  }

  hasShown(token: string): boolean {
    return this.#shown.has(fingerprintOf(token));
  }

  /** Whether it was here all the time until it may join: then its token may have expired since. */
  get waited(): boolean {
    return this.#place !== undefined;
  }

  /** Whether it waits to be let in. */
  get inLobby(): boolean {
    return this.#place?.waits ?? false;
  }

  /** Until it joins it is kept a place; for a moment also where its socket has gone during the join. */
  waitAt(place: WaitingPlace): void {
    if (this.#state.phase === 'closed') place.lose();
    else this.#place = place;
  }

  startJoin(): void {
    if (this.#state.phase !== 'connected') throw new PlenumError('wrong-phase', 'this connection has joined already');
    this.#state = { phase: 'joining' };
  }

  get #wasRemoved(): boolean {
    const { farewell } = this.link;
    return farewell?.name === 'removed' && 'reason' in farewell.payload && farewell.payload.reason === 'removed';
  }

  failJoin(): void {
    // Removed while the join was being worked on.
    if (this.#wasRemoved) this.#options.removed(this.shown);
    if (this.#state.phase === 'joining') this.#state = { phase: 'connected' };
  }

  /** @throws PlenumError `closed` when the socket has gone meanwhile; the participant is closed then */
  finishJoin(room: Room, participant: Participant): void {
    if (this.#state.phase !== 'joining') {
      room.leave(participant, 'disconnected');
      throw new PlenumError('closed', 'the connection was closed during the join');
    }
    const { clock, graceMs } = this.#options;
    const absence = new Absence({
      participant,
      probe: () => room.outlook.probe(participant),
      clock,
      graceMs,
      gone: (reason) => this.close(reason),
    });
    this.#state = { phase: 'joined', room, participant, absence };
    this.#place = undefined;
    this.#options.joined(this);
    // Also where the room has ended it: nobody can resume it then.
    participant.on('closed', (reason) => {
      if (reason === 'removed') this.#options.removed(this.shown);
      this.#end();
      if (reason === 'moved') this.#options.moved(this);
    });
    absence.setSilent(this.#silent);
  }

  setSilent(silent: boolean): void {
    if (this.#silent === silent) return;
    this.#silent = silent;
    if (this.#state.phase === 'joined') this.#state.absence.setSilent(silent);
  }

  /** The socket is gone, and nobody has said that the client is: who has joined may come back over another one. */
  lost(reason: LeaveReason): void {
    this.link.detach();
    if (this.#state.phase !== 'joined') this.#takePlace()?.lose();
    if (this.#state.phase === 'joined' && this.#options.graceMs > 0) this.#state.absence.begin(reason);
    else this.close(reason);
  }

  /** Breaks the socket, and every one that comes for a while, as where a network fails: nobody says goodbye. */
  breakSocket(): void {
    this.#unreachableUntil = this.#options.clock.now() + awayMs;
    this.link.break();
  }

  /** Whether no socket is to reach this visit now. */
  get unreachable(): boolean {
    return this.#options.clock.now() < this.#unreachableUntil;
  }

  /** The client is there over a socket, to which the link has been attached, with this token. */
  arrived(token: CheckedGrant): void {
    this.#shown.set(token.fingerprint, token);
    // The oldest has expired first.
    const [oldest] = this.#shown.keys();
    if (oldest !== undefined && this.#shown.size > mostShown) this.#shown.delete(oldest);
    this.#silent = false;
    if (this.#state.phase === 'joined') this.#state.absence.end();
  }

  close(reason: LeaveReason): void {
    const state = this.#state;
    if (state.phase === 'joined') state.room.leave(state.participant, reason);
    else this.#takePlace()?.leave(reason);
    this.#end();
  }

  /** It is kept none any more. */
  #takePlace(): WaitingPlace | undefined {
    const place = this.#place;
    this.#place = undefined;
    return place;
  }

  #end(): void {
    const state = this.#state;
    if (state.phase === 'closed') return;
    this.#state = { phase: 'closed' };
    if (state.phase === 'joined') state.absence.close();
    this.#options.ended(this);
  }
}
