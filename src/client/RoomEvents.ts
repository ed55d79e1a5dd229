import type {
  ChatMessage,
  ErrorCode,
  Knock,
  LeaveReason,
  Moderator,
  Notice,
  PlenumError,
  RoomSettings,
  Source,
} from '../protocol/index.ts';
import type { ConnectionState } from './connectionState.ts';
import type { IncomingFile } from './IncomingFile.ts';
import type { LocalParticipant } from './LocalParticipant.ts';
import type { LocalPublication } from './LocalPublication.ts';
import type { RemoteParticipant } from './RemoteParticipant.ts';
import type { RemotePublication } from './RemotePublication.ts';

/**
 * `resuming`: the connection to the server broke and is being restored; media goes on. `rebuilding`: the way for the
 * media is being made anew, or the room is joined again. Both end by themselves, as `joined` or `closed`.
 */
export type RoomState = ConnectionState['name'];

/**
 * What is being mended by itself right now. `signaling`: the connection to the server; media goes on. `path`: no media
 * arrive, and ICE is being restarted. `media`: the server lost the media of this visit and makes them anew. `visit`: the
 * room is being joined again, which in the state `waiting` a moderator has to allow. With the last three pictures stand still.
 */
export type Trouble = 'signaling' | 'path' | 'media' | 'visit';

/** Why a room object is closed: the server's reason, or the code of the error that ended the attempts to come back. */
export type CloseReason = LeaveReason | Notice<'roomClosed'>['reason'] | ErrorCode;

/** `hidden`: still there, but the room is too large to tell of everybody, and nothing of this person is received. */
export type LeftReason = LeaveReason | 'hidden';

export interface StateDetail {
  reason?: CloseReason;
  /** For people. */
  message?: string;
  error?: PlenumError;
}

export interface Speaker {
  participantId: string;
  /** dBov: 0 is the loudest, -127 silence (RFC 6464). */
  level: number;
}

export interface LostDevice {
  source: Source;
  /** The name of the device that is gone. */
  label: string;
  /** The name of the device that took its place; undefined: there was none, and the publication is muted or gone. */
  fallback: string | undefined;
}

/** A message of another participant. The server says who it was; nobody can claim to be somebody else. */
export interface ReceivedData {
  /** Undefined where the SDK does not know the sender (yet): see `Room.isPartialRoster`. */
  participant: RemoteParticipant | undefined;
  /** Undefined, as the identity is, where the application's own server has sent it. */
  participantId: string | undefined;
  identity: string | undefined;
  bytes: Uint8Array<ArrayBuffer>;
  /** Empty where the sender gave none. */
  topic: string;
  reliable: boolean;
}

/**
 * What a moderator did to oneself. `publication`: what was muted or ended. A microphone that was muted stays so until the
 * person unmutes it; `unmute-asked` asks for just that. `grants-changed`: see `local.grants`.
 */
export interface Moderated {
  what: 'muted' | 'unmute-asked' | 'unpublished' | 'hand-lowered' | 'grants-changed';
  publication: LocalPublication | undefined;
  by: Moderator;
}

/** Event name -> arguments of its listeners. */
export interface RoomEvents {
  stateChanged: [state: RoomState, detail: StateDetail];
  troubleChanged: [trouble: Trouble | undefined];
  /**
   * Also fired at the join for each one who is there already, and in a large room for those who have something to see or
   * hear for the first time.
   */
  participantJoined: [participant: RemoteParticipant];
  participantLeft: [participant: RemoteParticipant, reason: LeftReason];
  /** How many people are in the room, oneself included. */
  participantCountChanged: [count: number];
  /** Metadata, raised hand, moderation, connection; also of oneself. Who speaks is `speakersChanged`. */
  participantChanged: [participant: RemoteParticipant | LocalParticipant];
  publicationAdded: [publication: RemotePublication];
  publicationRemoved: [publication: RemotePublication];
  /** Muted, resized, given other metadata, or the same one under a new id after a reconnect. */
  publicationChanged: [publication: RemotePublication];
  /** The publication has a `track` now. */
  subscriptionAdded: [publication: RemotePublication];
  /** The publication has no `track` any more. */
  subscriptionRemoved: [publication: RemotePublication];
  /** Another `track`, `status` or `layers`, or it is `stalled` or no longer so. */
  subscriptionChanged: [publication: RemotePublication];
  localPublicationAdded: [publication: LocalPublication];
  localPublicationRemoved: [publication: LocalPublication];
  localPublicationChanged: [publication: LocalPublication];
  /** A moderator did something to oneself. */
  moderated: [event: Moderated];
  /**
   * The room was locked, has another time limit and so on; what is told of it when one comes in is no change. `by`: who has
   * done it; undefined where that is not told, as after a break.
   */
  settingsChanged: [settings: RoomSettings, by: Moderator | undefined];
  /** Identities of those whom moderators show to everybody, the first one first. `by`: as of `settingsChanged`. */
  spotlightChanged: [identities: readonly string[], by: Moderator | undefined];
  /** Others wait in the lobby than before; told to moderators. */
  lobbyChanged: [waiting: readonly Knock[]];
  /** Somebody has moved oneself to another room. What one sends goes on there; all else is that room's as soon as it is joined. */
  moved: [event: { room: string; by: Moderator }];
  speakersChanged: [speakers: readonly Speaker[]];
  chatMessage: [message: ChatMessage];
  dataReceived: [message: ReceivedData];
  /** Somebody wants to send a file: accept or decline it. */
  fileOffered: [file: IncomingFile];
  deviceLost: [device: LostDevice];
  /** A camera, microphone or loudspeaker came or went: ask `listDevices()` again. */
  devicesChanged: [];
  /** The browser refuses to play sound until the person does something: call `startAudio()` in a click. */
  audioBlocked: [];
  audioStarted: [];
  /** The server stops at that time, in milliseconds since 1970 by this device's clock; media goes on until then. */
  draining: [until: number];
  closed: [detail: { reason: CloseReason; message: string }];
  /** Something failed in the background; the room goes on as well as it can. */
  error: [error: PlenumError];
  /** Fired once after each batch of other events: draw again. */
  changed: [];
}
