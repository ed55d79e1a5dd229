import { type RefObject, useLayoutEffect } from 'react';

/**
 * From the moment in which a video stands still until it moves again, a canvas has its last picture.
 * @param shown whether the video can be seen: one that is hidden while its track is replaced may have pictures already
 */
export function useLastPicture(
  video: RefObject<HTMLVideoElement | null>,
  canvas: RefObject<HTMLCanvasElement | null>,
  still: boolean,
  shown: boolean,
): void {
  // Before anything else that the same change brings about: its track may be replaced.
  useLayoutEffect(() => {
    const from = video.current;
    const to = canvas.current;
    if (from === null || to === null) return undefined;
    if (still) {
      draw(from, to);
      return undefined;
    }
    if (to.width === 0 || !shown) return undefined;
    if (!('requestVideoFrameCallback' in from)) {
      clear(to);
      return undefined;
    }
    const next = from.requestVideoFrameCallback(() => clear(to));
    return () => from.cancelVideoFrameCallback(next);
  }, [video, canvas, still, shown]);
}

function draw(from: HTMLVideoElement, to: HTMLCanvasElement): void {
  if (from.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || from.videoWidth === 0) return;
  to.width = from.videoWidth;
  to.height = from.videoHeight;
  to.getContext('2d')?.drawImage(from, 0, 0);
}

/** An empty canvas is transparent, and takes no memory. */
function clear(canvas: HTMLCanvasElement): void {
  canvas.width = 0;
  canvas.height = 0;
}
