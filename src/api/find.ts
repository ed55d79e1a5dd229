import type { ApiCaller, ApiSubject } from '../protocol/api.ts';
import { PlenumError } from '../protocol/index.ts';
import type { Actor } from '../room/Actor.ts';
import type { Room } from '../room/Room.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';

/** @throws PlenumError `not-found` */
export function findRoom(registry: RoomRegistry, name: string): Room {
  const room = registry.find(name);
  if (!room) throw new PlenumError('not-found', 'there is no such room');
  return room;
}

/** Those concerned are told of the application by its name. */
export function actorOf({ name, reaches }: ApiCaller): Actor {
  return { kind: 'application', name, reaches };
}

/** Of somebody who is there, publishes that, or waits in the lobby. */
export function identityOf(
  registry: RoomRegistry,
  name: string,
  { participantId, publicationId, knockId }: ApiSubject,
): string | undefined {
  const room = registry.find(name);
  const person = room?.participants.find(
    (each) =>
      each.participantId === participantId || each.publications.some((one) => one.publicationId === publicationId),
  );
  return person?.identity ?? room?.door.knockOf(knockId)?.identity;
}
