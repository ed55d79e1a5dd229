import { z } from 'zod';
import { type ApiOperation, inRoom, noAnswer, noBody, noQuery, yesOrNo } from './apiOperation.ts';
import { id, knock, reason, roomName } from './shapes.ts';

const write = { area: 'participants', access: 'write' } as const;
const ofKnock = z.object({ room: roomName, knockId: id });

export const lobbyOperations = {
  readLobby: {
    summary: 'Read who waits in the lobby',
    doc: 'Who came first comes first. The webhook `lobby.knock` tells of each who comes.',
    method: 'GET',
    path: '/rooms/:room/lobby',
    right: { area: 'participants', access: 'read' },
    weight: 2,
    params: inRoom,
    query: noQuery,
    body: noBody,
    status: 200,
    answer: z.object({ waiting: z.array(knock) }),
    errors: ['not-found'],
  },
  admitEverybody: {
    summary: 'Let in everybody who waits',
    method: 'POST',
    path: '/rooms/:room/lobby/admit',
    right: write,
    weight: 5,
    params: inRoom,
    query: noQuery,
    body: noBody,
    status: 204,
    answer: noAnswer,
    errors: ['not-found'],
  },
  admit: {
    summary: 'Let somebody in who waits',
    method: 'POST',
    path: '/rooms/:room/lobby/:knockId/admit',
    right: write,
    weight: 2,
    params: ofKnock,
    query: noQuery,
    body: noBody,
    status: 204,
    answer: noAnswer,
    errors: ['not-found'],
  },
  refuse: {
    summary: 'Send somebody away who waits',
    method: 'DELETE',
    path: '/rooms/:room/lobby/:knockId',
    right: write,
    weight: 2,
    params: ofKnock,
    query: z.strictObject({
      ban: yesOrNo.default(false).describe('Whether the identity is kept out as long as the room lives.'),
      reason: reason.optional().describe('What the person reads of it.'),
    }),
    body: noBody,
    status: 204,
    answer: noAnswer,
    errors: ['not-found'],
  },
} as const satisfies Record<string, ApiOperation>;
