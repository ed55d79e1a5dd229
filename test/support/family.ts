import type { Grants, ModerationAction } from '../../src/protocol/index.ts';
import type { Actor } from '../../src/room/Actor.ts';
import { Lobby } from './Lobby.ts';
import { application } from './school.ts';

const moderator = { moderator: true };

/** People of a main room, and of other rooms of the family. */
export function family() {
  const lobby = new Lobby();
  const unbanned: unknown[] = [];
  lobby.registry.on('unbanned', (...each) => unbanned.push(each));
  const comes = (identity: string, room: string, grants: Partial<Grants> = {}, tokenRoom = 'school', host = false) =>
    lobby.join(identity, {}, undefined, grants, { room, tokenRoom, host });
  const room = (name: string) => lobby.registry.getOrCreate(name);
  const person = (identity: string, name: string) => {
    const found = room(name).participants.find((each) => each.identity === identity);
    if (!found) throw new Error(`${identity} is not in ${name}`);
    return found;
  };
  const as = (identity: string, name: string): Actor => ({ kind: 'participant', participant: person(identity, name) });
  const act = (name: string, by: Actor, action: ModerationAction) => room(name).moderation.act(by, action);
  const move = async (identity: string, from: string, to: string, grants: Partial<Grants> = {}, host = false) => {
    const { participantId } = person(identity, from);
    await act(from, application, { action: 'move', participantId, room: to });
    await comes(identity, to, grants, 'school', host);
  };
  const remove = (identity: string, name: string, by: Actor, ban: boolean) =>
    act(name, by, { action: 'remove', participantId: person(identity, name).participantId, ban });
  const grant = (identity: string, name: string, by: Actor, changes: Partial<Grants>) =>
    act(name, by, { action: 'grant', participantId: person(identity, name).participantId, changes });
  const bannedIn = (name: string) => room(name).moderation.standing.bans.told.map(({ identity }) => identity);

  return { lobby, unbanned, comes, room, person, as, act, move, remove, grant, bannedIn };
}

/** The moderator of the main room is in a breakout, which has one of its own. */
export async function breakout() {
  const rooms = family();
  await rooms.comes('mia', 'school', moderator);
  await rooms.comes('max', 'school');
  await rooms.comes('eve', 'school--1', moderator, 'school--1');
  await rooms.move('mia', 'school', 'school--1', moderator);
  return rooms;
}
