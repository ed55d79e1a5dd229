import type { RoomSettings } from '../../../src/client/index.ts';

export interface News {
  readonly text: string;
  readonly help?: string;
}

type Told = Pick<RoomSettings, 'locked' | 'lobby' | 'screenShare'>;

/**
 * What a change of the room's settings means for those who are in it; that newcomers start muted concerns none of them.
 * @param who the name of the one who has changed it; undefined where that is not told, or it was oneself
 */
export function settingsNews(before: Told, after: Told, who?: string): News[] {
  const news: News[] = [];
  if (before.locked !== after.locked) news.push(lockNews(after.locked));
  if (before.lobby !== after.lobby) news.push(lobbyNews(after.lobby));
  if (before.screenShare !== after.screenShare) news.push(screenNews(after.screenShare === 'moderators'));
  return news.map((each) => signed(each, who));
}

/** Whether one is shown to everybody first, or no longer. @param who see `settingsNews()` */
export function spotlightNews(inIt: boolean, who?: string): News {
  return signed({ text: inIt ? 'You are in the spotlight' : 'You are no longer in the spotlight' }, who);
}

function signed({ text, help }: News, who: string | undefined): News {
  const parts = [help, who !== undefined && `${who} has changed it.`].filter(Boolean);
  return parts.length === 0 ? { text } : { text, help: parts.join(' ') };
}

function lockNews(locked: boolean): News {
  return locked
    ? { text: 'The meeting is locked', help: 'Nobody new comes in.' }
    : { text: 'The meeting is open again' };
}

function lobbyNews(lobby: boolean): News {
  return lobby
    ? { text: 'Newcomers wait in the lobby', help: 'They come in when a moderator lets them.' }
    : { text: 'Newcomers come in at once' };
}

function screenNews(moderatorsOnly: boolean): News {
  return moderatorsOnly
    ? { text: 'Only moderators may share their screens now' }
    : { text: 'Everybody may share a screen again' };
}
