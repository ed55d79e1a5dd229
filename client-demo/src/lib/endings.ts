import type { CloseReason, ErrorCode } from '../../../src/client/index.ts';
import { joinWords } from './failures.ts';

/** Why the meeting is over, for the page that follows it. */
export interface Ending {
  readonly title: string;
  readonly help: string;
  /** What one can do about it, where that is not said yet. */
  readonly advice?: string;
  readonly tone: 'calm' | 'trouble';
}

/** The attempts to come back may end with any error: those that say why the room cannot be entered do so here too. */
export function endingOf(reason: CloseReason, message: string): Ending {
  const words = endingWords[reason];
  // The message says who did it.
  const moderated = message !== '' && (reason === 'removed' || reason === 'refused' || reason === 'ended');
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
    advice: 'If that was a mistake, ask whoever invited you.',
    tone: 'trouble',
  },
  refused: {
    title: 'You were not let in',
    help: 'A moderator did not let you in.',
    advice: 'If that was a mistake, ask whoever invited you.',
    tone: 'trouble',
  },
  replaced: {
    title: 'You joined somewhere else',
    help: 'The same identity came to this room in another window or on another device.',
    tone: 'calm',
  },
  moved: { title: 'You were moved to another room', help: 'Join again to go there.', tone: 'calm' },
  ended: { title: 'The meeting is over', help: 'It was ended for everybody.', tone: 'calm' },
  'time-limit': {
    title: 'The time is over',
    help: 'This meeting had a time limit, and has ended for everybody.',
    advice: 'Whoever joins again begins a new one.',
    tone: 'calm',
  },
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
