import { z } from 'zod';
import { roomName } from './shapes.ts';

const access = z.enum(['read', 'write']);

/**
 * What an API token may do; what is left out it may not. `write` includes `read`. A name that is not one of these is
 * refused, since a right that was spelled wrongly would otherwise be missing without anybody noticing.
 */
export const apiGrants = z.strictObject({
  /** `read`: list and read rooms. `write`: create, change, and end them. */
  rooms: access.optional(),
  /** `read`: list and read participants, and who waits in the lobby. `write`: moderate them. */
  participants: access.optional(),
  /** `write`: send data and chat messages as the server. */
  data: z.literal('write').optional(),
  /** `read`: statistics of rooms and participants. */
  stats: z.literal('read').optional(),
  /** Confines the token to these rooms and to those that `roomPrefix` allows; with neither it may reach all rooms. */
  onlyRooms: z.array(roomName).min(1).max(100).optional(),
  /** Confines the token to rooms whose names begin so, and to `onlyRooms`. */
  roomPrefix: roomName.optional(),
});

export type ApiGrants = z.output<typeof apiGrants>;
export type ApiArea = 'rooms' | 'participants' | 'data' | 'stats';
export type ApiAccess = z.output<typeof access>;

/** What an operation demands. */
export interface ApiRight {
  readonly area: ApiArea;
  readonly access: ApiAccess;
}

/** The one place where rights are compared: whatever is not given is refused. */
export function grantsAccess(grants: ApiGrants, { area, access: wanted }: ApiRight): boolean {
  const given = grants[area];
  return given === wanted || given === 'write';
}

/** Whether a token reaches that room, whether or not there is such a room. */
export function reachesRoom({ onlyRooms, roomPrefix }: ApiGrants, room: string): boolean {
  if (onlyRooms === undefined && roomPrefix === undefined) return true;
  return onlyRooms?.includes(room) === true || (roomPrefix !== undefined && room.startsWith(roomPrefix));
}
