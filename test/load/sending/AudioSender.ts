import type { ParamsInput } from '../../../src/protocol/index.ts';
import type { AudioRecording } from '../recordings/read.ts';
import type { MediaConnection } from '../transport/MediaConnection.ts';
import { extensionIds, extensionsOf, newSsrc, OutgoingStream } from './OutgoingStream.ts';
import type { Ticker, Ticking } from './Ticker.ts';

const payloadType = 111;
const clockRate = 48_000;
/** dBov (RFC 6464). */
const silenceLevel = -127;
const speechLevel = -25;
/** With discontinuous transmission a silent microphone sends one packet in this time (RFC 7587, 3.1.3). */
const dtxIntervalMs = 400;
/** Silence that is still sent after the last word, before the pauses begin. */
const dtxAfterMs = 200;

export interface AudioSenderOptions {
  recording: AudioRecording;
  /** Whether a silent microphone sends little, as the client SDK's does. Default: true. */
  dtx?: boolean;
  /** Counts over all streams, where the server is to give feedback for its estimate of the bandwidth. */
  transportSequence?: () => number;
}

/** A microphone: Opus from a recording while somebody speaks, silence otherwise, with the level in each header. */
export class AudioSender implements Ticking {
  readonly stream: OutgoingStream;
  readonly #ticker: Ticker;
  readonly #recording: AudioRecording;
  readonly #dtx: boolean;
  readonly #transportCc: boolean;
  #level = silenceLevel;
  #position = 0;
  #nextAt = 0;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  #lastWordAt = Number.NEGATIVE_INFINITY;
  #firstOfSpurt = true;
  #firstWordAt: number | undefined;

  constructor(
    connection: MediaConnection,
    ticker: Ticker,
    { recording, dtx = true, transportSequence }: AudioSenderOptions,
  ) {
    this.#ticker = ticker;
    this.#recording = recording;
    this.#dtx = dtx;
    this.#transportCc = transportSequence !== undefined;
    this.stream = new OutgoingStream(connection, { ssrc: newSsrc(), payloadType, clockRate, transportSequence });
  }

  get speaking(): boolean {
    return this.#level > silenceLevel;
  }

  /** `performance.now()` at which the first packet with sound left after the last `speak()`. */
  get firstWordAt(): number | undefined {
    return this.#firstWordAt;
  }

  get publishParams(): Omit<ParamsInput<'publish'>, 'requestId'> {
    return {
      source: 'microphone',
      kind: 'audio',
      rtpParameters: {
        codecs: [
          {
            mimeType: 'audio/opus',
            payloadType,
            clockRate,
            channels: 2,
            parameters: { useinbandfec: 1, ...(this.#dtx && { usedtx: 1 }) },
            rtcpFeedback: [{ type: 'nack' }, ...(this.#transportCc ? [{ type: 'transport-cc' }] : [])],
          },
        ],
        headerExtensions: extensionsOf('audio', this.#transportCc),
        encodings: [{ ssrc: this.stream.ssrc, dtx: this.#dtx }],
        rtcp: { cname: 'plenum-load', reducedSize: true },
      },
    };
  }

  start(): void {
    this.#nextAt = performance.now() + Math.random() * this.#recording.frameMs;
    this.#ticker.add(this);
  }

  stop(): void {
    this.#ticker.remove(this);
  }

  /** The sound begins now; a packet with its first part leaves when it is full, as with every encoder. */
  speak(level = speechLevel): void {
    if (!this.speaking) {
      this.#firstWordAt = undefined;
      this.#firstOfSpurt = true;
      // A microphone that has paused begins its packet with the sound.
      if (this.#dtx) this.#nextAt = Math.min(this.#nextAt, performance.now() + this.#recording.frameMs);
    }
    this.#level = level;
  }

  hush(): void {
    this.#level = silenceLevel;
  }

  tick(now: number): void {
    if (now < this.#nextAt) return;
    const { frameMs, speech, silence } = this.#recording;
    const due = this.#nextAt;
    this.#nextAt = Math.max(this.#nextAt + frameMs, now - frameMs);
    if (this.speaking) {
      this.#lastWordAt = now;
      this.#firstWordAt ??= now;
    } else if (this.#dtx && now - this.#lastWordAt > dtxAfterMs && now - this.#lastSentAt < dtxIntervalMs) {
      return;
    }
    const packets = this.speaking ? speech : silence;
    const payload = packets[this.#position % packets.length];
    if (!payload) throw new Error('a recording has no sound');
    this.#position += 1;
    this.#lastSentAt = now;
    this.stream.send({
      payload,
      // The first packet after silence (RFC 3551, 4.1).
      marker: this.speaking && this.#firstOfSpurt,
      // By when it was due: sound has no jitter of its own.
      timestamp: this.stream.timestampAt(due),
      extensions: [{ id: extensionIds.audioLevel, data: levelExtension(this.#level) }],
      stamped: true,
    });
    if (this.speaking) this.#firstOfSpurt = false;
  }
}

/** RFC 6464: a bit for voice activity, then the level without its sign. */
function levelExtension(level: number): Buffer {
  const voice = level > silenceLevel ? 0x80 : 0;
  return Buffer.from([voice | Math.min(127, Math.max(0, Math.round(-level)))]);
}
