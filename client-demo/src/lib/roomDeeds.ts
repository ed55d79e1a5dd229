import type { Deed } from './personActions.ts';

/** What a moderator does with everybody, or with the room. */

export const muteAll: Deed = {
  moderations: [{ action: 'mute' }],
  done: 'Everybody else is muted',
  failed: 'Not everybody could be muted',
};

export const lowerAllHands: Deed = {
  moderations: [{ action: 'lower-hands' }],
  done: 'All hands are lowered',
  failed: 'The hands could not be lowered',
};

export const endMeeting: Deed = {
  moderations: [{ action: 'end' }],
  failed: 'The meeting could not be ended',
};

const notChanged = 'The meeting could not be changed';

export function lock(locked: boolean): Deed {
  return { moderations: [{ action: 'lock', locked }], failed: notChanged };
}

export function limitScreens(moderatorsOnly: boolean): Deed {
  const screenShare = moderatorsOnly ? 'moderators' : 'everybody';
  return { moderations: [{ action: 'settings', changes: { screenShare } }], failed: notChanged };
}

export function muteNewcomers(startMuted: boolean): Deed {
  return {
    moderations: [{ action: 'settings', changes: { startMuted } }],
    done: startMuted ? 'Newcomers start muted' : 'Newcomers may start with their microphones on',
    failed: notChanged,
  };
}
