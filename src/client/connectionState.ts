import type { PlenumError } from '../protocol/index.ts';
import { giveUpAfterMs, leastAttempts } from './backoff.ts';
import { mayPass } from './errors.ts';
import type { CloseReason, Trouble } from './RoomEvents.ts';

/**
 * How the connection of a room stands. Drawn in src/README.md. Times are milliseconds of one clock that does not jump;
 * `since` is when coming back began, `attempt` counts the tries from 0.
 */
export type ConnectionState =
  | { readonly name: 'idle' }
  /** `prepare()` is under way. */
  | { readonly name: 'connecting' }
  | { readonly name: 'prepared' }
  /** `join()` is under way. */
  | { readonly name: 'joining' }
  /** In the lobby, until somebody lets us in. `again`: we were in the room before, and the way back leads through it. */
  | { readonly name: 'waiting'; readonly again: boolean }
  | { readonly name: 'joined' }
  /** The socket is gone and is being replaced; the visit and its media go on. `media`: these are being rebuilt besides. */
  | { readonly name: 'resuming'; readonly since: number; readonly attempt: number; readonly media: boolean }
  /** A new visit is being made. */
  | { readonly name: 'rebuilding'; readonly what: 'visit'; readonly since: number; readonly attempt: number }
  /** The visit stays, and gets new media. */
  | { readonly name: 'rebuilding'; readonly what: 'media' }
  | { readonly name: 'closed'; readonly reason: CloseReason; readonly message: string };

export type ConnectionEvent =
  | { readonly type: 'prepare' }
  | { readonly type: 'prepared' }
  | { readonly type: 'join' }
  /** `prepare()` or `join()` did not succeed, or what was prepared is gone. */
  | { readonly type: 'failed' }
  /** We have to wait in the lobby. */
  | { readonly type: 'lobby' }
  /** The server has let us in. */
  | { readonly type: 'entered' }
  /** `resumable`: the server keeps the visit for a while. */
  | { readonly type: 'socketLost'; readonly at: number; readonly resumable: boolean }
  | { readonly type: 'resumed' }
  /** The server no longer has the visit. */
  | { readonly type: 'refused'; readonly at: number }
  /** The visit is over, and nobody wanted that. */
  | { readonly type: 'visitLost'; readonly at: number }
  | { readonly type: 'mediaLost' }
  | { readonly type: 'mediaRestored' }
  /** Of the attempt that this state asks for. */
  | { readonly type: 'attemptFailed'; readonly at: number; readonly error: PlenumError }
  | { readonly type: 'end'; readonly reason: CloseReason; readonly message: string };

/** The state after an event; the same object where the event means nothing in this state. */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  if (event.type === 'end' && state.name !== 'closed') {
    return { name: 'closed', reason: event.reason, message: event.message };
  }
  switch (state.name) {
    case 'idle':
    case 'connecting':
    case 'prepared':
      return before(state, event);
    case 'joining':
      if (event.type === 'lobby') return { name: 'waiting', again: false };
      if (event.type === 'entered') return { name: 'joined' };
      return event.type === 'failed' ? { name: 'idle' } : state;
    case 'waiting':
      return inTheLobby(state, event);
    case 'joined':
      return whileJoined(state, event);
    case 'resuming':
      return whileResuming(state, event);
    case 'rebuilding':
      return state.what === 'visit' ? whileEntering(state, event) : whileMediaAreLost(state, event);
    case 'closed':
      return state;
  }
}

type In<N extends ConnectionState['name']> = Extract<ConnectionState, { name: N }>;

function before(state: In<'idle' | 'connecting' | 'prepared'>, event: ConnectionEvent): ConnectionState {
  if (event.type === 'join') return { name: 'joining' };
  if (state.name === 'idle') return event.type === 'prepare' ? { name: 'connecting' } : state;
  if (event.type === 'failed') return { name: 'idle' };
  return state.name === 'connecting' && event.type === 'prepared' ? { name: 'prepared' } : state;
}

/** Connections that break meanwhile are replaced without another state: nobody has come any further. */
function inTheLobby(state: In<'waiting'>, event: ConnectionEvent): ConnectionState {
  if (event.type === 'entered') return { name: 'joined' };
  if (event.type === 'failed' && !state.again) return { name: 'idle' };
  if (event.type !== 'attemptFailed' || !state.again) return state;
  return { name: 'closed', reason: event.error.code, message: event.error.message };
}

function whileJoined(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.type) {
    case 'socketLost':
      return event.resumable ? resuming(event.at, false) : anotherVisit(event.at);
    case 'visitLost':
      return anotherVisit(event.at);
    case 'mediaLost':
      return { name: 'rebuilding', what: 'media' };
    default:
      return state;
  }
}

function whileResuming(state: In<'resuming'>, event: ConnectionEvent): ConnectionState {
  switch (event.type) {
    case 'resumed':
      return state.media ? { name: 'rebuilding', what: 'media' } : { name: 'joined' };
    case 'refused':
    case 'visitLost':
      return anotherVisit(event.at);
    case 'mediaLost':
      return { ...state, media: true };
    case 'mediaRestored':
      return { ...state, media: false };
    case 'attemptFailed':
      return afterFailure(state, event);
    default:
      return state;
  }
}

function whileEntering(state: In<'rebuilding'> & { what: 'visit' }, event: ConnectionEvent): ConnectionState {
  if (event.type === 'lobby') return { name: 'waiting', again: true };
  if (event.type === 'entered') return { name: 'joined' };
  return event.type === 'attemptFailed' ? afterFailure(state, event) : state;
}

function whileMediaAreLost(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.type) {
    case 'mediaRestored':
      return { name: 'joined' };
    case 'socketLost':
      return event.resumable ? resuming(event.at, true) : anotherVisit(event.at);
    case 'visitLost':
      return anotherVisit(event.at);
    default:
      return state;
  }
}

function resuming(since: number, media: boolean): ConnectionState {
  return { name: 'resuming', since, attempt: 0, media };
}

function anotherVisit(since: number): ConnectionState {
  return { name: 'rebuilding', what: 'visit', since, attempt: 0 };
}

/** Another attempt, unless nothing could make it succeed, or it has taken too long. */
function afterFailure<S extends { since: number; attempt: number }>(
  state: S,
  { at, error }: Extract<ConnectionEvent, { type: 'attemptFailed' }>,
): S | In<'closed'> {
  const enough = at - state.since > giveUpAfterMs && state.attempt >= leastAttempts;
  if (!mayPass(error) || enough) {
    return { name: 'closed', reason: error.code, message: error.message };
  }
  return { ...state, attempt: state.attempt + 1 };
}

export function isVisit(state: ConnectionState): boolean {
  return state.name === 'rebuilding' && state.what === 'visit';
}

/** Whether the meeting goes on as soon as it is reached again: what one sends in it may be changed meanwhile. */
export function isComingBack(state: ConnectionState): boolean {
  return state.name === 'rebuilding' || (state.name === 'waiting' && state.again);
}

/** Whether the server keeps a visit that was begun, also while its socket is being replaced or it gets new media. */
export function hasVisit(state: ConnectionState): boolean {
  return (
    state.name === 'joined' || state.name === 'resuming' || (state.name === 'rebuilding' && state.what === 'media')
  );
}

/**
 * What is being mended in this state; what concerns the pictures comes before what does not.
 * @param pathBroken whether the packets of this visit find no way
 */
export function troubleOf(state: ConnectionState, pathBroken: boolean): Trouble | undefined {
  switch (state.name) {
    case 'joined':
      return pathBroken ? 'path' : undefined;
    case 'resuming':
      if (state.media) return 'media';
      return pathBroken ? 'path' : 'signaling';
    case 'rebuilding':
      return state.what;
    case 'waiting':
      return state.again ? 'visit' : undefined;
    case 'idle':
    case 'connecting':
    case 'prepared':
    case 'joining':
    case 'closed':
      return undefined;
  }
}
