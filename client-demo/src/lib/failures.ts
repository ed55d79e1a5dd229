import { PlenumError } from '../../../src/client/index.ts';
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

/** What to say where a room cannot be entered. */
export const joinWords: Readonly<Record<string, Omit<Failure, 'code'>>> = {
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
    help: 'A moderator keeps you out for as long as the meeting lasts.',
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

/** What to say of a moderator's deed that was not done. */
export function moderationFailure(error: unknown): string {
  switch (codeOf(error)) {
    case 'not-found':
      return 'They have left, or it has ended already.';
    case 'disconnected':
    case 'timeout':
      return 'The server cannot be reached. Try again when you are connected.';
    case 'wrong-phase':
      return 'Nobody has let you in yet.';
    case 'rate-limited':
      return 'Too much at once. Wait a moment, then try again.';
    default:
      return error instanceof Error ? `The server said: ${error.message}` : 'Try again.';
  }
}
