import { useRef, useState } from 'react';
import type { Room } from '../../../src/client/index.ts';
import { useElementSize } from '../hooks/useElementSize.ts';
import { usePageHidden } from '../hooks/usePageHidden.ts';
import { useScrollOffset } from '../hooks/useScrollOffset.ts';
import { useWantedView } from '../hooks/useWantedView.ts';
import { isInSight, type Placement, placeTiles } from '../lib/placement.ts';
import { focusOf, hasPicture, pictureSize, type Tile, tilesOf } from '../lib/tiles.ts';
import { fitOf, type WantedVideo, wantedVideos } from '../lib/wantedView.ts';
import { ParticipantTile } from './ParticipantTile.tsx';

/** A denser screen than this shows no more of a face; it only costs bandwidth. */
const densest = 2;

/** All tiles in one container, placed by sizes that were computed, so that no video is rebuilt when the order changes. */
export function Stage({ room }: { room: Room }) {
  const area = useRef<HTMLDivElement>(null);
  const size = useElementSize(area);
  const scrolled = useScrollOffset(area);
  const pageHidden = usePageHidden();
  const [pinned, setPinned] = useState<string | undefined>(undefined);
  const [putBack, setPutBack] = useState<string | undefined>(undefined);

  const tiles = tilesOf(room);
  const focus = focusOf(tiles, pinned, putBack);
  const large = tiles.find((tile) => tile.key === focus);
  const gap = size.width < 600 ? 8 : 12;
  const placement = placeTiles(
    tiles.map((tile) => tile.key),
    large && { key: large.key, aspect: aspectOf(large) },
    size,
    gap,
  );
  const known = size.width > 0 && size.height > 0;
  useWantedView(
    room,
    known ? wantedOf(tiles, placement, pageHidden, (place) => isInSight(place, scrolled, size)) : undefined,
  );

  const toggleFocus = (key: string) => {
    if (key !== focus) {
      setPinned(key);
      setPutBack(undefined);
      return;
    }
    setPinned(undefined);
    setPutBack(focusOf(tiles, undefined, undefined));
  };

  return (
    <div ref={area} className={`stage stage-scroll-${placement.scroll}`}>
      <ul className="tiles" style={placement.content} aria-label="Participants">
        {tiles.map((tile) => {
          const place = placement.places.get(tile.key);
          return (
            <ParticipantTile
              key={tile.key}
              tile={tile}
              place={place}
              fit={fitOf(tile.source, place ?? size, pictureSize(tile))}
              focused={tile.key === focus}
              canFocus={tiles.length > 1}
              onFocus={() => toggleFocus(tile.key)}
            />
          );
        })}
      </ul>
    </div>
  );
}

function aspectOf(tile: Tile): number | undefined {
  const picture = hasPicture(tile) ? pictureSize(tile) : undefined;
  return picture && picture.width / picture.height;
}

function wantedOf(
  tiles: readonly Tile[],
  placement: Placement,
  pageHidden: boolean,
  inSight: (place: Parameters<typeof isInSight>[0]) => boolean,
): WantedVideo[] {
  if (pageHidden) return [];
  const drawn = tiles.flatMap((tile) => {
    const place = placement.places.get(tile.key);
    if (tile.kind === 'local' || tile.publication === undefined || place === undefined || !inSight(place)) return [];
    const picture = pictureSize(tile);
    return [
      {
        publicationId: tile.publication.publicationId,
        tile: place,
        picture,
        fit: fitOf(tile.source, place, picture),
        focused: place.focused,
      },
    ];
  });
  return wantedVideos(drawn, Math.min(window.devicePixelRatio, densest));
}
