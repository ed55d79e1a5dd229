import type { Logger } from '../log.ts';
import type { Params } from '../protocol/index.ts';
import type { Announcer, Clock, MediaEngine, ParticipantLink } from './ports.ts';

export interface RoomLimits {
  maxParticipants: number;
  /** Participants up to which everybody is told of everybody. */
  fullRoster: number;
  maxPublications: number;
  /** How many videos the view `auto` holds at most. */
  autoViewVideos: number;
  chatHistory: number;
  /** Milliseconds that a room stays after its last participant. */
  roomGraceMs: number;
}

export interface RoomOptions {
  name: string;
  engine: MediaEngine;
  announcer: Announcer;
  clock: Clock;
  limits: RoomLimits;
  log: Logger;
}

/** Somebody who may enter: what the token says and what the join asks for. */
export interface Visitor {
  identity: string;
  displayName: string;
  link: ParticipantLink;
  params: Params<'join'>;
}
