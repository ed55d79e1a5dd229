import { type CloseReason, type ErrorCode, PlenumError } from '../../../src/client/index.ts';
import { TokenError } from './token.ts';

/** Something that went wrong, in words for the person in front of the screen. */
export interface Failure {
  readonly code: string;
  readonly title: string;
  /** What to do about it. */
  readonly help: string;
}

/** The code of an error, looked for in its causes too: a token that could not be fetched fails the join. */
export function codeOf(error: unknown): string {
  if (error instanceof TokenError || error instanceof PlenumError) {
    const inner = error.cause === undefined ? 'internal' : codeOf(error.cause);
    return inner === 'internal' ? error.code : inner;
  }
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : 'internal';
}

export function joinFailure(error: unknown): Failure {
  const code = codeOf(error);
  const words = joinWords[code];
  if (words !== undefined) return { code, ...words };
  const message = error instanceof Error ? error.message : String(error);
  return { code, title: 'Joining did not work', help: `The server said: ${message} Try again.` };
}

const joinWords: Readonly<Record<string, Omit<Failure, 'code'>>> = {
  disconnected: {
    title: 'The server cannot be reached',
    help: 'Check your internet connection. If that is fine, the server may be restarting. This page keeps trying.',
  },
  timeout: {
    title: 'The server takes too long to answer',
    help: 'Your connection may be slow, or the server busy. This page keeps trying.',
  },
  'room-full': {
    title: 'This room is full',
    help: 'Try again when somebody has left, or meet in another room.',
  },
  'room-locked': {
    title: 'This room is locked',
    help: 'Nobody new comes in. Ask somebody who is in the meeting to unlock it, then join again.',
  },
  'server-full': {
    title: 'The server is full',
    help: 'It takes nobody new right now. Try again in a few minutes.',
  },
  'server-busy': {
    title: 'Very many people come at this moment',
    help: 'Wait a few seconds, then join again.',
  },
  draining: {
    title: 'The server is about to restart',
    help: 'It takes nobody new until then. This page keeps trying.',
  },
  'door-closed': {
    title: 'This server does not let guests in',
    help: 'It gives no tokens to this page. Ask whoever runs the server for an invitation.',
  },
  unauthorized: {
    title: 'The server did not accept your ticket',
    help: 'It may have expired. Join again, and you get a new one.',
  },
  'not-found': {
    title: 'There is no such room',
    help: 'It may not have been opened yet. Ask whoever invited you.',
  },
  forbidden: {
    title: 'You may not enter this room',
    help: 'Ask whoever invited you for another link.',
  },
  'rate-limited': {
    title: 'Too many attempts',
    help: 'Wait a few seconds, then try again.',
  },
  'other-version': {
    title: 'The server has a new version of this page',
    help: 'Load the page again, then join.',
  },
  unsupported: {
    title: 'Your browser has no video format in common with this room',
    help: 'Try a current version of Chrome, Edge, Firefox or Safari.',
  },
  'unsupported-browser': {
    title: 'This browser cannot hold video calls',
    help: 'Plenum needs WebRTC. Try a current version of Chrome, Edge, Firefox or Safari.',
  },
  'bad-request': {
    title: 'The server did not accept the name',
    help: 'Choose another name and try again.',
  },
};

/** Why the meeting is over, for the page that follows it. */
export interface Ending {
  readonly title: string;
  readonly help: string;
  readonly tone: 'calm' | 'trouble';
}

/** The attempts to come back may end with any error: those that say why the room cannot be entered do so here too. */
export function endingOf(reason: CloseReason, message: string): Ending {
  const words = endingWords[reason];
  // The message says who did it.
  const moderated = message !== '' && (reason === 'removed' || reason === 'ended');
  if (words !== undefined) return moderated ? { ...words, help: message } : words;
  const join = joinWords[reason];
  if (join !== undefined) return { ...join, tone: 'trouble' };
  return { title: 'The meeting broke off', help: `${message} Join again, or try it later.`.trim(), tone: 'trouble' };
}

const endings = {
  left: { title: 'You left the meeting', help: 'See you next time.', tone: 'calm' },
  removed: {
    title: 'You were removed from the meeting',
    help: 'Somebody with that right took you out.',
    tone: 'trouble',
  },
  replaced: {
    title: 'You joined somewhere else',
    help: 'The same identity entered this room in another window or on another device.',
    tone: 'calm',
  },
  ended: { title: 'The meeting is over', help: 'It was ended for everybody.', tone: 'calm' },
  'time-limit': { title: 'The meeting is over', help: 'Its time was up.', tone: 'calm' },
  'room-closed': { title: 'The meeting is over', help: 'The room was closed for everybody.', tone: 'calm' },
  'server-stopping': { title: 'The server is stopping', help: 'You can join again in a minute.', tone: 'trouble' },
  'media-failed': {
    title: 'The server lost the meeting',
    help: 'Join again; it will be there in a moment.',
    tone: 'trouble',
  },
  failed: { title: 'The server lost the meeting', help: 'Join again; it will be there in a moment.', tone: 'trouble' },
  disconnected: {
    title: 'The connection was lost',
    help: 'The server could not be reached for too long. Check your internet connection and join again.',
    tone: 'trouble',
  },
  timeout: {
    title: 'The connection was lost',
    help: 'The server took too long to answer. Check your internet connection and join again.',
    tone: 'trouble',
  },
  'server-busy': {
    title: 'You could not get back into the meeting',
    help: 'Very many people come at this moment. Join again in a minute.',
    tone: 'trouble',
  },
  draining: { title: 'The server is stopping', help: 'You can join again in a minute.', tone: 'trouble' },
  'room-full': {
    title: 'You could not get back into the meeting',
    help: 'The room is full. Join again when somebody has left.',
    tone: 'trouble',
  },
  silent: {
    title: 'The connection was lost',
    help: 'Nothing arrived from you for too long. Check your internet connection and join again.',
    tone: 'trouble',
  },
} satisfies Record<Exclude<CloseReason, ErrorCode>, Ending> & Partial<Record<ErrorCode, Ending>>;

const endingWords: Readonly<Partial<Record<CloseReason, Ending>>> = endings;
