import type { Notice } from '../protocol/index.ts';
import type { Publication } from './Publication.ts';
import type { AudioLevel } from './ports.ts';

/** Pure: whose producers are loud. One that was muted a moment ago may still be in the levels. */
export function speakersOf(
  levels: readonly AudioLevel[],
  publications: ReadonlyMap<string, Pick<Publication, 'participantId' | 'muted'>>,
): Notice<'speakers'> {
  const speakers = levels.flatMap(({ producerId, level }) => {
    const publication = publications.get(producerId);
    return publication && !publication.muted ? [{ participantId: publication.participantId, level }] : [];
  });
  return { speakers };
}
