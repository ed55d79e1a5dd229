import type { Kind } from '../protocol/index.ts';

/**
 * A track that gives nothing, for a sender that has to exist before there is a device: mediasoup-client makes none
 * without a track.
 */
export function placeholderTrack(kind: Kind): MediaStreamTrack {
  const [track] = kind === 'video' ? noPictures() : noSound();
  if (!track) throw new Error('the browser makes no empty track');
  return track;
}

function noPictures(): MediaStreamTrack[] {
  const canvas = document.createElement('canvas');
  // Firefox captures only what has a context.
  canvas.getContext('2d');
  return canvas.captureStream(0).getVideoTracks();
}

function noSound(): MediaStreamTrack[] {
  const context = new AudioContext();
  const tracks = context.createMediaStreamDestination().stream.getAudioTracks();
  // The track stays, silent.
  context.close().catch(() => undefined);
  return tracks;
}
