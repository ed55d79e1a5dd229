import { z } from 'zod';
import { grants } from './grants.ts';
import { iceServer, rtpCapabilities, rtpParameters, transport } from './media.ts';
import { moderator } from './moderation.ts';
import { toldRoomSettings } from './roomSettings.ts';
import {
  chatMessage,
  connectionQuality,
  displayName,
  id,
  identity,
  kind,
  knock,
  leaveReason,
  participant,
  publication,
  roomEnd,
  roomName,
  simulatedFault,
  spotlight,
  videoCodec,
} from './shapes.ts';

/** Grows by one with each incompatible change. Client and server refuse one another when it differs. */
export const protocolVersion = 1;

/** Who is loudest, loudest first. */
const speakers = z.array(
  z.object({
    participantId: id,
    /** dBov: 0 is the loudest, -127 silence (RFC 6464). */
    level: z.number(),
  }),
);

/**
 * The room as it is at `revision`; the `roomChanged` deltas with higher revisions build on it.
 *
 * While `partial` is true the room is too large to tell everybody of everybody: the lists hold oneself and those who
 * publish, speak or have raised a hand, up to the server's limit; `listParticipants` gives the rest.
 */
export const roomSnapshot = z.object({
  room: roomName,
  /** What the server's clock said then, in milliseconds since 1970: all times are by that clock, whatever a device's says. */
  now: z.number(),
  revision: z.int(),
  partial: z.boolean(),
  /** How many participants there are, oneself and those that the lists leave out included. */
  count: z.int(),
  participants: z.array(participant),
  publications: z.array(publication),
  /** What the last `speakers` notice said. */
  speakers,
  /** What everybody in the room can decode, in the server's order of preference. Never empty: VP8 stays. */
  videoCodecs: z.array(videoCodec),
  settings: toldRoomSettings,
  /** When the room ends by its time limit, in milliseconds since 1970; absent: it has none. */
  endsAt: z.number().optional(),
  /** Identities of those whom moderators show to everybody, the first one first; some may be away for a moment. */
  spotlight,
  /** Whether one's token is for the main room of the family: who moderates then may move people between its rooms. */
  ofMainRoom: z.boolean(),
  /** The newest messages, oldest first. */
  chat: z.array(chatMessage),
});

/** Who and what stands behind subscriptions, where the room's snapshot or its deltas do not, or not yet, tell of it. */
export const introduced = z.object({ participants: z.array(participant), publications: z.array(publication) });

/** One publication on its way to one participant: what mediasoup-client's `consume()` takes. */
export const subscription = z.object({
  subscriptionId: id,
  publicationId: id,
  participantId: id,
  kind,
  rtpParameters,
  /** True while the server holds the packets back until `startSubscriptions` names this subscription. */
  waiting: z.boolean(),
  /** Whether the publisher has muted it. */
  muted: z.boolean(),
});

/** What `join` answers and what `mediaReset` carries: both transports, connected already, and what is received. */
export const mediaSession = z.object({
  sendTransport: transport,
  recvTransport: transport,
  subscriptions: z.array(subscription),
});

/**
 * `active`: packets flow. `muted`: the publisher has paused. `bandwidth`: the connection cannot carry even its lowest
 * layers beside what is more important.
 * `cannot-decode`: this participant's browser lacks the codec, so nothing is sent. `inactive`: the publisher sends
 * nothing right now. `hidden`: it has left the view, and is kept without packets for a while, since it may come back.
 * `inaudible`: the same of a voice, because others are louder.
 */
export const subscriptionStatus = z.enum([
  'active',
  'muted',
  'bandwidth',
  'cannot-decode',
  'inactive',
  'hidden',
  'inaudible',
]);

interface NoticeDeclaration {
  readonly doc: string;
  readonly payload: z.ZodType;
}

/** Sequence number of a personal notice, growing by one, so that a client can say after which one it lost touch. */
const seq = z.int();

/** Why a client is sent away: as others are told of its going, or it was not let in. */
const removalReason = z.enum([...leaveReason.options, 'refused']);

const subscriptionStates = z.array(
  z.object({
    publicationId: id,
    status: subscriptionStatus,
    /** Effective layers, 0 the lowest; absent while nothing flows and for audio. */
    spatialLayer: z.int().optional(),
    temporalLayer: z.int().optional(),
  }),
);

/** -1: nobody watches it. */
const wantedLayers = z.array(z.object({ publicationId: id, maxSpatialLayer: z.int() }));

/** Server -> client. Each is a socket.io event of that name. */
export const notices = {
  welcome: {
    doc: 'Sent once on connect, unasked: all that a client needs before it joins.',
    payload: z.object({
      protocolVersion: z.int(),
      serverVersion: z.string(),
      /**
       * `new`: join next. `resumed`: the visit goes on, and what was missed follows. `snapshot`: it goes on, and
       * `snapshot` follows. `refused`: what the client wanted to resume is gone; join next, unless `removed` or
       * `roomClosed` came before this.
       */
      session: z.enum(['new', 'resumed', 'snapshot', 'refused']),
      /** With this the visit can be resumed when its socket breaks; a secret. Absent where the server keeps nobody. */
      resumeKey: z.string().optional(),
      room: roomName,
      identity,
      displayName,
      /** What you may do: what your token says, or what was changed since. */
      grants,
      routerRtpCapabilities: rtpCapabilities,
      iceServers: z.array(iceServer),
      limits: z.object({
        maxMessageBytes: z.int(),
        maxPublications: z.int(),
        maxParticipants: z.int(),
        /** How many videos the view `auto` holds at most. */
        autoViewVideos: z.int(),
        /** Bytes of one data message. */
        maxDataBytes: z.int(),
        /** Bytes of one file. */
        maxFileBytes: z.int(),
      }),
      /** What `simulateFault` takes; absent where the server refuses it. */
      simulatedFaults: z.array(simulatedFault).optional(),
    }),
  },
  roomChanged: {
    doc: 'One delta of the room, the same bytes for everybody. Entries replace those of the same id.',
    payload: z.object({
      revision: z.int(),
      /** The room has become large (true) or small (false); see the snapshot. */
      partial: z.boolean().optional(),
      /** How many participants there are; told while the room is large, now and then. */
      count: z.int().optional(),
      participants: z.array(participant).optional(),
      /** They are still there, but the room's deltas speak of them and of what they publish no more. */
      hidden: z.array(z.object({ participantId: id })).optional(),
      left: z.array(z.object({ participantId: id, reason: leaveReason })).optional(),
      publications: z.array(publication).optional(),
      unpublished: z.array(z.object({ publicationId: id })).optional(),
      videoCodecs: z.array(videoCodec).optional(),
      /** All of them as they are now. */
      settings: toldRoomSettings.optional(),
      /** When the room ends by its time limit, in milliseconds since 1970; null: not any more. */
      endsAt: z.number().nullable().optional(),
      /** All of them, as they are now. */
      spotlight: spotlight.optional(),
      /** Who has changed the settings, the spotlight, or both; absent where it was nobody, or several at the same time. */
      by: moderator.optional(),
    }),
  },
  knownChanged: {
    doc: "Changes of those whom a large room's deltas leave out and you know all the same: oneself, and whom you receive.",
    payload: z.object({ seq, participants: z.array(participant), publications: z.array(publication) }),
  },
  subscriptionsAdded: {
    doc: 'What you receive from now on, with the participant and publication of each, so that it may overtake roomChanged.',
    payload: z.object({
      seq,
      subscriptions: z.array(subscription.extend({ participant, publication })),
    }),
  },
  subscriptionsRemoved: {
    doc: 'What you no longer receive.',
    payload: z.object({ seq, subscriptionIds: z.array(id) }),
  },
  subscriptionState: {
    doc: 'Why a publication you want flows or does not, and which layers of it you get.',
    payload: z.object({ seq, states: subscriptionStates }),
  },
  wantedLayers: {
    doc: 'The highest spatial layer of your own publications that somebody watches; -1: none. Until it is told, all of them.',
    payload: z.object({ seq, publications: wantedLayers }),
  },
  keyFrameWanted: {
    doc: 'Somebody waits for the first picture of your publication, and the request over RTCP has not helped: make a key frame.',
    payload: z.object({ seq, publicationId: id }),
  },
  snapshot: {
    doc: 'After a resume, where what was missed is no longer kept: how everything is now. What is not in it is gone.',
    payload: z.object({
      seq,
      grants,
      room: roomSnapshot,
      introduced: introduced.optional(),
      subscriptions: z.array(subscription),
      states: subscriptionStates,
      wantedLayers,
    }),
  },
  speakers: {
    doc: 'Who is loudest right now, loudest first, at most six; empty when it is quiet.',
    payload: z.object({ speakers }),
  },
  quality: {
    doc: 'How good connections are, those that changed: of everybody, in a large room of oneself and those whom you receive.',
    payload: z.object({ connections: z.array(z.object({ participantId: id, quality: connectionQuality })) }),
  },
  chat: {
    doc: 'A chat message, also to the one who sent it.',
    payload: chatMessage,
  },
  muted: {
    doc: 'A moderator has muted your publication; only you can unmute it.',
    payload: z.object({ seq, publicationId: id, by: moderator }),
  },
  unmuteAsked: {
    doc: 'A moderator asks you to unmute your microphone.',
    payload: z.object({ seq, by: moderator }),
  },
  unpublished: {
    doc: 'A moderator has ended your publication.',
    payload: z.object({ seq, publicationId: id, by: moderator }),
  },
  handLowered: {
    doc: 'A moderator has lowered your hand.',
    payload: z.object({ seq, by: moderator }),
  },
  grantsChanged: {
    doc: 'You may do other things than before. What you may not do any more has ended: what you received, and your publications of that kind, with `unpublished` before this. Without `by`: what holds from the join on, in place of what `welcome` said.',
    payload: z.object({ seq, grants, by: moderator.optional() }),
  },
  lobby: {
    doc: 'To moderators: everybody who waits in the lobby, who came first before the others. After each change, and when one becomes a moderator.',
    payload: z.object({ seq, waiting: z.array(knock) }),
  },
  admitted: {
    doc: 'You may come in from the lobby: send `join` again, with another `requestId`.',
    payload: z.object({ seq }),
  },
  moved: {
    doc: 'You have been moved to another room: what you sent and received has ended, and a `welcome` of that room follows on the same socket. Tokens of the former room lead there as well, until that room ends, you leave it, or are moved back.',
    payload: z.object({ seq, room: roomName, by: moderator }),
  },
  removed: {
    doc: 'You are no longer in the room, or in its lobby (`refused`: you were not let in); the socket closes after this.',
    payload: z.object({ seq, reason: removalReason, message: z.string(), by: moderator.optional() }),
  },
  mediaReset: {
    doc: 'Your worker is gone. Both transports are new and connected to the certificate of your join already; what you received before has ended, without further news of it. Publications stay, silent until you send them again with `restorePublication`.',
    payload: mediaSession.extend({ seq, introduced }),
  },
  draining: {
    doc: 'The server stops at the given time (milliseconds since 1970), or when everybody has left; media goes on until then.',
    payload: z.object({ seq, until: z.number() }),
  },
  roomClosed: {
    doc: 'The room has ended for everybody.',
    payload: z.object({
      seq,
      reason: roomEnd,
      rejoin: z.boolean(),
      by: moderator.optional(),
    }),
  },
} as const satisfies Record<string, NoticeDeclaration>;
