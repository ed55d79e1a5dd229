import type { Notice } from '../protocol/index.ts';
import type { Publication } from './Publication.ts';
import type { AudioLevel } from './ports.ts';

type Speakers = Notice<'speakers'>['speakers'];

/** More than six voices at once nobody tells apart. */
const mostSpeakers = 6;
/** A smaller difference of loudness is no news, in dB. */
const levelStep = 3;

/**
 * Pure: whose producers are loud, loudest first, each participant once. One that was muted a moment ago may still be in
 * the levels.
 */
export function speakersOf(
  levels: readonly AudioLevel[],
  publications: ReadonlyMap<string, Pick<Publication, 'participantId' | 'muted'>>,
): Speakers {
  const loudest = new Map<string, number>();
  for (const { producerId, level } of levels) {
    const publication = publications.get(producerId);
    if (!publication || publication.muted || loudest.has(publication.participantId)) continue;
    loudest.set(publication.participantId, level);
    if (loudest.size === mostSpeakers) break;
  }
  return [...loudest].map(([participantId, level]) => ({ participantId, level }));
}

/** Pure: whether a client that knows the one list would show nothing else for the other. */
export function sameSpeakers(a: Speakers, b: Speakers): boolean {
  return (
    a.length === b.length &&
    a.every(({ participantId, level }, index) => {
      const other = b[index];
      return other?.participantId === participantId && Math.abs(other.level - level) < levelStep;
    })
  );
}
