import type { PlenumError } from '../protocol/index.ts';
import type { NoticeHandlers } from './Connection.ts';
import type { CloseReason, RoomState, StateDetail, Trouble } from './RoomEvents.ts';
import type { JoinAnswer, JoinParams, Session } from './Session.ts';

export interface AttendanceOptions {
  /** Undefined: the page's own origin. */
  url: string | undefined;
  connectTimeoutMs: number;
}

export interface AttendanceHost {
  readonly handlers: NoticeHandlers;
  /** What the next `join` says. */
  joinParams(): JoinParams;
  /** The server has let us in. Called before any later notice. */
  entered(session: Session, answer: JoinAnswer): void;
  /** The visit broke off, and another one is being tried. */
  interrupted(): void;
  stateChanged(state: RoomState, detail: StateDetail): void;
  troubleChanged(trouble: Trouble | undefined): void;
  /** We are about to go: devices are released, and what is under way ends, while the server is being told. */
  leaving(aborted: PlenumError): void;
  /** It is over, for the given reason; called once. */
  ended(reason: CloseReason, message: string): void;
  error(error: PlenumError): void;
}
