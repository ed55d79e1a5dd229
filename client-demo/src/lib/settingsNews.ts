import type { RoomSettings } from '../../../src/client/index.ts';

export interface News {
  readonly text: string;
  readonly help?: string;
}

type Told = Pick<RoomSettings, 'locked' | 'lobby' | 'screenShare'>;

/** What a change of the room's settings means for those who are in it; that newcomers start muted concerns none of them. */
export function settingsNews(before: Told, after: Told): News[] {
  const news: News[] = [];
  if (before.locked !== after.locked) news.push(lockNews(after.locked));
  if (before.lobby !== after.lobby) news.push(lobbyNews(after.lobby));
  if (before.screenShare !== after.screenShare) news.push(screenNews(after.screenShare === 'moderators'));
  return news;
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
