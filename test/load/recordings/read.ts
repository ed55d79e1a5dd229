import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isKeyFrame } from '../rtp/vp8.ts';
import { type AudioFrameMs, type AudioSpec, audioSpecs, temporalPattern, type VideoSpec, videoSpecs } from './spec.ts';

/** One encoded picture, cut into what fits into packets. */
export interface VideoFrame {
  chunks: Buffer[];
  temporalLayer: number;
  layerSync: boolean;
  discardable: boolean;
}

export interface VideoRecording extends Pick<VideoSpec, 'width' | 'height' | 'bitrate'> {
  /** The first is the only key frame. */
  frames: VideoFrame[];
}

export interface AudioRecording {
  frameMs: AudioFrameMs;
  /** Opus packets of somebody who talks, and of a silent room. */
  speech: Buffer[];
  silence: Buffer[];
}

export interface Recordings {
  /** Smallest first. */
  videos: VideoRecording[];
  audio: Record<AudioFrameMs, AudioRecording>;
}

/** Bytes of VP8 in a packet: with headers, extensions and SRTP's tag it stays below the 1,200 of browsers. */
const mostChunkBytes = 1100;

export async function readRecordings(folder: string): Promise<Recordings> {
  const videos = await Promise.all(
    videoSpecs.map(async ({ file, width, height, bitrate }) => ({
      width,
      height,
      bitrate,
      frames: videoFrames(readIvf(await readFile(join(folder, file)))),
    })),
  );
  const audio = async (frameMs: AudioFrameMs): Promise<AudioRecording> => {
    const { speech, silence } = audioSpecs[frameMs];
    const read = async ({ file, packets }: AudioSpec) => readOgg(await readFile(join(folder, file))).slice(0, packets);
    return { frameMs, speech: await read(speech), silence: await read(silence) };
  };
  return { videos, audio: { 20: await audio(20), 60: await audio(60) } };
}

function videoFrames(encoded: Buffer[]): VideoFrame[] {
  return encoded.map((data, index) => {
    if (isKeyFrame(data) !== (index === 0)) throw new Error('a recording does not begin with its only key frame');
    const place = temporalPattern[index % temporalPattern.length] ?? temporalPattern[0];
    return {
      chunks: cut(data),
      temporalLayer: place.layer,
      layerSync: place.sync,
      discardable: place.discardable,
    };
  });
}

/** Into as few parts as possible, all about equally large. */
export function cut(data: Buffer, most = mostChunkBytes): Buffer[] {
  const count = Math.max(1, Math.ceil(data.length / most));
  return Array.from({ length: count }, (_, part) =>
    data.subarray(Math.floor((part * data.length) / count), Math.floor(((part + 1) * data.length) / count)),
  );
}

/** The frames of an IVF file: a header of 32 bytes, then each frame after 12 bytes that begin with its length. */
export function readIvf(file: Buffer): Buffer[] {
  if (file.toString('latin1', 0, 4) !== 'DKIF') throw new Error('this is no IVF file');
  const frames: Buffer[] = [];
  let at = file.readUInt16LE(6);
  while (at + 12 <= file.length) {
    const bytes = file.readUInt32LE(at);
    frames.push(file.subarray(at + 12, at + 12 + bytes));
    at += 12 + bytes;
  }
  return frames;
}

/** The packets of an Ogg file (RFC 3533) with Opus, without the two that describe it (RFC 7845). */
export function readOgg(file: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let open: Buffer[] = [];
  let at = 0;
  while (at + 27 <= file.length) {
    if (file.toString('latin1', at, at + 4) !== 'OggS') throw new Error('this is no Ogg file');
    const segments = file.readUInt8(at + 26);
    let data = at + 27 + segments;
    for (let segment = 0; segment < segments; segment += 1) {
      const bytes = file.readUInt8(at + 27 + segment);
      open.push(file.subarray(data, data + bytes));
      data += bytes;
      if (bytes === 255) continue;
      packets.push(Buffer.concat(open));
      open = [];
    }
    at = data;
  }
  return packets.slice(2);
}
