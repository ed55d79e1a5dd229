import type { ApiHandlers } from '../protocol/api.ts';
import type { statsOperations } from '../protocol/apiStats.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { findRoom } from './find.ts';

export function statsHandlers(registry: RoomRegistry): Pick<ApiHandlers, keyof typeof statsOperations> {
  return {
    readRoomStats: ({ params }) => findRoom(registry, params.room).admin.stats(),
    readParticipantStats: ({ params: { room, participantId } }) =>
      findRoom(registry, room).admin.statsOf(participantId),
  };
}
