import { type Layout, largeTile } from './largeTile.ts';
import { gridPageSize, type Page, pageOf } from './paging.ts';
import { type Focus, type Placement, placeTiles, type Size, stripCapacity } from './placement.ts';
import type { TileOrder } from './TileOrder.ts';
import { hasPicture, isSpeaking, pictureSize, type Tile } from './tiles.ts';
import { fitOf, type WantedVideo, wantedVideos } from './wantedView.ts';

export interface StageInput {
  readonly tiles: readonly Tile[];
  readonly order: TileOrder;
  readonly area: Size;
  readonly gap: number;
  readonly layout: Layout;
  /** As for `largeTile()`. */
  readonly pinned: readonly string[];
  readonly spotlit: readonly string[];
  readonly putBack: readonly string[];
  /** The key of the tile of who speaks. */
  readonly speaker: string | undefined;
  /** Which page is wanted, from 0. */
  readonly page: number;
  /** Milliseconds. */
  readonly now: number;
}

/** What the stage shows: one tile large or none, a page of the others, and where each is drawn. */
export interface StagePlan {
  readonly large: Tile | undefined;
  readonly page: Page<Tile>;
  readonly shown: readonly Tile[];
  readonly placement: Placement;
}

export function planStage({ tiles, order, area, gap, page, now, ...choice }: StageInput): StagePlan {
  const large = largeTile(tiles, choice);
  const focus: Focus | undefined = large && { key: large.key, aspect: aspectOf(large) };
  const firstPage = focus ? stripCapacity(focus, area, gap) : gridPageSize(area, gap);
  const orderable = tiles.map((tile) => ({
    key: tile.key,
    first: choice.pinned.includes(tile.key) || choice.spotlit.includes(tile.key) || tile.source === 'screen',
    own: tile.kind === 'local',
    speaking: tile.kind === 'remote' && isSpeaking(tile),
  }));
  const keys = order.arrange(orderable, { firstPage, large: large?.key, mayMove: page === 0, now });
  const byKey = new Map(tiles.map((tile) => [tile.key, tile]));
  const others = keys.flatMap((key) => byKey.get(key) ?? []);
  const current = pageOf(others, firstPage, page);
  const shown = large === undefined ? current.items : [large, ...current.items];
  const placement = placeTiles(
    shown.map(({ key }) => key),
    focus,
    area,
    gap,
  );
  return { large, page: current, shown, placement };
}

/** The videos of a plan, as large as they are drawn, in physical pixels. */
export function videosOf({ shown, placement }: StagePlan, devicePixelRatio: number): WantedVideo[] {
  const drawn = shown.flatMap((tile) => {
    const place = placement.places.get(tile.key);
    if (tile.kind === 'local' || tile.away || tile.publication === undefined || place === undefined) return [];
    const { publicationId } = tile.publication;
    const picture = pictureSize(tile);
    return [{ publicationId, tile: place, picture, fit: fitOf(tile.source, place, picture) }];
  });
  return wantedVideos(drawn, devicePixelRatio);
}

function aspectOf(tile: Tile): number | undefined {
  const picture = hasPicture(tile) ? pictureSize(tile) : undefined;
  return picture && picture.width / picture.height;
}
