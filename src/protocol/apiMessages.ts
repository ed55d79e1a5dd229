import { z } from 'zod';
import { type ApiOperation, inRoom, jsonBytes, noQuery } from './apiOperation.ts';
import { mostRecipients, recipient, topic } from './data.ts';
import { chatText, displayName, id, longestIdentity } from './shapes.ts';

const write = { area: 'data', access: 'write' } as const;

export const messageOperations = {
  sendChat: {
    summary: 'Say something in the chat',
    doc: 'As the server: the message has neither a participantId nor an identity.',
    method: 'POST',
    path: '/rooms/:room/chat',
    right: write,
    weight: 2,
    params: inRoom,
    query: noQuery,
    body: z.strictObject({
      text: chatText,
      displayName: displayName.optional().describe("Who says it; the token's subject when left out."),
    }),
    status: 201,
    answer: z.object({ chatId: id, sentAt: z.number().describe('Milliseconds since 1970.') }),
    errors: ['not-found'],
  },
  sendData: {
    summary: 'Send data',
    doc: 'Over the data channels, as the server: `dataReceived` of the SDK, with neither a participantId nor an identity. The answer comes as soon as the message is on its way. While more than 256 KiB of such data waits in a room for those who take it slowly, it is `rate-limited`; who takes nothing for ten seconds holds up nobody.',
    method: 'POST',
    path: '/rooms/:room/data',
    right: write,
    // For everybody in the room, and large.
    weight: 3,
    params: inRoom,
    query: noQuery,
    body: z
      .strictObject({
        to: z
          .array(recipient)
          .min(1)
          .max(mostRecipients)
          .optional()
          .describe('Whom it is for, by participantId or identity; everybody when left out.'),
        topic: topic.optional(),
        reliable: z.boolean().default(true).describe('Whether it comes once and in order, or may get lost.'),
        text: z.string().optional().describe('The bytes, as UTF-8.'),
        base64: z.base64().optional().describe('The bytes, in base64; in place of `text`.'),
      })
      .refine(({ text, base64 }) => (text === undefined) !== (base64 === undefined), 'give either text or base64'),
    // As text; base64 takes less.
    largeBody: ({ maxDataBytes }) => jsonBytes(maxDataBytes) + mostRecipients * jsonBytes(longestIdentity),
    status: 202,
    answer: z.object({ recipients: z.int().min(0).describe('How many participants it is for.') }),
    errors: ['not-found', 'message-too-large'],
  },
} as const satisfies Record<string, ApiOperation>;
