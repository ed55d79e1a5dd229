import { z } from 'zod';
import { moderator } from './moderation.ts';
import * as shapes from './shapes.ts';

/**
 * What the server tells an application's own server by webhooks, declared once. The body of each request is one event:
 * JSON, in the form that Standard Webhooks (https://www.standardwebhooks.com) recommends. Receivers should pass over
 * fields and events that they do not know: later versions may add some.
 *
 * Metadata of participants are not among the data: with them an event could be forty times as large.
 */

/** Milliseconds since 1970, the server's clock. */
const at = z.number();
/** Milliseconds, by a clock that nobody sets. */
const durationMs = z.number().min(0);

/** `sessionId` is another one whenever a room of that name begins anew. */
const room = z.object({ name: shapes.roomName, sessionId: shapes.id });
const person = z.object({ participantId: shapes.id, identity: shapes.identity });
/** `hidden`: the others in the room are not told of it. */
const guest = person.extend({ displayName: shapes.displayName, hidden: z.boolean(), joinedAt: at });
/** Who did it: a moderator, or the application's own server, which has no identity. */
const by = moderator;
const publication = shapes.publication.pick({ publicationId: true, source: true, kind: true, codec: true });

interface WebhookDeclaration {
  doc: string;
  data: z.ZodObject;
}

export const webhookEvents = {
  'room.started': {
    doc: 'The first participant has come. The event of its coming is the next one.',
    data: z.object({ room, startedAt: at }),
  },
  'room.ended': {
    doc: 'The room is gone; whoever was in it has left before. `reason`: `ended` (empty for too long, or ended for all), `time-limit`, `server-stopping`, `media-failed`. `by`: who ended it, where somebody did.',
    data: z.object({ room, reason: shapes.roomEnd, by: by.optional(), startedAt: at, durationMs }),
  },
  'participant.joined': {
    doc: 'Somebody has come. Who resumes after a broken connection, or moves to another worker, does not come again.',
    data: z.object({ room, participant: guest }),
  },
  'participant.left': {
    doc: 'Somebody has left, after the events of what it published. `reason`: as others in the room are told. `by`: who removed or moved it.',
    data: z.object({
      room,
      participant: guest,
      reason: shapes.leaveReason,
      by: by.optional(),
      durationMs,
    }),
  },
  'lobby.knock': {
    doc: 'Somebody waits in the lobby; `at`: since when. It is let in or not by a moderator, or through the API. Who comes back after a broken connection does not knock again.',
    data: z.object({ room, knock: z.object({ identity: shapes.identity, displayName: shapes.displayName }), at }),
  },
  'publication.started': {
    doc: 'Somebody publishes a track. Muting and unmuting are not told.',
    data: z.object({ room, participant: person, publication }),
  },
  'publication.ended': {
    doc: 'A track is published no more.',
    data: z.object({ room, participant: person, publication, durationMs }),
  },
  'worker.died': {
    doc: 'A media worker has ended by itself and is replaced. `participants`: how many were on it; they move to other workers. Its order relative to events of rooms is not kept.',
    data: z.object({ worker: z.object({ index: z.int(), pid: z.int() }), uptimeMs: durationMs, participants: z.int() }),
  },
} as const satisfies Record<string, WebhookDeclaration>;

export type WebhookType = keyof typeof webhookEvents;
export type WebhookData<T extends WebhookType> = z.output<(typeof webhookEvents)[T]['data']>;

/** One event, as it is sent. */
export type WebhookEvent = {
  [T in WebhookType]: {
    /** The same each time that the event is sent: who has seen it before may pass it over. */
    id: string;
    type: T;
    /** When it happened, ISO 8601; `webhook-timestamp` is when it was sent. */
    timestamp: string;
    data: WebhookData<T>;
  };
}[WebhookType];

/** What every event has, also one of a type that is not in the table. */
export const webhookEnvelope = z.object({
  id: shapes.id,
  type: z.string(),
  timestamp: z.iso.datetime(),
  data: z.unknown(),
});

export function isWebhookType(type: string): type is WebhookType {
  return Object.hasOwn(webhookEvents, type);
}
