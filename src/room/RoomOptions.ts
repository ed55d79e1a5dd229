import type { Emitter } from '../events.ts';
import type { Logger } from '../log.ts';
import type { Grants, Metadata, Params, RoomSettings } from '../protocol/index.ts';
import type { Actor } from './Actor.ts';
import type { DataLimits } from './DataRelay.ts';
import type { Decisions } from './Decisions.ts';
import type { WaitingPlace } from './Lobby.ts';
import type { MeetingEvents } from './Meeting.ts';
import type { Participant } from './Participant.ts';
import type { Announcer, Clock, MediaEngine, ParticipantLink } from './ports.ts';
import type { Reach } from './Standing.ts';

export interface RoomLimits {
  maxParticipants: number;
  /** Hidden ones, who are not counted among these. */
  maxHidden: number;
  /** Participants up to which everybody is told of everybody. */
  fullRoster: number;
  /** Milliseconds between two deltas. */
  changeIntervalMs: number;
  maxPublications: number;
  /** What a second visit of an identity does to the first: ends it, or nothing. */
  duplicateIdentities: 'replace' | 'allow';
  /** How many videos the view `auto` holds at most. */
  autoViewVideos: number;
  /** Whether publishers are told which of their encodings nobody watches. */
  dynacast: boolean;
  /** Milliseconds that a video which left somebody's view is kept for them, paused, since it may come back. */
  hiddenGraceMs: number;
  /** How many voices a participant hears at most; 0: all. */
  audioSpeakers: number;
  /** How many publications a participant receives at most. */
  maxSubscriptions: number;
  chatHistory: number;
  /** Milliseconds that a room stays after its last participant. */
  roomGraceMs: number;
  /** Milliseconds that a room which was made by the API waits for its first participant. */
  emptyRoomMs: number;
  data: DataLimits;
}

export interface RoomOptions {
  name: string;
  settings: RoomSettings;
  /** Made by the application's server, for people who are still to come. */
  reserved: boolean;
  engine: MediaEngine;
  announcer: Announcer;
  clock: Clock;
  limits: RoomLimits;
  /** Where the room tells what has happened in it. */
  events: Emitter<MeetingEvents>;
  /** Whether somebody moderates in another room of the same family who moderates this one as well. */
  isModeratedNearby: () => boolean;
  /**
   * All visits of one person go on in the room of that name.
   * @throws PlenumError where they cannot, for example `room-full`; nothing has happened then
   */
  move: (visits: readonly Participant[], room: string, by: Actor) => void;
  /** What has been decided for it before, where it is the main room of a family that there is already. */
  decisions: Decisions;
  /** What has been decided for the room of that name, where it or, for a main one, another one of its family is there. */
  standingIn: (room: string) => Reach | undefined;
  log: Logger;
}

/** Somebody who may enter: what the token says and what the join asks for. */
export interface Visitor {
  identity: string;
  displayName: string;
  /** What the application says of it, which it cannot change. */
  metadata: Metadata;
  grants: Grants;
  /** Whether it is the room's host where there is none: it came in by the open door. */
  host: boolean;
  link: ParticipantLink;
  params: Params<'join'>;
  /** The room that its token names: another one where it was moved here. */
  tokenRoom: string;
  /** Called where it has to wait in the lobby. */
  waits: (place: WaitingPlace) => void;
}
