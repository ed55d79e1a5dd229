import type { PublicationInfo, View, ViewEntry } from '../protocol/index.ts';
import type { PreferredLayers } from './ports.ts';

/**
 * A view becomes preferred layers and priorities. Pure; the worker divides the bandwidth, we only say what is wanted.
 */

/** What one participant wants of one video: how large, and who comes first. */
export interface Wanted {
  publicationId: string;
  layers: PreferredLayers;
  priority: number;
}

/** Cameras and screens have three temporal layers at most; the worker takes the highest there is. */
const allTemporalLayers = 2;

/** Where the browser gave no size, assume a common camera, so that tiles still get different layers. */
const assumedSize = { width: 1280, height: 720 };

/** The smallest layer that is not smaller than the tile; each is twice as wide and high as the one below it. */
export function layerForTile(
  publication: Pick<PublicationInfo, 'width' | 'height' | 'spatialLayers'>,
  tile: { width: number; height: number },
): PreferredLayers {
  const width = publication.width ?? assumedSize.width;
  const height = publication.height ?? assumedSize.height;
  const top = publication.spatialLayers - 1;
  const needed = Math.max(tile.width / width, tile.height / height);
  let layer = 0;
  while (layer < top && 1 / 2 ** (top - layer) < needed) layer += 1;
  return { spatialLayer: layer, temporalLayer: allTemporalLayers };
}

/** What `auto` assumes of the simplest client: an even grid on a full-HD screen, and a shared screen in full. */
function autoTile(videos: number): { width: number; height: number } {
  const columns = Math.max(1, Math.ceil(Math.sqrt(videos)));
  return { width: 1920 / columns, height: 1080 / columns };
}

/** Newest screen share first, then the order in which people began to send. */
function autoOrder(publications: readonly PublicationInfo[]): PublicationInfo[] {
  const screens = publications.filter(({ source }) => source === 'screen').toReversed();
  const others = publications.filter(({ source }) => source !== 'screen');
  return [...screens, ...others];
}

const screenPriority = 200;

function wantedAutomatically(videos: readonly PublicationInfo[], limit: number): Wanted[] {
  const chosen = autoOrder(videos).slice(0, limit);
  const tile = autoTile(chosen.length);
  return chosen.map((publication) => {
    const screen = publication.source === 'screen';
    const size = screen ? { width: publication.width ?? 1920, height: publication.height ?? 1080 } : tile;
    return {
      publicationId: publication.publicationId,
      layers: layerForTile(publication, size),
      priority: screen ? screenPriority : 1,
    };
  });
}

function wantedExplicitly(videos: readonly PublicationInfo[], entries: readonly ViewEntry[]): Wanted[] {
  const byId = new Map(videos.map((publication) => [publication.publicationId, publication]));
  return entries.flatMap((entry) => {
    const publication = byId.get(entry.publicationId);
    if (!publication) return [];
    return [{ publicationId: entry.publicationId, layers: layerForTile(publication, entry), priority: entry.priority }];
  });
}

/**
 * @param videos what the others publish, oldest first
 * @param autoLimit how many videos `auto` holds at most
 */
export function wantedVideos(view: View, videos: readonly PublicationInfo[], autoLimit: number): Wanted[] {
  return view === 'auto' ? wantedAutomatically(videos, autoLimit) : wantedExplicitly(videos, view.videos);
}
