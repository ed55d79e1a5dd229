/**
 * Shows or plays a track in an element that plays nothing else. Returns a function that ends it. Video elements are
 * muted: sound belongs to audio publications, and a muted element may always start by itself.
 */
export function attachTrack(track: MediaStreamTrack, element: HTMLMediaElement): () => void {
  const stream = setTrack(track, element);
  // Muted video may always start; what rejects is a play() that a newer source has overtaken.
  element.play().catch(() => undefined);
  return () => {
    if (element.srcObject === stream) element.srcObject = null;
  };
}

/** Puts the track into the element without starting it. */
export function setTrack(track: MediaStreamTrack, element: HTMLMediaElement): MediaStream {
  const stream = new MediaStream([track]);
  element.autoplay = true;
  if (track.kind === 'video') {
    element.muted = true;
    if (element instanceof HTMLVideoElement) element.playsInline = true;
  }
  element.srcObject = stream;
  return stream;
}
