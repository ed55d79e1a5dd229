import { randomInt } from 'node:crypto';
import type { ParamsInput, RtpParameters } from '../../../src/protocol/index.ts';
import type { VideoRecording } from '../recordings/read.ts';
import { frameRate } from '../recordings/spec.ts';
import { writeDescriptor } from '../rtp/vp8.ts';
import { extensionsOf, newSsrc, type OutgoingPacket, OutgoingStream, type RtpOutlet } from './OutgoingStream.ts';
import type { Ticker, Ticking } from './Ticker.ts';

const payloadType = 96;
const rtxPayloadType = 97;
const clockRate = 90_000;
const frameMs = 1000 / frameRate;
/** Packets of one encoding that leave at once; a large frame takes several ticks, as with a browser's pacer. */
const burst = 10;

interface Encoding {
  recording: VideoRecording;
  stream: OutgoingStream;
  rtxSsrc: number;
  /** Place of the next frame in the recording. */
  position: number;
  pictureId: number;
  tl0PictureIndex: number;
  /** Packets of frames that are due, with what is left of them. */
  queue: OutgoingPacket[];
  wanted: boolean;
  keyFrames: number;
}

/** A camera in simulcast: VP8 in three sizes, each with three temporal layers, played from recordings. */
export class VideoSender implements Ticking {
  /**
   * Requests for a key frame are ignored for so long after one that was not, whichever encoding it was for. Browsers
   * have 300 ms. Default: none is ignored.
   */
  keyFrameIntervalMs = 0;
  /** How often a key frame was asked for over RTCP, in any of the encodings. */
  keyFrameRequests = 0;
  readonly #encodings: Encoding[];
  readonly #ticker: Ticker;
  readonly #transportCc: boolean;
  #nextAt = 0;
  #requestedAt = Number.NEGATIVE_INFINITY;

  /** @param transportSequence counts over all streams, where the server is to give feedback for its estimate */
  constructor(
    connection: RtpOutlet,
    ticker: Ticker,
    recordings: readonly VideoRecording[],
    transportSequence?: () => number,
  ) {
    this.#ticker = ticker;
    this.#transportCc = transportSequence !== undefined;
    this.#encodings = recordings.map((recording) => {
      const rtxSsrc = newSsrc();
      const rtx = { ssrc: rtxSsrc, payloadType: rtxPayloadType };
      return {
        recording,
        stream: new OutgoingStream(connection, { ssrc: newSsrc(), payloadType, clockRate, rtx, transportSequence }),
        rtxSsrc,
        position: 0,
        pictureId: randomInt(2 ** 15),
        tl0PictureIndex: randomInt(2 ** 8),
        queue: [],
        wanted: true,
        keyFrames: 0,
      };
    });
  }

  get streams(): OutgoingStream[] {
    return this.#encodings.map(({ stream }) => stream);
  }

  /** Which encodings are being sent, smallest first. */
  get sending(): boolean[] {
    return this.#encodings.map(({ wanted }) => wanted);
  }

  /** How many key frames each encoding has sent, smallest first. */
  get keyFrames(): number[] {
    return this.#encodings.map(({ keyFrames }) => keyFrames);
  }

  get publishParams(): Omit<ParamsInput<'publish'>, 'requestId'> {
    const largest = this.#encodings.at(-1)?.recording;
    return {
      source: 'camera',
      kind: 'video',
      rtpParameters: this.#rtpParameters(),
      ...(largest && { width: largest.width, height: largest.height }),
    };
  }

  start(): void {
    // Publishers that joined together must not send all their frames in the same moment.
    this.#nextAt = performance.now() + Math.random() * frameMs;
    this.#ticker.add(this);
  }

  stop(): void {
    this.#ticker.remove(this);
  }

  /** Somebody asks for a key frame of the encoding with that SSRC, if it is one of these. */
  requestKeyFrame(ssrc: number): void {
    if (!this.#encodings.some(({ stream }) => stream.ssrc === ssrc)) return;
    this.keyFrameRequests += 1;
    const now = performance.now();
    if (now - this.#requestedAt < this.keyFrameIntervalMs) return;
    this.#requestedAt = now;
    this.makeKeyFrame(ssrc);
  }

  /** The next frame of that encoding, or of all, is a key frame. */
  makeKeyFrame(ssrc?: number): void {
    for (const encoding of this.#encodings) {
      if (ssrc === undefined || encoding.stream.ssrc === ssrc) encoding.position = 0;
    }
  }

  /** @param highest spatial layer that anybody watches; -1: none */
  wantLayers(highest: number): void {
    this.#encodings.forEach((encoding, layer) => {
      const wanted = layer <= highest;
      if (wanted && !encoding.wanted) encoding.position = 0;
      encoding.wanted = wanted;
    });
  }

  tick(now: number): void {
    if (now >= this.#nextAt) {
      for (const encoding of this.#encodings) if (encoding.wanted) this.#queueFrame(encoding, this.#nextAt);
      // After a stall of the process frames are left out, not caught up with.
      this.#nextAt = Math.max(this.#nextAt + frameMs, now - frameMs);
    }
    for (const { queue, stream } of this.#encodings) {
      for (let count = 0; count < burst; count += 1) {
        const packet = queue.shift();
        if (!packet) break;
        stream.send(packet);
      }
    }
  }

  #queueFrame(encoding: Encoding, due: number): void {
    const { recording, stream, queue } = encoding;
    const frame = recording.frames[encoding.position];
    if (!frame) throw new Error('a recording has no frames');
    if (encoding.position === 0) encoding.keyFrames += 1;
    encoding.position = (encoding.position + 1) % recording.frames.length;
    encoding.pictureId = (encoding.pictureId + 1) & 0x7fff;
    if (frame.temporalLayer === 0) encoding.tl0PictureIndex = (encoding.tl0PictureIndex + 1) & 0xff;
    const timestamp = stream.timestampAt(due);
    frame.chunks.forEach((chunk, part) => {
      const descriptor = writeDescriptor({ ...frame, ...encoding, start: part === 0 });
      const last = part === frame.chunks.length - 1;
      queue.push({ payload: Buffer.concat([descriptor, chunk]), marker: last, timestamp, stamped: last });
    });
  }

  #rtpParameters(): RtpParameters {
    return {
      codecs: [
        {
          mimeType: 'video/VP8',
          payloadType,
          clockRate,
          parameters: {},
          rtcpFeedback: [
            { type: 'nack' },
            { type: 'nack', parameter: 'pli' },
            { type: 'ccm', parameter: 'fir' },
            ...(this.#transportCc ? [{ type: 'transport-cc' }] : []),
          ],
        },
        {
          mimeType: 'video/rtx',
          payloadType: rtxPayloadType,
          clockRate,
          parameters: { apt: payloadType },
          rtcpFeedback: [],
        },
      ],
      headerExtensions: extensionsOf('video', this.#transportCc),
      encodings: this.#encodings.map(({ stream, rtxSsrc, recording }) => ({
        ssrc: stream.ssrc,
        rtx: { ssrc: rtxSsrc },
        scalabilityMode: 'L1T3',
        maxBitrate: recording.bitrate,
      })),
      rtcp: { cname: 'plenum-load', reducedSize: true },
    };
  }
}
