import { type ModerationInput, mostSpotlit } from '../../../src/client/index.ts';
import type { Person } from './people.ts';

/** What to say of something that a moderator does. */
export interface DeedWords {
  /** Left out where everybody is told of it anyway. */
  readonly done?: string;
  readonly failed: string;
}

/** Something that a moderator does, and what to say of it. */
export interface Deed extends DeedWords {
  readonly moderations: readonly ModerationInput[];
}

export type DeedId =
  | 'mute'
  | 'ask-to-unmute'
  | 'camera-off'
  | 'stop-screen'
  | 'lower-hand'
  | 'spotlight'
  | 'promote'
  | 'demote';

export interface PersonDeed {
  readonly id: DeedId;
  readonly label: string;
  readonly deed: Deed;
}

/**
 * What a moderator can do at once with somebody, as this person is right now.
 * @param spotlight the identities of those who are in the spotlight
 */
export function deedsFor(person: Person, spotlight: readonly string[]): PersonDeed[] {
  const light = spotlightDeeds(person, spotlight);
  if (person.own) return light;
  return [...mediaDeeds(person), ...handDeeds(person), ...light, ...grantDeeds(person)];
}

function mediaDeeds({ participantId, displayName, muted, cameraOn, screenIds }: Person): PersonDeed[] {
  const deeds: PersonDeed[] = [];
  if (muted) {
    deeds.push({
      id: 'ask-to-unmute',
      label: 'Ask to unmute',
      deed: {
        moderations: [{ action: 'ask-to-unmute', participantId }],
        done: `${displayName} was asked to unmute`,
        failed: `${displayName} could not be asked to unmute`,
      },
    });
  } else {
    deeds.push({
      id: 'mute',
      label: 'Mute microphone',
      deed: {
        moderations: [{ action: 'mute', participantId }],
        done: `${displayName} is muted`,
        failed: `${displayName} could not be muted`,
      },
    });
  }
  if (cameraOn) {
    deeds.push({
      id: 'camera-off',
      label: 'Turn camera off',
      deed: {
        moderations: [{ action: 'mute', participantId, source: 'camera' }],
        done: `The camera of ${displayName} is off`,
        failed: `The camera of ${displayName} could not be turned off`,
      },
    });
  }
  if (screenIds.length > 0) {
    deeds.push({
      id: 'stop-screen',
      label: 'Stop sharing the screen',
      deed: {
        moderations: screenIds.map((publicationId) => ({ action: 'unpublish', publicationId })),
        done: `The screen of ${displayName} is no longer shared`,
        failed: `The screen of ${displayName} is still shared`,
      },
    });
  }
  return deeds;
}

function handDeeds({ participantId, displayName, handRaisedAt }: Person): PersonDeed[] {
  if (handRaisedAt === undefined) return [];
  return [
    {
      id: 'lower-hand',
      label: 'Lower hand',
      deed: {
        moderations: [{ action: 'lower-hands', participantId }],
        done: `The hand of ${displayName} is lowered`,
        failed: `The hand of ${displayName} could not be lowered`,
      },
    },
  ];
}

/** Whoever was put there last comes first, and is shown large. */
function spotlightDeeds({ identity, displayName, own }: Person, spotlight: readonly string[]): PersonDeed[] {
  const others = spotlight.filter((each) => each !== identity);
  if (others.length < spotlight.length) {
    return [
      {
        id: 'spotlight',
        label: 'Take out of the spotlight',
        deed: {
          moderations: [{ action: 'spotlight', identities: others }],
          done: own ? 'You are out of the spotlight' : `${displayName} is out of the spotlight`,
          failed: 'The spotlight could not be changed',
        },
      },
    ];
  }
  return [
    {
      id: 'spotlight',
      label: 'Spotlight for everybody',
      deed: {
        moderations: [{ action: 'spotlight', identities: [identity, ...others].slice(0, mostSpotlit) }],
        done: own ? 'You are in the spotlight' : `${displayName} is in the spotlight`,
        failed: 'The spotlight could not be changed',
      },
    },
  ];
}

function grantDeeds({ participantId, displayName, moderator }: Person): PersonDeed[] {
  const grant = (changes: { moderator: boolean }): ModerationInput[] => [{ action: 'grant', participantId, changes }];
  if (moderator) {
    return [
      {
        id: 'demote',
        label: 'Take moderation away',
        deed: {
          moderations: grant({ moderator: false }),
          done: `${displayName} is no longer a moderator`,
          failed: `${displayName} is still a moderator`,
        },
      },
    ];
  }
  return [
    {
      id: 'promote',
      label: 'Make moderator',
      deed: {
        moderations: grant({ moderator: true }),
        done: `${displayName} is a moderator now`,
        failed: `${displayName} could not be made a moderator`,
      },
    },
  ];
}

/** Part of an action. @param reason as it was typed */
export function saying(reason: string): { reason?: string } {
  const given = reason.trim();
  return given === '' ? {} : { reason: given };
}

/** @param reason what the person reads of it; nothing where it is blank */
export function removal({ participantId, displayName }: Person, ban: boolean, reason: string): Deed {
  return {
    moderations: [{ action: 'remove', participantId, ban, ...saying(reason) }],
    done: ban ? `${displayName} was removed and cannot come back` : `${displayName} was removed`,
    failed: `${displayName} could not be removed`,
  };
}

export function resignation({ participantId }: Person): Deed {
  return {
    moderations: [{ action: 'grant', participantId, changes: { moderator: false } }],
    done: 'You are no longer a moderator',
    failed: 'You are still a moderator',
  };
}
