import type { ViewEntry } from '../protocol/index.ts';

/** What a drawn video asks of the server: pure, so that it can be reasoned about without a page. */

export interface Size {
  width: number;
  height: number;
}

/** The largest size that a view takes, in pixels. */
const largest = 16_384;

/**
 * The size at which the whole picture is drawn, including what the edge of its element cuts off.
 * @param box the element's content box
 * @param picture the captured size, where it is known
 * @param fit CSS `object-fit` of the element
 */
export function drawnSize(box: Size, picture: Size | undefined, fit: string): Size {
  if (!picture || picture.width <= 0 || picture.height <= 0) return box;
  const across = box.width / picture.width;
  const down = box.height / picture.height;
  switch (fit) {
    case 'fill':
      return box;
    case 'none':
      return picture;
    case 'cover':
      return scaled(picture, Math.max(across, down));
    case 'scale-down':
      return scaled(picture, Math.min(1, across, down));
    default:
      return scaled(picture, Math.min(across, down));
  }
}

function scaled({ width, height }: Size, factor: number): Size {
  return { width: width * factor, height: height * factor };
}

/** CSS pixels as physical ones, whole and within the protocol's limits. */
export function toPixels({ width, height }: Size, pixelRatio: number): Size {
  const pixels = (length: number) => Math.min(largest, Math.max(1, Math.round(length * pixelRatio)));
  return { width: pixels(width), height: pixels(height) };
}

/** A picture that has shrunk by less than this share keeps its size. */
const slack = 0.1;

/**
 * The entry to send after `before`. Growth counts at once, so that no picture is smaller than it is drawn; a little
 * shrinking does not, so that a tile at the border between two layers does not go to and fro.
 */
export function steadyEntry(before: ViewEntry | undefined, now: ViewEntry): ViewEntry {
  if (!before) return now;
  const holds = (old: number, fresh: number) => fresh <= old && fresh > old * (1 - slack);
  const keeps = holds(before.width, now.width) && holds(before.height, now.height);
  return keeps ? { ...now, width: before.width, height: before.height } : now;
}

/** Whether two views ask for the same. */
export function sameEntries(a: readonly ViewEntry[], b: readonly ViewEntry[]): boolean {
  return a.length === b.length && a.every((entry, index) => sameEntry(entry, b[index]));
}

function sameEntry(a: ViewEntry, b: ViewEntry | undefined): boolean {
  return a.publicationId === b?.publicationId && a.width === b.width && a.height === b.height;
}
