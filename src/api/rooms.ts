import type { ApiHandlers } from '../protocol/api.ts';
import type { roomOperations } from '../protocol/apiRooms.ts';
import { roomName } from '../protocol/shapes.ts';
import { cursorOf, noCursor, placeOf } from '../room/cursor.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { actorOf, findRoom } from './find.ts';

export function roomHandlers(registry: RoomRegistry): Pick<ApiHandlers, keyof typeof roomOperations> {
  return {
    listRooms({ query: { prefix = '', after, limit } }, { reaches }) {
      const last = after === undefined ? '' : nameOf(after);
      const names = registry.rooms.map(({ name }) => name).filter((name) => name > last && name.startsWith(prefix));
      const reached = names.filter(reaches).sort();
      const page = reached.slice(0, limit);
      const end = page.at(-1);
      return {
        rooms: page.map((name) => findRoom(registry, name).admin.facts),
        ...(end !== undefined && page.length < reached.length && { next: cursorOf(end) }),
      };
    },

    createRoom({ body: { name, settings } }) {
      return registry.create(name, settings).admin.facts;
    },

    readRoom({ params }) {
      return findRoom(registry, params.room).admin.facts;
    },

    updateRoom({ params, body }, caller) {
      const room = findRoom(registry, params.room);
      room.changeSettings(body.settings, actorOf(caller));
      return room.admin.facts;
    },

    async endRoom({ params }, caller) {
      await findRoom(registry, params.room).moderation.act(actorOf(caller), { action: 'end' });
    },
  };
}

/** Of the last room of the page before, whether or not it is still there. */
function nameOf(cursor: string): string {
  const name = roomName.safeParse(placeOf(cursor));
  if (!name.success) throw noCursor();
  return name.data;
}
