import type { Moderated } from '../../../src/client/index.ts';

const names = { camera: 'camera', microphone: 'microphone', screen: 'shared screen', 'screen-audio': 'shared sound' };

/** What a moderator did to oneself, in words: who it was, and what one can do about it. */
export function moderationNews({ what, publication, by }: Moderated): { text: string; help: string | undefined } {
  const who = by.displayName;
  const thing = publication === undefined ? 'media' : names[publication.source];
  switch (what) {
    case 'muted':
      return { text: `${who} has muted your ${thing}`, help: 'Switch it on again when it is your turn.' };
    case 'unmute-asked':
      return { text: `${who} asks you to unmute`, help: 'Your microphone is off until you switch it on.' };
    case 'unpublished':
      return { text: `${who} has stopped your ${thing}`, help: undefined };
    case 'grants-changed':
      return { text: `${who} has changed what you may do here`, help: undefined };
  }
}
