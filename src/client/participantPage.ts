import type { ConnectionQuality, Kind, Metadata, PublicationInfo, Source } from '../protocol/index.ts';
import type { Session } from './Session.ts';

export interface ListOptions {
  /** Part of a name or identity, whatever its case and accents; several words are looked for one by one. */
  query?: string;
  /** `next` of the page before. It holds also when people have come and gone since. */
  after?: string;
  /** Entries on the page, 1 to 100. Default: 50. */
  limit?: number;
}

/** Something that a listed participant sends, as it was when the page was made. */
export interface ListedPublication {
  /** For `Room.setView()`, by which it is received. */
  readonly publicationId: string;
  readonly source: Source;
  readonly kind: Kind;
  readonly muted: boolean;
  /** Pixels; undefined for audio. */
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly metadata: Metadata;
}

/** Somebody in the room, oneself included, as it was when the page was made; it does not change. */
export interface ListedParticipant {
  readonly participantId: string;
  readonly identity: string;
  readonly displayName: string;
  /** May moderate the room. */
  readonly moderator: boolean;
  readonly metadata: Metadata;
  /** Milliseconds since 1970; undefined while the hand is down. */
  readonly handRaisedAt: number | undefined;
  /** Milliseconds since 1970. */
  readonly joinedAt: number;
  readonly connection: ConnectionQuality;
  readonly isLocal: boolean;
  readonly publications: readonly ListedPublication[];
}

export interface ParticipantPage {
  /** Sorted by name. */
  readonly participants: readonly ListedParticipant[];
  /** How many the query finds on all pages together. */
  readonly total: number;
  /** For `after` of the next page; undefined on the last one. */
  readonly next: string | undefined;
}

/** @param selfId one's own participantId */
export async function fetchPage(
  session: Pick<Session, 'request'>,
  { query, after, limit }: ListOptions,
  selfId: string | undefined,
): Promise<ParticipantPage> {
  const result = await session.request('listParticipants', { query, after, limit });
  const { participants, publications, total, next } = result;
  return {
    participants: participants.map(({ handRaisedAt, ...info }) => ({
      ...info,
      handRaisedAt: handRaisedAt ?? undefined,
      isLocal: info.participantId === selfId,
      publications: publications.filter(({ participantId }) => participantId === info.participantId).map(listed),
    })),
    total,
    next,
  };
}

function listed({ publicationId, source, kind, muted, width, height, metadata }: PublicationInfo): ListedPublication {
  return { publicationId, source, kind, muted, width, height, metadata };
}
