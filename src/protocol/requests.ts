import { z } from 'zod';
import { dtlsParameters, iceParameters, rtpCapabilities, rtpParameters } from './media.ts';
import { ban, moderation } from './moderation.ts';
import { introduced, mediaSession, roomSnapshot } from './notices.ts';
import {
  chatText,
  id,
  kind,
  metadata,
  pageCursor,
  pageLimit,
  pageQuery,
  participant,
  pinned,
  pixels,
  publication,
  requestId,
  simulatedFault,
  source,
  view,
} from './shapes.ts';

/**
 * When a request is allowed: `connected` before the join, `joined` after it, `any` at both times.
 */
export type RequestPhase = 'connected' | 'joined' | 'any';

/**
 * What a participant's grants must allow. `anybody`: every valid token. `publish`: tracks of at least one source.
 * `publish-source`: tracks of the source that the request names. `subscribe`, `chat`, `update-metadata`: what they say.
 * `be-seen`: not to be hidden. `moderate`: to be a moderator.
 */
export type Right =
  | 'anybody'
  | 'publish'
  | 'publish-source'
  | 'subscribe'
  | 'chat'
  | 'update-metadata'
  | 'be-seen'
  | 'moderate';

interface RequestDeclaration {
  readonly doc: string;
  readonly allowed: RequestPhase;
  readonly right: Right;
  readonly params: z.ZodType;
  readonly result: z.ZodType;
}

const nothing = z.strictObject({});

/**
 * Client -> server. Each is a socket.io event of that name with its params and an ack. Requests that change something
 * carry a `requestId`: the same id with the same content gets the same answer again, with other content `conflict`.
 */
export const requests = {
  join: {
    doc: 'Enter the room of the token. The answer is everything that the first frame needs. Refused with `in-lobby` where one has to wait: join again after `admitted`.',
    allowed: 'connected',
    right: 'anybody',
    params: z.strictObject({
      requestId,
      recvRtpCapabilities: rtpCapabilities,
      /** Fingerprints of the one certificate that both of the client's transports use. */
      dtlsParameters,
      view: view.default('auto'),
      pinned: pinned.optional(),
      metadata: metadata.default({}),
    }),
    result: mediaSession.extend({
      participantId: id,
      room: roomSnapshot,
      introduced: introduced.optional(),
    }),
  },
  leave: {
    doc: 'Go at once. Also sent when the page is hidden for good.',
    allowed: 'any',
    right: 'anybody',
    params: nothing,
    result: nothing,
  },
  restartIce: {
    doc: 'New ICE credentials for one of the own transports, after the network changed.',
    allowed: 'joined',
    right: 'anybody',
    params: z.strictObject({ requestId, transport: z.enum(['send', 'recv']) }),
    result: z.object({ iceParameters }),
  },
  publish: {
    doc: 'Send one track to the room. Width and height are the captured size in pixels.',
    allowed: 'joined',
    right: 'publish-source',
    params: z.strictObject({
      requestId,
      source,
      kind,
      rtpParameters,
      muted: z.boolean().default(false),
      width: pixels.optional(),
      height: pixels.optional(),
      metadata: metadata.default({}),
    }),
    result: z.object({
      publicationId: id,
      /** Also where the room has muted it: a microphone that comes with the join, with the setting `startMuted`. */
      muted: z.boolean(),
    }),
  },
  restorePublication: {
    doc: 'Send a publication again whose worker went, over the new transport and under its former id: after `mediaReset`, within ten seconds, else it is unpublished. It is muted as this says.',
    allowed: 'joined',
    right: 'publish',
    params: z.strictObject({
      requestId,
      publicationId: id,
      rtpParameters,
      muted: z.boolean(),
      width: pixels.optional(),
      height: pixels.optional(),
    }),
    result: nothing,
  },
  unpublish: {
    doc: 'Stop sending a publication.',
    allowed: 'joined',
    right: 'anybody',
    params: z.strictObject({ requestId, publicationId: id }),
    result: nothing,
  },
  updatePublication: {
    doc: 'Mute or unmute a publication, or change what the room knows of it.',
    allowed: 'joined',
    right: 'publish',
    params: z.strictObject({
      requestId,
      publicationId: id,
      muted: z.boolean().optional(),
      width: pixels.optional(),
      height: pixels.optional(),
      metadata: metadata.optional(),
    }),
    result: nothing,
  },
  setView: {
    doc: "The whole wanted view, and (`pinned`) whose audio is always wanted: nobody's where it is left out. Versions grow; a version that was overtaken is refused with `conflict`, more than 20 a second for long with `rate-limited`.",
    allowed: 'joined',
    // A wish that comes true when the right to receive does.
    right: 'anybody',
    params: z.strictObject({
      version: z.int().min(1).max(Number.MAX_SAFE_INTEGER),
      view,
      pinned: pinned.optional(),
    }),
    result: z.object({ version: z.int() }),
  },
  startSubscriptions: {
    doc: 'The client has built these consumers: let their packets flow. Idempotent; ids that are gone are passed over.',
    allowed: 'joined',
    right: 'subscribe',
    params: z.strictObject({ subscriptionIds: z.array(id).min(1).max(500) }),
    result: nothing,
  },
  listParticipants: {
    doc: 'One page of all participants, oneself included, sorted by name. `query`: words that name or identity contain, whatever their case and accents. `after`: `next` of the page before.',
    allowed: 'joined',
    right: 'anybody',
    params: z.strictObject({ query: pageQuery.optional(), after: pageCursor.optional(), limit: pageLimit }),
    result: z.object({
      participants: z.array(participant),
      /** All that these participants publish. */
      publications: z.array(publication),
      /** How many participants the query finds, on all pages together. */
      total: z.int(),
      /** Where the next page begins; absent on the last one. It holds also when people come and go in between. */
      next: pageCursor.optional(),
    }),
  },
  sendChat: {
    doc: 'Say something to everybody in the room.',
    allowed: 'joined',
    right: 'chat',
    params: z.strictObject({ requestId, text: chatText }),
    result: z.object({ chatId: id, sentAt: z.number() }),
  },
  updateMetadata: {
    doc: "Replace the participant's own metadata.",
    allowed: 'joined',
    right: 'update-metadata',
    params: z.strictObject({ requestId, metadata }),
    result: nothing,
  },
  raiseHand: {
    doc: 'Raise or lower the own hand.',
    allowed: 'joined',
    right: 'be-seen',
    params: z.strictObject({ requestId, raised: z.boolean() }),
    result: nothing,
  },
  moderate: {
    doc: 'Mute, ask to unmute, stop a publication, remove or ban somebody or lift the ban, lock the room, change its settings, show somebody to all, let people in from the lobby or not, move somebody to another room, lower hands, change what somebody may do, end the room for all. Those concerned are told who did it.',
    allowed: 'joined',
    right: 'moderate',
    params: z.strictObject({ requestId, moderation }),
    result: nothing,
  },
  listBans: {
    doc: 'Who cannot come in as long as the room lives, the latest first, 200 at most; `unban` of `moderate` lifts a ban.',
    allowed: 'joined',
    right: 'moderate',
    params: nothing,
    result: z.object({ bans: z.array(ban) }),
  },
  simulateFault: {
    doc: 'For developers: break something of the own visit, to see how it comes back. `worker-killed` and `worker-hung` concern everybody whose media are on the same worker. `socket-cut`: this socket, after the answer, and whichever comes to resume within three seconds. `udp-blocked`: the media are made anew, as `mediaReset` tells, with TCP candidates only until the next join. `forbidden` unless the server was started with `--simulate-faults`; `welcome` says whether it was.',
    allowed: 'joined',
    right: 'anybody',
    params: z.strictObject({ requestId, fault: simulatedFault }),
    result: nothing,
  },
} as const satisfies Record<string, RequestDeclaration>;
