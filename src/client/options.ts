import type { Metadata, Source, VideoCodec } from '../protocol/index.ts';
import type { TokenSource } from './askToken.ts';
import type { ViewChoice } from './Views.ts';

export interface RoomOptions {
  /** Where the server is; default: where the page comes from. */
  url?: string;
  /** How long connecting may take, in milliseconds; default 10,000. */
  connectTimeoutMs?: number;
}

export interface PrepareOptions {
  /** A token, or a function that gets one; it is asked at every new connection. */
  token: TokenSource;
}

export interface JoinOptions extends PrepareOptions {
  /** What to receive; default `elements`: what the page shows. See `Room.setView()`. */
  view?: ViewChoice;
  /** Shown to everybody in the room. */
  metadata?: Metadata;
}

export interface PublishOptions {
  source: Source;
  /** Used where everybody in the room can decode it, else VP8; default `vp8`. */
  codec?: VideoCodec;
  /** For `vp9`: several sizes in one scalable stream (RFC 9628), so that small tiles cost less; default true. */
  svc?: boolean;
  muted?: boolean;
  metadata?: Metadata;
  /**
   * A camera, microphone or shared screen that is published belongs to the room: it is stopped when it is muted
   * (camera), replaced, unpublished, or the room is left. True: it is never stopped. Other tracks (of a canvas, of Web
   * Audio or of another connection) never are.
   */
  keepTrack?: boolean;
}

export interface DataOptions {
  /** participantIds or identities; left out: everybody else in the room. */
  to?: string | readonly string[];
  /** Default true. False: may get lost or be overtaken, for what is old a moment later, such as a pointer. */
  reliable?: boolean;
  /** For the application to tell its messages apart; at most 128 characters. */
  topic?: string;
}

export interface FileOptions {
  /** participantIds or identities; left out: everybody in `participants`. */
  to?: string | readonly string[];
}
