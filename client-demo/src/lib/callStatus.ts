import type { RoomState, Trouble } from '../../../src/client/index.ts';

/** What is known of a call's connections right now. */
export interface CallFacts {
  readonly state: RoomState;
  readonly trouble: Trouble | undefined;
  /** What the browser says of the network. */
  readonly online: boolean;
  /** How many videos are paused because this connection cannot carry them. */
  readonly pausedVideos: number;
  /** Whether the server hears badly from here. */
  readonly poorUpload: boolean;
  readonly draining: boolean;
  /** Whether moderators have sent this page to another room, and it is on the way there. */
  readonly moving: boolean;
}

/** `broken`: something is being mended. `poor`: it works, but badly. `news`: nothing is wrong. `back`: it is over. */
export interface CallWords {
  readonly tone: 'broken' | 'poor' | 'news' | 'back';
  readonly text: string;
  /** Nothing is wrong with the connection: somebody has to open the door. */
  readonly atDoor?: true;
}

/** What to say of it; undefined while there is nothing to say. */
export function wordsFor(facts: CallFacts): CallWords | undefined {
  // One was in the room before, and its lobby is on the way back.
  if (facts.state === 'waiting' && facts.online) {
    return { tone: 'broken', text: 'Waiting for a moderator to let you in again…', atDoor: true };
  }
  if (facts.trouble !== undefined) return { tone: 'broken', text: troubleText(facts.trouble, facts) };
  if (facts.pausedVideos > 0) return { tone: 'poor', text: pausedText(facts.pausedVideos) };
  if (facts.poorUpload)
    return { tone: 'poor', text: 'Your connection is poor: the others may see and hear you badly.' };
  if (facts.draining) {
    return { tone: 'news', text: 'This server will be replaced. You will be moved without doing anything.' };
  }
  return undefined;
}

function troubleText(trouble: Trouble, { state, online, moving }: CallFacts): string {
  if (!online && trouble !== 'media') return 'You are offline. The call goes on when the network is back.';
  switch (trouble) {
    case 'signaling':
      return 'Reconnecting… You still see and hear the others.';
    case 'path':
      // Where the server cannot be reached either, it is the network.
      return state === 'resuming'
        ? 'Your network has changed or is interrupted. Reconnecting…'
        : 'Sound and pictures do not come through. Reconnecting…';
    case 'media':
      return 'The server is moving your call. One moment…';
    case 'visit':
      return moving ? 'Going to the other room…' : 'Connection lost. Rejoining…';
  }
}

function pausedText(videos: number): string {
  const what = videos === 1 ? 'a video is' : `${videos} videos are`;
  return `Your connection is poor: ${what} paused to keep the sound.`;
}

/** What to say when something that was told is over. */
export function wordsAfter({ tone }: CallWords): CallWords | undefined {
  if (tone === 'broken') return { tone: 'back', text: 'You are back.' };
  if (tone === 'poor') return { tone: 'back', text: 'Your connection is good again.' };
  return undefined;
}
