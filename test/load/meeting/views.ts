import type { PublicationInfo, View } from '../../../src/protocol/index.ts';

const screen = { width: 1920, height: 1080 };

export interface Size {
  width: number;
  height: number;
}

/** How large each of so many videos is drawn in an even grid on a full-HD screen. */
export function gridTile(count: number): Size {
  const columns = Math.max(1, Math.ceil(Math.sqrt(count)));
  return { width: Math.floor(screen.width / columns), height: Math.floor(screen.height / columns) };
}

export interface GridOptions {
  /** How many videos a page of the grid has. */
  size: number;
  /** How large each of them is drawn. Default: as such a grid has it. */
  tile?: Size | undefined;
  /** Whose own videos are not in it. */
  participantId: string | undefined;
  /** How many videos at the front are passed over; the grid begins anew behind the last. */
  offset: number;
}

/** One page of a grid: the oldest videos of the others, all of the same size. */
export function gridView(
  videos: readonly PublicationInfo[],
  { size, tile = gridTile(size), participantId, offset }: GridOptions,
): View {
  const others = videos.filter((video) => video.participantId !== participantId);
  const from = others.length === 0 ? 0 : offset % others.length;
  const page = [...others.slice(from), ...others.slice(0, from)].slice(0, size);
  return { videos: page.map(({ publicationId }) => ({ publicationId, ...tile, priority: 1 })) };
}
