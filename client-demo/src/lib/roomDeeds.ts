import type { Ban, Knock } from '../../../src/client/index.ts';
import type { MoveChoice } from './breakouts.ts';
import type { Person } from './people.ts';
import { type Deed, saying } from './personActions.ts';

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

export function openLobby(lobby: boolean): Deed {
  return { moderations: [{ action: 'settings', changes: { lobby } }], failed: notChanged };
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

export function admit({ knockId, displayName }: Knock): Deed {
  return {
    moderations: [{ action: 'admit', knockId }],
    failed: `${displayName} could not be let in`,
  };
}

export const admitAll: Deed = {
  moderations: [{ action: 'admit' }],
  failed: 'Not everybody could be let in',
};

/** @param reason what the person reads of it; nothing where it is blank */
export function refuse({ knockId, displayName }: Knock, ban: boolean, reason: string): Deed {
  return {
    moderations: [{ action: 'refuse', knockId, ban, ...saying(reason) }],
    done: ban ? `${displayName} was not let in and cannot come` : `${displayName} was not let in`,
    failed: `${displayName} could not be refused`,
  };
}

export function unban({ identity, displayName }: Ban): Deed {
  return {
    moderations: [{ action: 'unban', identity }],
    done: `${displayName} may come in again`,
    failed: `The ban of ${displayName} could not be lifted`,
  };
}

export function move({ participantId, displayName, own }: Person, { room, label }: MoveChoice): Deed {
  return {
    moderations: [{ action: 'move', participantId, room }],
    // The same words as for everybody where all are told of each who goes.
    done: own ? `You are in another room now: ${label}` : `${displayName} went to another room`,
    failed: own ? 'You could not go there' : `${displayName} could not be sent there`,
  };
}
