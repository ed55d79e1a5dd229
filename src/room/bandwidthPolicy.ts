import type { PublicationInfo } from '../protocol/index.ts';

/**
 * What a measured bandwidth can carry. Pure. The worker divides it among videos; here it is decided which of them flow at
 * all. Audio is taken off first, and videos that have no room beside it are held back, the least important first. Only
 * when no video is left there is less audio.
 */

/** One video that somebody wants, and the bits per second without which there is no picture of it. */
export interface Claim {
  publicationId: string;
  bitrate: number;
}

/** What a participant would receive if bandwidth did not matter. */
export interface Load {
  /** Videos, the most important first. */
  claims: readonly Claim[];
  /** How many audio streams. */
  audio: number;
}

/** How much of it is let through: so many videos, the most important first, and so many audio streams; or infinitely. */
export interface Allowance {
  videos: number;
  audio: number;
}

export const unlimited: Allowance = { videos: Number.POSITIVE_INFINITY, audio: Number.POSITIVE_INFINITY };

/**
 * Bits per second of one audio stream: Opus at 40 kbit/s, with headers and encryption in 50 packets a second, and some
 * that are sent twice.
 */
const audioBitrate = 55_000;

/**
 * Bits per second of the audio that is let through. The worker's estimate comes on top of it: mediasoup measures with
 * packets of video only, and what audio takes is missing there.
 */
export function audioRate(allowance: Allowance, { audio }: Load): number {
  return Math.min(allowance.audio, audio) * audioBitrate;
}

/** @param total bits per second that the connection can carry, audio and video */
export function allowanceOf(load: Load, total: number): Allowance {
  const { claims, audio } = load;
  const videos = carried(claims, total - audio * audioBitrate);
  const limit = audioLimit(total);
  const all = audio <= limit || anyVideo({ videos }, load);
  return { videos, audio: all ? unlimited.audio : limit };
}

/** Whether any video that is not muted is let through. */
export function anyVideo({ videos }: Pick<Allowance, 'videos'>, { claims }: Load): boolean {
  return claims.slice(0, videos).some(({ bitrate }) => bitrate > 0);
}

/** How many of the claims, the most important first, fit into so many bits per second. */
function carried(claims: readonly Claim[], budget: number): number {
  let left = budget;
  const tooMuch = claims.findIndex(({ bitrate }) => {
    left -= bitrate;
    return bitrate > 0 && left < 0;
  });
  return tooMuch === -1 ? claims.length : tooMuch;
}

/** Bits per second that must be left beside audio, or for each stream: for what an estimate is off by. */
const spare = 45_000;
const audioBitrateWithSpare = 70_000;

/** How many audio streams where there is no video, at least one: two at 200 kbit/s, six from 375 kbit/s. */
export function audioLimit(total: number): number {
  const few = Math.floor(total / audioBitrateWithSpare);
  const many = Math.floor((total - spare) / audioBitrate);
  return Math.max(1, few, many);
}

/** Whether one lets through more of the load than the other. */
export function exceeds(one: Allowance, other: Allowance, { claims, audio }: Load): boolean {
  return (
    Math.min(one.videos, claims.length) > Math.min(other.videos, claims.length) ||
    Math.min(one.audio, audio) > Math.min(other.audio, audio)
  );
}

/** What both let through. */
export function least(one: Allowance, other: Allowance): Allowance {
  return { videos: Math.min(one.videos, other.videos), audio: Math.min(one.audio, other.audio) };
}

/** Whether all of the load is let through. */
export function isAll(allowance: Allowance, { claims, audio }: Load): boolean {
  return allowance.videos >= claims.length && allowance.audio >= audio;
}

/**
 * One thing more: the most important video that is held back, since only video is measured, or else an audio stream.
 */
export function oneMore({ videos, audio }: Allowance, { claims }: Load): Allowance {
  if (videos >= claims.length) return { videos, audio: audio + 1 };
  const next = claims.findIndex(({ bitrate }, index) => index >= videos && bitrate > 0);
  return { videos: next === -1 ? claims.length : next + 1, audio };
}

/** Bits per second of the videos that are let through. */
export function videoRate({ videos }: Allowance, { claims }: Load): number {
  return claims.slice(0, videos).reduce((sum, { bitrate }) => sum + bitrate, 0);
}

/** Of three temporal layers the lowest carries about half of the bits. */
const lowestTemporalShare = 0.5;
const assumedSize = { width: 1280, height: 720 };

/**
 * Bits per second of the lowest layers of a video, estimated as its sender plans them: at the full frame rate 140 kbit/s
 * for 320x180, and a little less than in proportion to the pixels. A muted video costs nothing.
 */
export function lowestBitrate(publication: Omit<PublicationInfo, 'metadata'>): number {
  if (publication.muted) return 0;
  const { width = assumedSize.width, height = assumedSize.height, spatialLayers, source } = publication;
  const pixels = (width * height) / 4 ** (spatialLayers - 1);
  const camera = Math.max(80_000, 1_700_000 * (pixels / (1280 * 720)) ** 0.9);
  // A shared screen stands still most of the time: it seldom needs what its size would suggest.
  const rate = source === 'screen' ? Math.min(300_000, camera) : camera;
  return Math.round(lowestTemporalShare * rate);
}
