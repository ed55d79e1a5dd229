import type { Actor } from '../../src/room/Actor.ts';
import { Lobby } from './Lobby.ts';

export const application: Actor = { kind: 'application', name: 'Campus' };

/** The room to which the token of ada leads. */
export const ada = (lobby: Lobby) => lobby.registry.roomFor({ tokenRoom: 'school', identity: 'ada' });

/** A room with a moderator, and with ada, who is to be moved. */
export async function school(lobby = new Lobby()) {
  const mia = await lobby.join('mia', {}, undefined, { moderator: true }, { room: 'school' });
  const moved = await lobby.join('ada', {}, undefined, {}, { room: 'school' });
  const by: Actor = { kind: 'participant', participant: mia.participant };
  const move = (room: string, actor: Actor = by, { participant, room: from } = moved) =>
    from.moderation.act(actor, { action: 'move', participantId: participant.participantId, room });
  const comes = (room: string, more = {}) =>
    lobby.join('ada', {}, undefined, {}, { room, tokenRoom: 'school', ...more });
  return { lobby, mia, ada: moved, by, move, comes };
}
