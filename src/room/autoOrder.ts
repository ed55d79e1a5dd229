import { type Kind, type Source, shapes } from '../protocol/index.ts';

const { mostSpotlit } = shapes;

/** What the order needs to know of a publication. */
export interface Sent {
  participantId: string;
  kind: Kind;
  source: Source;
}

/**
 * Pure: what any participant's view may hold of the order: as many as a view takes, and besides them the own videos that
 * it passes over.
 */
export function withinReach<T extends Sent>(order: readonly T[], autoViewVideos: number): T[] {
  const own = new Map<string, number>();
  for (const { participantId } of order) own.set(participantId, (own.get(participantId) ?? 0) + 1);
  return order.slice(0, autoViewVideos + Math.max(0, ...own.values()));
}

/** What the order needs to know of participants. */
export interface Standing {
  /** The place in the spotlight, from 0; undefined for those who are not in it. */
  spotlit(participantId: string): number | undefined;
  /** Grows with each who speaks; undefined for those who did not. */
  spoke(participantId: string): number | undefined;
  /** Grows with each who joins. */
  joined(participantId: string): number;
}

/**
 * Pure: the order in which the view `auto` takes videos. The newest screen share first, then the spotlight, then those who
 * spoke, the last one first, then the order of joining.
 *
 * @param sent oldest first
 */
export function autoOrder<T extends Sent>(sent: Iterable<T>, { spotlit, spoke, joined }: Standing): T[] {
  const videos = [...sent].filter(({ kind }) => kind === 'video');
  const screens = videos.filter(({ source }) => source === 'screen').toReversed();
  const others = videos
    .filter(({ source }) => source !== 'screen')
    .map((video) => ({
      video,
      place: spotlit(video.participantId) ?? mostSpotlit,
      spoke: spoke(video.participantId) ?? -1,
      joined: joined(video.participantId),
    }))
    .toSorted((a, b) => a.place - b.place || b.spoke - a.spoke || a.joined - b.joined)
    .map(({ video }) => video);
  return [...screens, ...others];
}
