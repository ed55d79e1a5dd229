import type { ApiHandlers } from '../protocol/api.ts';
import type { lobbyOperations } from '../protocol/apiLobby.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { actorOf, findRoom } from './find.ts';

export function lobbyHandlers(registry: RoomRegistry): Pick<ApiHandlers, keyof typeof lobbyOperations> {
  return {
    readLobby: ({ params: { room } }) => ({ waiting: findRoom(registry, room).door.knocks }),

    async admitEverybody({ params: { room } }, caller) {
      await findRoom(registry, room).moderation.act(actorOf(caller), { action: 'admit' });
    },

    async admit({ params: { room, knockId } }, caller) {
      await findRoom(registry, room).moderation.act(actorOf(caller), { action: 'admit', knockId });
    },

    async refuse({ params: { room, knockId }, query }, caller) {
      await findRoom(registry, room).moderation.act(actorOf(caller), { action: 'refuse', knockId, ...query });
    },
  };
}
