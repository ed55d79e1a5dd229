import type { PublicationInfo } from '../protocol/index.ts';
import type { RemotePublication } from './RemotePublication.ts';

/**
 * Which of somebody's publications are still there after a reconnect, by their id now: those of the same id, and those
 * of the same source whose id is gone.
 */
export function samePublications(
  before: readonly RemotePublication[],
  list: readonly PublicationInfo[],
): Map<string, RemotePublication> {
  const ids = new Set(list.map(({ publicationId }) => publicationId));
  const free = new Set(before);
  const same = new Map<string, RemotePublication>();
  for (const { publicationId, source } of list) {
    const known =
      before.find((entry) => entry.publicationId === publicationId) ??
      [...free].find((entry) => entry.source === source && !ids.has(entry.publicationId));
    if (!known) continue;
    free.delete(known);
    same.set(publicationId, known);
  }
  return same;
}
