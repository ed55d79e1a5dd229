import type { Kind, Source } from '../protocol/index.ts';
import { assumedSize, type VideoSize } from './encodings.ts';

export interface TrackSize extends VideoSize {
  /** Whether the track does not tell its size (yet), and this one is assumed. */
  assumed?: boolean;
}

export function kindOf(source: Source): Kind {
  return source === 'camera' || source === 'screen' ? 'video' : 'audio';
}

const limit = 16_384;

/** The captured size of a video track in whole pixels. */
export function sizeOf(track: MediaStreamTrack): TrackSize {
  const { width, height } = track.getSettings();
  if (!width || !height) return { ...assumedSize, assumed: true };
  return { width: Math.min(limit, Math.round(width)), height: Math.min(limit, Math.round(height)) };
}

export function hasSize(size: TrackSize): boolean {
  return !size.assumed;
}

export function sameSize(a: TrackSize, b: TrackSize): boolean {
  return a.width === b.width && a.height === b.height;
}
