import { fits } from './paging.ts';

/** Where each tile is drawn: a pure function of the area, so that the wanted layers follow from the same figures. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Place extends Size {
  readonly left: number;
  readonly top: number;
  /** The large tile beside a strip: it stays in sight while the strip scrolls. */
  readonly focused: boolean;
}

export interface Placement {
  readonly places: ReadonlyMap<string, Place>;
  /** Larger than the area where it has to scroll. */
  readonly content: Size;
  readonly scroll: 'none' | 'down';
}

/** The tile to draw large. */
export interface Focus {
  readonly key: string;
  /** Width by height of its picture, where it is known. */
  readonly aspect: number | undefined;
}

const widest = 16 / 9;
/** Below these sizes a face is no longer worth its place: scroll instead. */
const smallestWidth = 148;
const smallestHeight = 96;

export function placeTiles(keys: readonly string[], focus: Focus | undefined, area: Size, gap: number): Placement {
  if (keys.length === 0 || area.width <= 0 || area.height <= 0) {
    return { places: new Map(), content: area, scroll: 'none' };
  }
  if (focus !== undefined && keys.includes(focus.key)) return placeWithFocus(keys, focus, area, gap);
  return placeGrid(keys, area, gap);
}

function placeGrid(keys: readonly string[], area: Size, gap: number): Placement {
  const grid = bestGrid(keys.length, area, gap);
  const rows = Math.ceil(keys.length / grid.columns);
  const height = rows * grid.tile.height + (rows - 1) * gap;
  const above = Math.max(0, (area.height - height) / 2);
  const places = new Map<string, Place>();
  keys.forEach((key, index) => {
    const row = Math.floor(index / grid.columns);
    const inRow = Math.min(grid.columns, keys.length - row * grid.columns);
    const rowWidth = inRow * grid.tile.width + (inRow - 1) * gap;
    places.set(key, {
      left: Math.round((area.width - rowWidth) / 2 + (index % grid.columns) * (grid.tile.width + gap)),
      top: Math.round(above + row * (grid.tile.height + gap)),
      width: Math.floor(grid.tile.width),
      height: Math.floor(grid.tile.height),
      focused: false,
    });
  });
  const scrolls = height > area.height + 1;
  return {
    places,
    content: { width: area.width, height: scrolls ? Math.ceil(height) : area.height },
    scroll: scrolls ? 'down' : 'none',
  };
}

/** The number of columns that gives the largest tiles, or, where those are too small, tiles of the smallest size. */
function bestGrid(count: number, area: Size, gap: number): { columns: number; tile: Size } {
  // Upright tiles suit an upright screen; on a wide one they would cut off too much of a wide picture.
  const narrowest = area.width < area.height ? 3 / 4 : 4 / 3;
  let best: { columns: number; tile: Size } | undefined;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cell = {
      width: (area.width - (columns - 1) * gap) / columns,
      height: (area.height - (rows - 1) * gap) / rows,
    };
    const tile = {
      width: Math.min(cell.width, cell.height * widest),
      height: Math.min(cell.height, cell.width / narrowest),
    };
    if (best === undefined || tile.width * tile.height > best.tile.width * best.tile.height) best = { columns, tile };
  }
  if (best !== undefined && best.tile.width >= smallestWidth && best.tile.height >= smallestHeight) return best;
  const columns = Math.max(1, Math.min(count, Math.floor((area.width + gap) / (smallestWidth + gap))));
  const width = (area.width - (columns - 1) * gap) / columns;
  return { columns, tile: { width, height: Math.max(smallestHeight, width / (narrowest < 1 ? 1 : widest)) } };
}

/** How many others have room beside a large tile without scrolling. */
export function stripCapacity(focus: Focus, area: Size, gap: number): number {
  const beside = isBeside(area);
  const strip = beside ? stripTile(area) : { width: smallestWidth, height: smallestHeight };
  const space = beside
    ? { width: strip.width, height: area.height }
    : { width: area.width, height: area.height - heightAbove(focus, area, gap) - gap };
  return Math.max(1, fits(space, strip, gap));
}

function isBeside(area: Size): boolean {
  return area.width > area.height * 1.1;
}

/** One large tile; the others in a strip beside it, or below it where the area is upright. */
function placeWithFocus(keys: readonly string[], focus: Focus, area: Size, gap: number): Placement {
  const others = keys.filter((key) => key !== focus.key);
  if (others.length === 0) {
    return { places: new Map([[focus.key, largest(focus, area)]]), content: area, scroll: 'none' };
  }
  return isBeside(area) ? placeBeside(others, focus, area, gap) : placeBelow(others, focus, area, gap);
}

function stripTile(area: Size): Size {
  const width = Math.round(clamp(area.width * 0.2, 120, 260));
  return { width, height: Math.round((width * 9) / 16) };
}

function placeBeside(others: readonly string[], focus: Focus, area: Size, gap: number): Placement {
  const { width, height } = stripTile(area);
  const length = others.length * (height + gap) - gap;
  const start = Math.max(0, Math.round((area.height - length) / 2));
  const places = new Map<string, Place>();
  others.forEach((key, index) => {
    places.set(key, { left: area.width - width, top: start + index * (height + gap), width, height, focused: false });
  });
  places.set(focus.key, largest(focus, { width: area.width - width - gap, height: area.height }));
  const scrolls = length > area.height + 1;
  return {
    places,
    content: { width: area.width, height: scrolls ? length : area.height },
    scroll: scrolls ? 'down' : 'none',
  };
}

/** The height that the large tile's picture needs, so far as it leaves room for others. */
function heightAbove(focus: Focus, area: Size, gap: number): number {
  const most = Math.max(area.height * 0.35, area.height - smallestHeight - gap);
  const natural = focus.aspect === undefined ? area.height * 0.6 : area.width / focus.aspect;
  return Math.round(Math.min(natural, most));
}

/** The others share what the large tile leaves. */
function placeBelow(others: readonly string[], focus: Focus, area: Size, gap: number): Placement {
  const height = heightAbove(focus, area, gap);
  const top = height + gap;
  const rest = placeGrid(others, { width: area.width, height: area.height - top }, gap);
  const places = new Map<string, Place>();
  for (const [key, place] of rest.places) places.set(key, { ...place, top: place.top + top });
  places.set(focus.key, largest(focus, { width: area.width, height }));
  return { places, content: { width: area.width, height: rest.content.height + top }, scroll: rest.scroll };
}

/** As large as the area allows, without bars beside the picture. */
function largest(focus: Focus, area: Size): Place {
  const aspect = focus.aspect ?? area.width / area.height;
  const width = Math.min(area.width, area.height * aspect);
  const height = Math.min(area.height, area.width / aspect);
  return {
    left: Math.round((area.width - width) / 2),
    top: Math.round((area.height - height) / 2),
    width: Math.round(width),
    height: Math.round(height),
    focused: true,
  };
}

/** Whether any part of a tile is in sight, or so near that a flick of the finger brings it there. */
export function isInSight(place: Place, scrolled: { left: number; top: number }, area: Size): boolean {
  if (place.focused) return true;
  const near = 80;
  return (
    place.left < scrolled.left + area.width + near &&
    place.left + place.width > scrolled.left - near &&
    place.top < scrolled.top + area.height + near &&
    place.top + place.height > scrolled.top - near
  );
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
