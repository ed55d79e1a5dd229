import type { ConnectionQuality } from '../protocol/index.ts';

/** mediasoup's score runs from 0 to 10; below this, loss is seen and heard. */
const poorBelow = 6;

/**
 * Pure: what the worker's scores say of a participant's way up. Muted publications and those of which nothing arrives
 * (a camera that is covered by nobody's interest, silence with DTX) say nothing.
 */
export function publicationQuality(
  publications: readonly { muted: boolean; score: number | undefined }[],
): Exclude<ConnectionQuality, 'lost'> {
  const poor = publications.some(({ muted, score }) => !muted && score !== undefined && score > 0 && score < poorBelow);
  return poor ? 'poor' : 'good';
}
