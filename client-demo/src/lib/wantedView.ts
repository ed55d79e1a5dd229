import type { Size } from './placement.ts';

/** One picture as it is drawn now. */
export interface DrawnVideo {
  readonly publicationId: string;
  /** The tile, in CSS pixels. */
  readonly tile: Size;
  /** The captured picture, where it is known. */
  readonly picture: Size | undefined;
  readonly fit: 'cover' | 'contain';
}

export interface WantedVideo extends Size {
  readonly publicationId: string;
}

const largest = 16_384;

/**
 * Small tiles get small layers, large ones large layers; what is not drawn is not sent. Without priorities: the server
 * puts screens first, then what is drawn larger.
 */
export function wantedVideos(drawn: readonly DrawnVideo[], devicePixelRatio: number): WantedVideo[] {
  return drawn.map((video) => {
    const size = drawnSize(video);
    return {
      publicationId: video.publicationId,
      width: toPixels(size.width * devicePixelRatio),
      height: toPixels(size.height * devicePixelRatio),
    };
  });
}

/** The size at which the whole picture is drawn, including what the tile's edge cuts off. */
function drawnSize({ tile, picture, fit }: DrawnVideo): Size {
  if (picture === undefined || picture.width <= 0 || picture.height <= 0) return tile;
  const across = tile.width / picture.width;
  const down = tile.height / picture.height;
  const scale = fit === 'cover' ? Math.max(across, down) : Math.min(across, down);
  return { width: picture.width * scale, height: picture.height * scale };
}

/** A picture that is cut off by more than half says more when it is shown whole. */
export function fitOf(source: 'camera' | 'screen', tile: Size, picture: Size | undefined): 'cover' | 'contain' {
  if (source === 'screen') return 'contain';
  if (picture === undefined || tile.height <= 0 || picture.height <= 0) return 'cover';
  const ratio = tile.width / tile.height / (picture.width / picture.height);
  return ratio > 2 || ratio < 0.4 ? 'contain' : 'cover';
}

function toPixels(value: number): number {
  return Math.min(largest, Math.max(1, Math.round(value)));
}
