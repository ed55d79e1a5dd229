import type { Person } from './Person.ts';

export interface TileSeen {
  /** What the status line has said, one after another. */
  said: string[];
  /** The notices that came. */
  notices: string[];
  /** Where the tile was: left, top, width and height in pixels. */
  places: string[];
  /** Whether it ever was dimmed, as showing a last picture. */
  still: boolean;
  /** The least mean brightness of its picture, 0 to 255. */
  darkest: number;
  /** The least mean opacity of its picture, 0 to 255: under it lies no picture of that person. */
  emptiest: number;
}

/** Looks at somebody's camera tile at each frame that is painted, and at what the page says, from now on. */
export async function watchTile(person: Person, name: string): Promise<() => Promise<TileSeen>> {
  const watch = await person.page.evaluateHandle((of) => {
    const seen: TileSeen = { said: [], notices: [], places: [], still: false, darkest: 255, emptiest: 255 };
    const note = (list: string[], text: string) => {
      if (text !== '' && list.at(-1) !== text) list.push(text);
    };
    const sheet = document.createElement('canvas');
    sheet.width = 32;
    sheet.height = 18;
    const drawing = sheet.getContext('2d', { willReadFrequently: true });
    const isShown = (element: Element) => getComputedStyle(element).opacity === '1';
    const measure = (tile: Element) => {
      drawing?.clearRect(0, 0, 32, 18);
      // The layers of the tile, from below.
      for (const layer of tile.querySelectorAll('canvas, video')) {
        const sized = layer instanceof HTMLVideoElement ? layer.videoWidth > 0 : true;
        const drawable = layer instanceof HTMLVideoElement || (layer instanceof HTMLCanvasElement && layer.width > 0);
        if (drawable && sized && isShown(layer)) drawing?.drawImage(layer, 0, 0, 32, 18);
      }
      const { data } = drawing?.getImageData(0, 0, 32, 18) ?? { data: new Uint8ClampedArray() };
      let [light, opaque] = [0, 0];
      for (let at = 0; at < data.length; at += 4) {
        light += ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3;
        opaque += data[at + 3] ?? 0;
      }
      seen.darkest = Math.min(seen.darkest, (4 * light) / data.length);
      seen.emptiest = Math.min(seen.emptiest, (4 * opaque) / data.length);
    };
    const look = () => {
      const tile = document.querySelector(`[data-testid="tile"][data-source="camera"][data-participant-name="${of}"]`);
      const { x, y, width, height } = tile?.getBoundingClientRect() ?? { x: 0, y: 0, width: 0, height: 0 };
      const place = [x, y, width, height].map(Math.round).join(' ');
      if (!seen.places.includes(place)) seen.places.push(place);
      if (tile) {
        if (tile.classList.contains('tile-still')) seen.still = true;
        measure(tile);
      } else {
        seen.emptiest = 0;
      }
      note(seen.said, document.querySelector<HTMLElement>('[data-testid="call-status"]')?.innerText.trim() ?? '');
      for (const notice of document.querySelectorAll<HTMLElement>('.notice-text')) note(seen.notices, notice.innerText);
      requestAnimationFrame(look);
    };
    look();
    return seen;
  }, name);
  return () => watch.evaluate((seen) => seen);
}
