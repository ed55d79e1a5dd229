import { z } from 'zod';
import { hasControls, isName } from './names.ts';

/** Small shapes that requests and notices share. Limits are part of the protocol, not of a server's config. */

/** `[A-Za-z0-9_-]{1,64}`: ids that the server made, room names, and ids that a client chooses for its requests. */
const word = /^[A-Za-z0-9_-]{1,64}$/;

export const roomName = z.string().regex(word, 'a room name has 1 to 64 letters, digits, "_" or "-"');
export const id = z.string().regex(word, 'an id has 1 to 64 letters, digits, "_" or "-"');

/** Chosen by the client: a repeated request with the same id and content gets the same answer again. */
export const requestId = id;

/** For text of several lines: tab and line feed are allowed. */
const forbiddenInText = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** Of an identity, in characters. */
export const longestIdentity = 128;

/** An identity: stable over reconnects, chosen by the application; as it is written, also in capitals and accents. */
export const identity = z
  .string()
  .min(1)
  .max(longestIdentity)
  .refine(isName, 'an identity has no control characters, no invisible ones, and something to see');

/** What a person is called on screen. */
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .refine(isName, 'a display name has no control characters, no invisible ones, and something to see');

/** Why somebody has to go, for the person concerned: plain text, never HTML. */
export const reason = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !hasControls(text), 'a reason has no control characters');

/** A chat message: plain text, never HTML. */
export const chatText = z
  .string()
  .min(1)
  .max(4000)
  .refine((text) => !forbiddenInText.test(text), 'a chat message has no control characters but tab and line feed')
  .refine((text) => text.trim().length > 0, 'a chat message is not empty');

/** How many entries metadata have, and how many characters the name and the text of each. */
export const mostMetadata = { entries: 32, name: 64, text: 1024 };

/** Small, flat application data, shown to everybody in the room. */
export const metadata = z
  .record(id, z.union([z.string().max(mostMetadata.text), z.number(), z.boolean(), z.null()]))
  .refine(
    (record) => Object.keys(record).length <= mostMetadata.entries,
    `metadata has at most ${mostMetadata.entries} entries`,
  )
  .meta({ maxProperties: mostMetadata.entries });

/** Pixels. */
export const pixels = z.int().min(1).max(16_384);

export const source = z.enum(['camera', 'microphone', 'screen', 'screen-audio']);
export const kind = z.enum(['audio', 'video']);

/** The names by which Plenum speaks of codecs: mediasoup's `mimeType` after the slash, in lower case. */
export const videoCodec = z.enum(['vp8', 'vp9', 'h264', 'av1']);

/** What `simulateFault` breaks, in the words of test/chaos. */
export const simulatedFault = z.enum(['worker-killed', 'worker-hung', 'socket-cut', 'udp-blocked']);

/** How well the server hears from a participant. `lost`: nothing for more than two seconds. */
export const connectionQuality = z.enum(['good', 'poor', 'lost']);

export const participant = z.object({
  participantId: id,
  identity,
  displayName,
  /** May moderate the room. */
  moderator: z.boolean(),
  metadata,
  /** Milliseconds since 1970 at which the hand went up; null while it is down. */
  handRaisedAt: z.number().nullable(),
  /** Milliseconds since 1970. */
  joinedAt: z.number(),
  connection: connectionQuality,
});

export const publication = z.object({
  publicationId: id,
  participantId: id,
  source,
  kind,
  muted: z.boolean(),
  /** Captured size in pixels; absent for audio. */
  width: pixels.optional(),
  height: pixels.optional(),
  /** Lower-case codec name, for example `opus` or `vp8`. */
  codec: z.string(),
  /** Number of simulcast encodings or SVC spatial layers; 1 where there is neither. */
  spatialLayers: z.int().min(1),
  metadata,
});

export const chatMessage = z.object({
  chatId: id,
  /** Absent, as the identity is, where the application's own server says it. */
  participantId: id.optional(),
  identity: identity.optional(),
  displayName,
  text: z.string(),
  /** Milliseconds since 1970, the server's clock. */
  sentAt: z.number(),
});

/** Why somebody is no longer in the room. */
export const leaveReason = z.enum([
  'left',
  'disconnected',
  'silent',
  'replaced',
  'removed',
  'moved',
  'room-closed',
  'failed',
]);

/** Somebody who waits in the lobby. */
export const knock = z.object({
  knockId: id,
  identity,
  displayName,
  /** When it came; milliseconds since 1970. */
  since: z.number(),
});

/** How many may wait in the lobby of a room. */
export const mostWaiting = 100;

/** Why a room is no longer there. */
export const roomEnd = z.enum(['ended', 'time-limit', 'server-stopping', 'media-failed']);

/**
 * One publication as it is drawn: its size in physical pixels and its rank (higher comes first when bits are short).
 * Without a rank, screens come first, and then the larger before the smaller.
 */
export const viewEntry = z.strictObject({
  publicationId: id,
  width: pixels,
  height: pixels,
  priority: z.int().min(1).max(255).optional(),
});

/** How many participants somebody may pin. */
export const mostPinned = 32;

/**
 * Identities of those whose audio is always received. Of all others it is, in rooms with more microphones than the
 * server's limit and two, that of the loudest. They need not be there yet.
 */
export const pinned = z
  .array(identity)
  .max(mostPinned)
  .refine((list) => new Set(list).size === list.length, 'a participant is pinned once');

/** How many participants a room shows to everybody first. */
export const mostSpotlit = 8;

/** Identities, the first one first. */
export const spotlight = z
  .array(identity)
  .max(mostSpotlit)
  .refine((list) => new Set(list).size === list.length, 'a participant is in the spotlight once');

/**
 * Which videos a participant wants to receive. `auto`: up to the server's limit, the newest screen share first, then those
 * in the spotlight, then those who spoke lately, then in the order of joining. A list: exactly these.
 */
export const view = z.union([
  z.literal('auto'),
  z.strictObject({
    videos: z
      .array(viewEntry)
      .max(250)
      .refine(
        (list) => new Set(list.map((entry) => entry.publicationId)).size === list.length,
        'a view names each publication once',
      ),
  }),
]);

/** Part of a name or an identity, for a search; several words are looked for one by one. */
export const pageQuery = z
  .string()
  .max(128)
  .refine((text) => !hasControls(text), 'a query has no control characters');

/** Where a page of a list begins; made by the server and understood by it alone. */
export const pageCursor = z.string().regex(/^[A-Za-z0-9_-]{1,512}$/, 'a cursor is what the page before gave as `next`');

/** How many entries a page holds at most. */
export const pageLimit = z.int().min(1).max(100).default(50);
