import type { ApiCaller, ApiHandlers } from '../protocol/api.ts';
import type { moderationOperations } from '../protocol/apiModeration.ts';
import type { ModerationAction } from '../protocol/index.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { actorOf, findRoom } from './find.ts';

export function moderationHandlers(registry: RoomRegistry): Pick<ApiHandlers, keyof typeof moderationOperations> {
  /** As moderators do it. */
  const act = async (room: string, caller: ApiCaller, action: ModerationAction): Promise<undefined> => {
    await findRoom(registry, room).moderation.act(actorOf(caller), action);
  };
  return {
    muteEverybody: ({ params: { room }, body }, caller) => act(room, caller, { action: 'mute', ...body }),
    lowerHands: ({ params: { room } }, caller) => act(room, caller, { action: 'lower-hands' }),
    setSpotlight: ({ params: { room }, body }, caller) => act(room, caller, { action: 'spotlight', ...body }),
    listBans: ({ params: { room }, query }) => findRoom(registry, room).moderation.standing.bans.page(query),
    liftBan: ({ params: { room }, query }, caller) => act(room, caller, { action: 'unban', ...query }),
    muteParticipant: ({ params: { room, participantId }, body }, caller) =>
      act(room, caller, { action: 'mute', participantId, ...body }),
    askToUnmute: ({ params: { room, participantId } }, caller) =>
      act(room, caller, { action: 'ask-to-unmute', participantId }),
    lowerHand: ({ params: { room, participantId } }, caller) =>
      act(room, caller, { action: 'lower-hands', participantId }),
    moveParticipant: ({ params: { room, participantId }, body }, caller) =>
      act(room, caller, { action: 'move', participantId, room: body.room }),
    endPublication: ({ params: { room, publicationId } }, caller) =>
      act(room, caller, { action: 'unpublish', publicationId }),
  };
}
