import type { AccessGrant } from '../auth/accessToken.ts';
import type { Logger } from '../log.ts';
import { type LeaveReason, PlenumError } from '../protocol/index.ts';
import type { Participant } from '../room/Participant.ts';
import type { Clock } from '../room/ports.ts';
import type { Room } from '../room/Room.ts';
import { AnsweredRequests } from './AnsweredRequests.ts';
import { RateLimit } from './RateLimit.ts';
import type { SocketLink } from './SocketLink.ts';

type State =
  | { phase: 'connected' }
  | { phase: 'joining' }
  | { phase: 'joined'; room: Room; participant: Participant }
  | { phase: 'closed' };

/** A search goes through everybody in the room; so many serve a person who types, and one who pages through a large room. */
const pageRate = { what: 'lists of participants', burst: 20, perSecond: 4 };

/**
 * A view may change hundreds of subscriptions, for which the worker works. Twice what the SDK sends while a window is
 * being resized.
 */
const viewRate = { what: 'views', burst: 100, perSecond: 20 };

/** One authenticated socket and how far it has come. */
export class Connection {
  readonly grant: AccessGrant;
  readonly link: SocketLink;
  readonly log: Logger;
  readonly answered = new AnsweredRequests();
  /** Of `listParticipants`. */
  readonly pages: RateLimit;
  /** Of `setView`. */
  readonly views: RateLimit;
  #state: State = { phase: 'connected' };
  #silent = false;

  constructor(grant: AccessGrant, link: SocketLink, log: Logger, clock: Clock) {
    this.grant = grant;
    this.link = link;
    this.log = log;
    this.pages = new RateLimit(clock, pageRate);
    this.views = new RateLimit(clock, viewRate);
  }

  get phase(): State['phase'] {
    return this.#state.phase;
  }

  /** Room and participant, for requests that are allowed after the join only. */
  get joined(): { room: Room; participant: Participant } {
    if (this.#state.phase !== 'joined') throw new PlenumError('wrong-phase', 'join first');
    return this.#state;
  }

  startJoin(): void {
    if (this.#state.phase !== 'connected') throw new PlenumError('wrong-phase', 'this connection has joined already');
    this.#state = { phase: 'joining' };
  }

  failJoin(): void {
    if (this.#state.phase === 'joining') this.#state = { phase: 'connected' };
  }

  /** @throws PlenumError `closed` when the socket has gone meanwhile; the participant is closed then */
  finishJoin(room: Room, participant: Participant): void {
    if (this.#state.phase !== 'joining') {
      room.leave(participant, 'disconnected');
      throw new PlenumError('closed', 'the connection was closed during the join');
    }
    this.#state = { phase: 'joined', room, participant };
    participant.setSilent(this.#silent);
  }

  setSilent(silent: boolean): void {
    if (this.#silent === silent) return;
    this.#silent = silent;
    if (this.#state.phase === 'joined') this.#state.participant.setSilent(silent);
  }

  close(reason: LeaveReason): void {
    const state = this.#state;
    this.#state = { phase: 'closed' };
    if (state.phase === 'joined') state.room.leave(state.participant, reason);
  }
}
