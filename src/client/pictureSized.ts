import type { Size } from './drawnVideo.ts';

/**
 * The size that an element would like to have, in CSS pixels, where the page gives it none and it takes that of its
 * picture; undefined where the page decides. Without this the smallest layer would make the element small, and a small
 * element would ask for the smallest layer, for good.
 * @param captured the picture as it is captured, where that is known
 */
export function ownSize(element: HTMLVideoElement, box: Size, captured: Size | undefined): Size | undefined {
  const { videoWidth, videoHeight, parentElement } = element;
  if (!captured || !hasAutoSize(element) || !parentElement) return undefined;
  const follows =
    videoWidth === 0 || (Math.abs(box.width - videoWidth) <= 1 && Math.abs(box.height - videoHeight) <= 1);
  // In a row or grid the others have a say, and then the box is what counts.
  if (!follows || /flex|grid/.test(getComputedStyle(parentElement).display)) return undefined;
  const width = Math.min(captured.width, parentElement.clientWidth || captured.width);
  return { width, height: (captured.height * width) / captured.width };
}

/** Browsers without the CSS Typed Object Model cannot tell; there the box counts. */
function hasAutoSize(element: HTMLVideoElement): boolean {
  if (!('computedStyleMap' in element)) return false;
  const style = element.computedStyleMap();
  return String(style.get('width')) === 'auto' && String(style.get('height')) === 'auto';
}
