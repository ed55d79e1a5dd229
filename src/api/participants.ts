import type { ApiHandlers } from '../protocol/api.ts';
import type { ApiParticipant, participantOperations } from '../protocol/apiParticipants.ts';
import type { Participant } from '../room/Participant.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { actorOf, findRoom } from './find.ts';

export function participantHandlers(registry: RoomRegistry): Pick<ApiHandlers, keyof typeof participantOperations> {
  return {
    listParticipants({ params, query }) {
      const { entries, ...page } = findRoom(registry, params.room).admin.page(query);
      return { participants: entries.map(told), ...page };
    },

    readParticipant({ params }) {
      return told(findRoom(registry, params.room).admin.participant(params.participantId));
    },

    async updateParticipant({ params: { room: name, participantId }, body: { metadata, grants } }, caller) {
      const room = findRoom(registry, name);
      const participant = room.admin.participant(participantId);
      if (metadata) room.admin.giveMetadata(participantId, metadata);
      if (grants) await room.moderation.act(actorOf(caller), { action: 'grant', participantId, changes: grants });
      return told(participant);
    },

    async removeParticipant({ params: { room, participantId }, query }, caller) {
      await findRoom(registry, room).moderation.act(actorOf(caller), { action: 'remove', participantId, ...query });
    },
  };
}

function told({ info, grants, publications }: Participant): ApiParticipant {
  return { ...info, grants, publications: publications.map((publication) => publication.info) };
}
