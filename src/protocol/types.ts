import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import type { resume } from './handshake.ts';
import type * as media from './media.ts';
import type { ban, moderation, moderator } from './moderation.ts';
import type { mediaSession, notices, roomSnapshot, subscription, subscriptionStatus } from './notices.ts';
import type { requests } from './requests.ts';
import type { roomSettingChanges, roomSettings } from './roomSettings.ts';
import type * as shapes from './shapes.ts';

/** How far a client that comes back has got. */
export type ResumePoint = z.output<typeof resume>;

export type RequestName = keyof typeof requests;
export type NoticeName = keyof typeof notices;

/** What a client may send: defaults may be left out. */
export type ParamsInput<N extends RequestName> = z.input<(typeof requests)[N]['params']>;
/** What the server gets after parsing. */
export type Params<N extends RequestName> = z.output<(typeof requests)[N]['params']>;
export type Result<N extends RequestName> = z.output<(typeof requests)[N]['result']>;
export type Notice<N extends NoticeName> = z.output<(typeof notices)[N]['payload']>;

/** What a request is acked with. */
export type Answer<N extends RequestName> = { ok: true; data: Result<N> } | { ok: false; error: WireError };

export interface WireError {
  code: ErrorCode;
  message: string;
  /** Milliseconds. */
  retryAfterMs?: number;
}

/** What `moderate` does; defaults may be left out. */
export type ModerationInput = z.input<typeof moderation>;
export type ModerationAction = z.output<typeof moderation>;
export type Moderator = z.output<typeof moderator>;
/** Somebody who cannot come in as long as the room lives. */
export type Ban = z.output<typeof ban>;

export type View = z.output<typeof shapes.view>;
export type ViewEntry = z.output<typeof shapes.viewEntry>;
export type Source = z.output<typeof shapes.source>;
export type Kind = z.output<typeof shapes.kind>;
/**
 * `worker-killed`, `worker-hung`: the process that one's media are on, with everybody else's on it. `socket-cut`: the
 * connection to the server, for three seconds. `udp-blocked`: one's media get other transports, over TCP until the next join.
 */
export type SimulatedFault = z.output<typeof shapes.simulatedFault>;
export type VideoCodec = z.output<typeof shapes.videoCodec>;
export type Metadata = z.output<typeof shapes.metadata>;
export type ParticipantInfo = z.output<typeof shapes.participant>;
export type PublicationInfo = z.output<typeof shapes.publication>;
export type ChatMessage = z.output<typeof shapes.chatMessage>;
export type ConnectionQuality = z.output<typeof shapes.connectionQuality>;
/** Somebody who waits in the lobby. */
export type Knock = z.output<typeof shapes.knock>;
export type LeaveReason = z.output<typeof shapes.leaveReason>;
export type RoomEnd = z.output<typeof shapes.roomEnd>;
/** How a room is set up: see `src/protocol/roomSettings.ts`. */
export type RoomSettings = z.output<typeof roomSettings>;
/** What is left out stays as it is; null takes a limit away. */
export type RoomSettingChanges = z.output<typeof roomSettingChanges>;
export type RoomSnapshot = z.output<typeof roomSnapshot>;
export type SubscriptionInfo = z.output<typeof subscription>;
export type SubscriptionStatus = z.output<typeof subscriptionStatus>;
export type MediaSession = z.output<typeof mediaSession>;
export type RtpCapabilities = z.output<typeof media.rtpCapabilities>;
export type RtpParameters = z.output<typeof media.rtpParameters>;
export type DtlsParameters = z.output<typeof media.dtlsParameters>;
export type IceParameters = z.output<typeof media.iceParameters>;
export type IceServer = z.output<typeof media.iceServer>;
export type TransportInfo = z.output<typeof media.transport>;
