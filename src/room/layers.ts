import type { PublicationInfo, ViewEntry } from '../protocol/index.ts';
import type { PreferredLayers } from './ports.ts';

/**
 * A view becomes preferred layers and priorities. Pure; the worker divides the bandwidth, we only say what is wanted.
 */

/** What one participant wants of one video: how large, and who comes first. */
export interface Wanted {
  publicationId: string;
  layers: PreferredLayers;
  /** 1 to 255; among equals the worker raises one layer of each in turn, else it serves the higher first. */
  priority: number;
}

interface Size {
  width: number;
  height: number;
}

/**
 * Cameras and screens have three temporal layers at most; the worker takes the highest there is. Also for small tiles:
 * where bits are short the worker drops temporal layers by itself, elsewhere a low frame rate would only look worse.
 */
const allTemporalLayers = 2;

/** Where the browser gave no size, assume a common camera, so that tiles still get different layers. */
const assumedSize = { width: 1280, height: 720 };

/** The smallest layer that is not smaller than the tile; each is twice as wide and high as the one below it. */
export function layerForTile(
  publication: Pick<PublicationInfo, 'width' | 'height' | 'spatialLayers'>,
  tile: Size,
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
function autoTile(videos: number): Size {
  const columns = Math.max(1, Math.ceil(Math.sqrt(videos)));
  return { width: 1920 / columns, height: 1080 / columns };
}

/** Priorities of what says none itself: the largest of each kind, and how much less half of its area counts. */
const topPriority = { screen: 220, other: 100 } as const;
const halfAreaCosts = 10;

/**
 * Screens come first, then the larger before the smaller. Relative to the largest tile and in steps of half its area, so
 * that tiles of about one size are equals and grow together.
 */
export function derivedPriority(source: PublicationInfo['source'], area: number, largestArea: number): number {
  const halvings = Math.round(Math.log2(largestArea / area));
  const top = source === 'screen' ? topPriority.screen : topPriority.other;
  const lowest = source === 'screen' ? topPriority.other + 1 : 1;
  return Math.max(lowest, top - halfAreaCosts * halvings);
}

/** @param chosen what the view holds, in its order */
export function wantedOfAuto(chosen: readonly PublicationInfo[]): Wanted[] {
  const tile = autoTile(chosen.length);
  return chosen.map((publication) => {
    const screen = publication.source === 'screen';
    const size = screen ? { width: publication.width ?? 1920, height: publication.height ?? 1080 } : tile;
    return {
      publicationId: publication.publicationId,
      layers: layerForTile(publication, size),
      priority: screen ? topPriority.screen : topPriority.other,
    };
  });
}

/** @param find a video by its id; undefined for what is not there, or not to be received */
export function wantedOfEntries(
  entries: readonly ViewEntry[],
  find: (publicationId: string) => PublicationInfo | undefined,
): Wanted[] {
  const largest = Math.max(...entries.map(({ width, height }) => width * height));
  return entries.flatMap((entry) => {
    const publication = find(entry.publicationId);
    if (!publication) return [];
    const { publicationId, width, height } = entry;
    const priority = entry.priority ?? derivedPriority(publication.source, width * height, largest);
    return [{ publicationId, layers: layerForTile(publication, entry), priority }];
  });
}
