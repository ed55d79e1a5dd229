import type { Moderated } from '../../../src/client/index.ts';

const names = { camera: 'camera', microphone: 'microphone', screen: 'shared screen', 'screen-audio': 'shared sound' };

interface News {
  readonly text: string;
  readonly help: string | undefined;
}

/**
 * What a moderator did to oneself, in words: who it was, and what one can do about it.
 * @param promoted whether one became a moderator by it (true), is one no longer (false), or neither
 */
export function moderationNews({ what, publication, by }: Moderated, promoted: boolean | undefined): News {
  const who = by.displayName;
  const thing = publication === undefined ? 'media' : names[publication.source];
  switch (what) {
    case 'muted':
      return {
        text: `${who} has ${publication?.source === 'camera' ? 'turned your camera off' : `muted your ${thing}`}`,
        help: 'Switch it on again when it is your turn.',
      };
    case 'unmute-asked':
      return { text: `${who} asks you to unmute`, help: 'Your microphone is off until you switch it on.' };
    case 'unpublished':
      return { text: `${who} has stopped your ${thing}`, help: undefined };
    case 'hand-lowered':
      return { text: `${who} has lowered your hand`, help: undefined };
    case 'grants-changed':
      if (promoted === undefined) return { text: `${who} has changed what you may do here`, help: undefined };
      if (!promoted) return { text: `${who} has taken moderation away from you`, help: undefined };
      return {
        text: `${who} has made you a moderator`,
        help: 'You have host controls now, and a menu beside each name.',
      };
  }
}
