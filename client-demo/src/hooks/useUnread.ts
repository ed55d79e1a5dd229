import { useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { countUnread } from '../lib/chatGroups.ts';

/** How many chat messages nobody has looked at. What was said before the join counts as read. */
export function useUnread(room: Room, chatOpen: boolean): number {
  const newest = room.chat.at(-1)?.chatId;
  const [lastRead, setLastRead] = useState(newest);
  if (chatOpen && lastRead !== newest) setLastRead(newest);
  return chatOpen ? 0 : countUnread(room.chat, lastRead, room.local?.identity ?? '');
}
