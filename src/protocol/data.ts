import { z } from 'zod';
import { type ErrorCode, errorCodes } from './errors.ts';
import { FrameCodec, longestHeaderBytes } from './frames.ts';
import { id, identity } from './shapes.ts';

/**
 * The room's data bus, over SCTP data channels (RFC 8831): what goes over them, declared once.
 *
 * Each participant has two channels to the server and two from it, negotiated beforehand, so that nobody asks for them.
 * The server reads every message, writes the sender onto it and passes it on; nobody can claim to be somebody else.
 *
 * **Credit.** SCTP alone loses messages here: where a receiver is slow, the worker's buffer fills, and what does not fit
 * is dropped. So reliable messages have two windows, both counted in bytes of whole `message` frames:
 *
 * - Receiver to server: the server sends a participant at most `receiverWindowBytes` more than it has said that it took
 *   (`taken`, a running total). The first `taken` opens the channel: before, nothing is sent. What finds the window full
 *   waits in the server.
 * - Sender to server: a participant sends at most `senderWindowBytes` more than was settled. A message is settled when
 *   it has been sent to each recipient's window. So a slow receiver slows its senders, and the server holds at most one
 *   window per sender, whatever happens. The application's server, which sends through the API, has one in each room.
 *
 * A receiver that takes nothing for `stallMs` while something waits for it holds up nobody any longer: what waits for it
 * is thrown away, its senders get `not-delivered` with its name, and it gets `missed`. The time begins once more where it
 * is heard from another address meanwhile: its network was broken.
 *
 * Who has just joined opens the channels a moment later: until then messages for all wait for it, and are settled as far
 * as a window reaches. A client that has not opened them after 15 seconds takes no part: messages for all pass it by, and
 * whoever names it gets `not-delivered`. Who had channels before, which went with a worker, is missing for both.
 *
 * Lossy messages (unordered, never retransmitted) are never held: whoever cannot take one now does not get it.
 */

/** The stream ids of the channels, on both transports; mediasoup-client and mediasoup count in this order. */
export const dataStreams = { reliable: 0, lossy: 1 } as const;
export type DataKind = keyof typeof dataStreams;

export const senderWindowBytes = 256 * 1024;
export const receiverWindowBytes = 256 * 1024;
/** How long a receiver may take nothing while something waits for it, in milliseconds. */
export const stallMs = 10_000;
/** A receiver says what it took at the latest after this many bytes, and after this many milliseconds. */
export const takenBytes = 32 * 1024;
export const takenMs = 500;
/** A message with its frame fits into a window of which no more than `takenBytes` are used, and into one of SCTP. */
export const largestDataBytes = 192 * 1024;

/** How many a message may name. */
export const mostRecipients = 500;

/** A participantId or, where nobody has that, an identity. */
export const recipient = identity;

export const topic = z
  .string()
  .max(128)
  .regex(/^\P{Cc}*$/u, 'a topic has no control characters');

const bytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const text = (most: number) => z.string().max(most);

/**
 * What a message says of a file, between its sender and its recipients. The server looks at sizes only. The id is chosen
 * by the one who offers the file, and is unique for that participant.
 */
export const filePart = z.discriminatedUnion('type', [
  /** To the recipients: do you want it? */
  z.strictObject({ type: z.literal('offer'), fileId: id, name: text(255), mimeType: text(128), size: bytes }),
  /** From a recipient: send it. */
  z.strictObject({ type: z.literal('accept'), fileId: id }),
  z.strictObject({ type: z.literal('decline'), fileId: id }),
  /** The payload is the next piece of the file. */
  z.strictObject({ type: z.literal('chunk'), fileId: id, offset: bytes }),
  /** All has been sent. SHA-256 in hexadecimal. */
  z.strictObject({ type: z.literal('end'), fileId: id, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  /** From a recipient: so many bytes are where they belong; credit for as many more. */
  z.strictObject({ type: z.literal('progress'), fileId: id, bytes }),
  /** From a recipient: it is complete and has the right hash. */
  z.strictObject({ type: z.literal('complete'), fileId: id }),
  /** From either side: no more of it. */
  z.strictObject({ type: z.literal('cancel'), fileId: id, reason: z.enum(['cancelled', 'damaged', 'failed']) }),
]);

const errorCode = z.custom<ErrorCode>((value) => typeof value === 'string' && Object.hasOwn(errorCodes, value));

/** Client -> server. */
export const clientFrames = {
  message: {
    code: 1,
    doc: 'A message to those named, to everybody without `to`.',
    header: z.strictObject({
      to: z
        .array(recipient)
        .min(1, 'data goes to somebody: name recipients, or leave `to` out for everybody')
        .max(mostRecipients)
        .optional(),
      topic: topic.optional(),
      file: filePart.optional(),
    }),
  },
  taken: {
    code: 2,
    doc: 'On the reliable channel: how many bytes of reliable `message` frames were taken so far. The first one opens the channel.',
    header: z.strictObject({ bytes }),
  },
} as const;

/** Server -> client. */
export const serverFrames = {
  message: {
    code: 1,
    doc: "A message; the sender is written by the server, and absent where it is the application's own server.",
    header: z.object({
      participantId: id.optional(),
      identity: identity.optional(),
      topic: topic.optional(),
      file: filePart.optional(),
    }),
  },
  settled: {
    code: 2,
    doc: 'These reliable messages are on their way to all their recipients.',
    header: z.object({ messageIds: z.array(z.int()) }),
  },
  refused: {
    code: 3,
    doc: 'These messages were not passed on, or not to all: `recipients` names those in the room without them, `left` those who are not there any more. Id 0: a frame without one.',
    header: z.object({
      messageIds: z.array(z.int()),
      code: errorCode.catch('internal'),
      message: z.string(),
      recipients: z.array(recipient).optional(),
      left: z.array(recipient).optional(),
    }),
  },
  missed: {
    code: 4,
    doc: 'Reliable messages that were thrown away, since this participant took nothing for too long.',
    header: z.object({ messages: z.int() }),
  },
} as const;

export const clientFrameCodec = new FrameCodec(clientFrames);
/** A refusal may name all the recipients of a message, and says more than the message did. */
export const serverFrameCodec = new FrameCodec(serverFrames, longestHeaderBytes);

export type FilePart = z.output<typeof filePart>;
export type ClientMessageHeader = z.output<(typeof clientFrames)['message']['header']>;
export type ServerMessageHeader = z.output<(typeof serverFrames)['message']['header']>;
