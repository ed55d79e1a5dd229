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

/**
 * Another track takes the place of the one that an element shows. The picture stays until the new one has its first: with
 * another stream the element would be empty meanwhile.
 */
export function swapTrack(track: MediaStreamTrack, stream: MediaStream): void {
  const former = stream.getTracks().filter((each) => each !== track);
  stream.addTrack(track);
  for (const each of former) stream.removeTrack(each);
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
