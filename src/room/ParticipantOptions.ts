import type { Logger } from '../log.ts';
import type {
  ConnectionQuality,
  DtlsParameters,
  Grants,
  LeaveReason,
  Metadata,
  Moderator,
  RoomSettings,
  RtpCapabilities,
} from '../protocol/index.ts';
import type { Publication } from './Publication.ts';
import type { ParticipantLink } from './ports.ts';
import type { PlacedMedia } from './RoomMedia.ts';

export interface ParticipantOptions {
  participantId: string;
  identity: string;
  /** The room that its token names. */
  tokenRoom: string;
  /** Grows with each join: of two visits of one identity the later one has the higher number. */
  visit: number;
  displayName: string;
  /** What the application says of it; stronger than what it says itself. */
  givenMetadata: Metadata;
  /** What it says of itself. */
  metadata: Metadata;
  grants: Grants;
  /** Of the room, as they are now. */
  settings: () => RoomSettings;
  /** Whether it is coming in just now, to a room that wants who comes in to be muted at first. */
  startsMuted: () => boolean;
  joinedAt: number;
  capabilities: RtpCapabilities;
  /** Of the client's certificate, which its transports keep. */
  dtlsParameters: DtlsParameters;
  maxPublications: number;
  link: ParticipantLink;
  media: PlacedMedia;
  log: Logger;
}

export interface ParticipantEvents {
  published: [Publication];
  unpublished: [Publication];
  publicationChanged: [Publication];
  /** After `publicationChanged`: the captured size of a video is another one. */
  resized: [Publication];
  /** A publication is sent again whose worker went. */
  restored: [Publication];
  /** Metadata, hand, or whether it is a moderator. */
  changed: [];
  /** It may do other things than before. */
  grantsChanged: [];
  qualityChanged: [ConnectionQuality];
  /** `by`: who has sent it away. */
  closed: [LeaveReason, by: Moderator | undefined];
}
