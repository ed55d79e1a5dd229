import { readRtcp } from '../rtp/rtcp.ts';
import type { MediaConnection } from '../transport/MediaConnection.ts';
import type { AudioSender } from './AudioSender.ts';
import type { OutgoingStream } from './OutgoingStream.ts';
import type { VideoSender } from './VideoSender.ts';

const reportIntervalMs = 1000;

/** The sending transport of one participant: what it publishes, and the RTCP that belongs to it. */
export class Sender {
  readonly #connection: MediaConnection;
  readonly #videos = new Set<VideoSender>();
  readonly #audios = new Set<AudioSender>();
  #reports: NodeJS.Timeout | undefined;

  constructor(connection: MediaConnection) {
    this.#connection = connection;
    connection.onRtcp = (packet) => this.#receiveRtcp(packet);
    this.#reports = setInterval(() => this.#report(), reportIntervalMs);
  }

  addVideo(video: VideoSender): void {
    this.#videos.add(video);
    video.start();
  }

  addAudio(audio: AudioSender): void {
    this.#audios.add(audio);
    audio.start();
  }

  removeVideo(video: VideoSender): void {
    this.#videos.delete(video);
    video.stop();
  }

  removeAudio(audio: AudioSender): void {
    this.#audios.delete(audio);
    audio.stop();
  }

  close(): void {
    clearInterval(this.#reports);
    for (const video of this.#videos) video.stop();
    for (const audio of this.#audios) audio.stop();
  }

  get #streams(): OutgoingStream[] {
    return [...[...this.#videos].flatMap(({ streams }) => streams), ...[...this.#audios].map(({ stream }) => stream)];
  }

  #receiveRtcp(packet: Buffer): void {
    for (const event of readRtcp(packet)) {
      if (event.kind === 'key-frame') {
        for (const video of this.#videos) video.requestKeyFrame(event.ssrc);
      } else if (event.kind === 'nack') {
        this.#streams.find(({ ssrc }) => ssrc === event.ssrc)?.resend(event.sequences);
      }
    }
  }

  /** Without the clock in them a receiver cannot move between the encodings of a simulcast. */
  #report(): void {
    const reports = this.#streams.filter(({ packets }) => packets > 0).map((stream) => stream.report());
    if (reports.length > 0) this.#connection.sendRtcp(Buffer.concat(reports));
  }
}
