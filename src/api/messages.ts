import type { ApiHandlers } from '../protocol/api.ts';
import type { messageOperations } from '../protocol/apiMessages.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { findRoom } from './find.ts';

export function messageHandlers(registry: RoomRegistry): Pick<ApiHandlers, keyof typeof messageOperations> {
  return {
    sendChat({ params, body: { text, displayName } }, { name }) {
      return findRoom(registry, params.room).admin.sendChat(displayName ?? name, text);
    },

    sendData({ params, body: { to, topic, reliable, text, base64 = '' } }) {
      const bytes = text === undefined ? Buffer.from(base64, 'base64') : Buffer.from(text);
      const header = { ...(to && { to }), ...(topic !== undefined && { topic }) };
      const { admin } = findRoom(registry, params.room);
      return { recipients: admin.sendData(reliable ? 'reliable' : 'lossy', header, new Uint8Array(bytes)) };
    },
  };
}
