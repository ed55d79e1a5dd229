import { z } from 'zod';
import { type ApiOperation, inRoom, noAnswer, noBody, noParams, noQuery, pageOf } from './apiOperation.ts';
import { roomSettingChanges, toldRoomSettings } from './roomSettings.ts';
import { id, identity, pageCursor, roomName } from './shapes.ts';

const date = z.number().describe('Milliseconds since 1970.');

/** A room, as the API tells of it. */
export const apiRoom = z
  .object({
    name: roomName,
    sessionId: id.describe('Another one whenever a room of that name begins anew; webhooks carry it as well.'),
    createdAt: date,
    startedAt: date.optional().describe('When the first participant came; absent before.'),
    endsAt: date.optional().describe('When its time is over; absent where it has no limit, or nobody has come yet.'),
    participants: z.int().min(0).describe('How many are in it, hidden ones included.'),
    publications: z.int().min(0).describe('How many tracks they publish.'),
    settings: toldRoomSettings,
    spotlight: z.array(identity).describe('Who comes first in the view of everybody.'),
  })
  .meta({ id: 'Room' });

export type ApiRoom = z.output<typeof apiRoom>;

const read = { area: 'rooms', access: 'read' } as const;
const write = { area: 'rooms', access: 'write' } as const;

export const roomOperations = {
  listRooms: {
    summary: 'List rooms',
    doc: 'The rooms that the token reaches, sorted by name. A cursor holds also when rooms come and go in between.',
    method: 'GET',
    path: '/rooms',
    right: read,
    weight: 5,
    params: noParams,
    query: z.strictObject({ prefix: roomName.optional().describe('Only rooms whose names begin so.'), ...pageOf }),
    body: noBody,
    status: 200,
    answer: z.object({ rooms: z.array(apiRoom), next: pageCursor.optional().describe('Absent on the last page.') }),
    errors: [],
  },
  createRoom: {
    summary: 'Create a room',
    doc: 'Settings that are left out are as `--room-settings` says, and null takes a limit away that it sets. The room waits for its first participant for `--empty-room-timeout`, or for its own `emptyTimeoutSeconds` where that is longer.',
    method: 'POST',
    path: '/rooms',
    right: write,
    weight: 5,
    params: noParams,
    query: noQuery,
    body: z.strictObject({ name: roomName, settings: roomSettingChanges.prefault({}) }),
    roomInBody: 'name',
    status: 201,
    location: 'name',
    answer: apiRoom,
    errors: ['conflict', 'server-full', 'draining'],
  },
  readRoom: {
    summary: 'Read a room',
    method: 'GET',
    path: '/rooms/:room',
    right: read,
    weight: 1,
    params: inRoom,
    query: noQuery,
    body: noBody,
    status: 200,
    answer: apiRoom,
    errors: ['not-found'],
  },
  updateRoom: {
    summary: 'Change the settings of a room',
    doc: 'They hold at once. What is left out stays as it is; null takes a limit away.',
    method: 'PATCH',
    path: '/rooms/:room',
    right: write,
    weight: 3,
    params: inRoom,
    query: noQuery,
    body: z.strictObject({ settings: roomSettingChanges }),
    status: 200,
    answer: apiRoom,
    errors: ['not-found', 'closed'],
  },
  endRoom: {
    summary: 'End a room for everybody',
    method: 'DELETE',
    path: '/rooms/:room',
    right: write,
    weight: 3,
    params: inRoom,
    query: noQuery,
    body: noBody,
    status: 204,
    answer: noAnswer,
    errors: ['not-found'],
  },
} as const satisfies Record<string, ApiOperation>;
