import type { Metadata, Source, VideoCodec } from '../protocol/index.ts';
import type { Session } from './Session.ts';

export interface SendingHost {
  /** The visit that is joined now; undefined while there is none. */
  session(): Session | undefined;
  /** The codec that a video is to be sent in now. */
  codec(wanted: VideoCodec): VideoCodec;
  /** The highest spatial layer that anybody watches, -1: none; undefined while the server has not said. */
  maxLayer(publicationId: string): number | undefined;
}

export interface SendingOptions {
  source: Source;
  metadata: Metadata;
  codec: VideoCodec;
  svc: boolean;
}

/** What the room is to get, as it is wanted at the moment of asking. */
export interface Wanted {
  track: MediaStreamTrack | undefined;
  muted: boolean;
  closed: boolean;
}

export interface SendingListener {
  changed(): void;
  /** The server has answered: from now on there is an id. */
  published(): void;
  /** The room takes nobody's sound at first. */
  muted(): void;
}
