/** People know themselves from the mirror; a camera that looks away from them shows the world as it is. */
export function isMirrored(track: MediaStreamTrack | undefined): boolean {
  return track?.getSettings().facingMode !== 'environment';
}
