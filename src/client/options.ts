import type { Metadata, View } from '../protocol/index.ts';
import type { TokenSource } from './Attendance.ts';

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
  /** What to receive; default `auto`: all audio, and videos up to the server's limit. */
  view?: View;
  /** Shown to everybody in the room. */
  metadata?: Metadata;
}
