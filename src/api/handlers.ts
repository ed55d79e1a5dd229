import type { ApiHandlers } from '../protocol/api.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { lobbyHandlers } from './lobby.ts';
import { messageHandlers } from './messages.ts';
import { moderationHandlers } from './moderation.ts';
import { participantHandlers } from './participants.ts';
import { roomHandlers } from './rooms.ts';
import { statsHandlers } from './stats.ts';

/** One thin function per operation: from the request to the domain and back. */
export function createApiHandlers(registry: RoomRegistry): ApiHandlers {
  return {
    ...roomHandlers(registry),
    ...participantHandlers(registry),
    ...moderationHandlers(registry),
    ...lobbyHandlers(registry),
    ...messageHandlers(registry),
    ...statsHandlers(registry),
  };
}
