import type { SubscriptionInfo } from '../../../src/protocol/index.ts';
import type { Histogram } from '../Histogram.ts';
import { findExtension, headerLength, uri } from '../rtp/header.ts';
import { pictureLossIndication, readRtcp, receiverReports } from '../rtp/rtcp.ts';
import { startsKeyFrame } from '../rtp/vp8.ts';
import type { MediaConnection } from '../transport/MediaConnection.ts';
import { ReceivedStream } from './ReceivedStream.ts';
import { TransportFeedback } from './TransportFeedback.ts';

/** One subscription and what has come of it. */
export interface Reception {
  subscription: SubscriptionInfo;
  stream: ReceivedStream;
  /** `performance.now()` when the subscription came. */
  addedAt: number;
  /** `performance.now()` of the first packet of a key frame; 0 before it. Video only. */
  keyFrameAt: number;
  /** When it was taken away. */
  endedAt?: number;
}

const reportIntervalMs = 1000;
/** As browsers do at usual rates. */
const feedbackIntervalMs = 100;
/** How long a video may come without a key frame before one is asked for, and asked for again. */
const keyFramePatienceMs = 500;

/** The receiving transport of one participant: counts what comes of each subscription and answers with RTCP. */
export class Receiver {
  /** The first packet of all. */
  onFirstPacket: (at: number) => void = () => undefined;
  /** RTP packets of SSRCs that belong to no subscription: retransmissions, probing, what was just taken away. */
  otherPackets = 0;
  readonly #connection: MediaConnection;
  readonly #latency: Histogram;
  /** By SSRC as a signed number, which V8 keeps in the map without a box around it. */
  readonly #bySsrc = new Map<number, Reception>();
  readonly #byId = new Map<string, Reception>();
  /** Videos whose key frame has not come yet. */
  readonly #pictureless = new Set<Reception>();
  readonly #reporterSsrc = 1;
  readonly #feedback = new TransportFeedback();
  /** Id of the extension with the transport-wide sequence number; 0 while none of the subscriptions has it. */
  #transportCcId = 0;
  #mediaSsrc = 0;
  #feedbackTimer: NodeJS.Timeout | undefined;
  readonly #reports: NodeJS.Timeout;
  #firstAt = 0;

  constructor(connection: MediaConnection, latency: Histogram) {
    this.#connection = connection;
    this.#latency = latency;
    connection.onRtp = (packet) => this.#receive(packet);
    connection.onRtcp = (packet) => this.#receiveRtcp(packet);
    this.#reports = setInterval(() => this.#report(), reportIntervalMs);
  }

  get receptions(): Iterable<Reception> {
    return this.#byId.values();
  }

  reception(subscriptionId: string): Reception | undefined {
    return this.#byId.get(subscriptionId);
  }

  /** `performance.now()` of the first packet of any subscription; 0 before it. */
  get firstPacketAt(): number {
    return this.#firstAt;
  }

  add(subscription: SubscriptionInfo): void {
    const { rtpParameters, kind } = subscription;
    const ssrc = rtpParameters.encodings[0]?.ssrc;
    const clockRate = rtpParameters.codecs[0]?.clockRate;
    if (ssrc === undefined || clockRate === undefined) throw new Error('a subscription came without SSRC or codec');
    const idOf = (wanted: string) => rtpParameters.headerExtensions?.find((entry) => entry.uri === wanted)?.id ?? 0;
    const latency = this.#latency;
    const stream = new ReceivedStream({ ssrc, clockRate, captureTimeId: idOf(uri.captureTime), latency });
    const reception: Reception = { subscription, stream, addedAt: performance.now(), keyFrameAt: 0 };
    this.#bySsrc.set(ssrc | 0, reception);
    this.#byId.set(subscription.subscriptionId, reception);
    if (kind === 'video') this.#pictureless.add(reception);
    if (idOf(uri.transportCc) === 0) return;
    this.#transportCcId = idOf(uri.transportCc);
    this.#mediaSsrc = ssrc;
    this.#feedbackTimer ??= setInterval(() => this.#sendFeedback(), feedbackIntervalMs);
  }

  /** @returns what had come of it, where there was such a subscription */
  remove(subscriptionId: string): Reception | undefined {
    const reception = this.#byId.get(subscriptionId);
    if (!reception) return undefined;
    this.#byId.delete(subscriptionId);
    this.#bySsrc.delete(reception.stream.ssrc | 0);
    this.#pictureless.delete(reception);
    reception.endedAt = performance.now();
    return reception;
  }

  close(): void {
    clearInterval(this.#reports);
    clearInterval(this.#feedbackTimer);
  }

  #receive(packet: Buffer): void {
    if (packet.length < 12) return;
    const now = performance.now();
    // Retransmissions and probing count for the bandwidth, too.
    if (this.#transportCcId > 0) this.#noteTransport(packet, now);
    const reception = this.#bySsrc.get(packet.readInt32BE(8));
    if (!reception) {
      this.otherPackets += 1;
      return;
    }
    reception.stream.receive(packet, now);
    if (this.#firstAt === 0) {
      this.#firstAt = now;
      this.onFirstPacket(now);
    }
    if (this.#pictureless.size > 0 && this.#pictureless.has(reception)) this.#lookForKeyFrame(reception, packet, now);
  }

  #noteTransport(packet: Buffer, now: number): void {
    const at = findExtension(packet, this.#transportCcId);
    if (at === 0) return;
    this.#feedback.note(packet.readUInt16BE(at), now);
    if (this.#feedback.full) this.#sendFeedback();
  }

  #sendFeedback(): void {
    if (!this.#connection.connected) return;
    const feedback = this.#feedback.take(this.#reporterSsrc, this.#mediaSsrc);
    if (feedback) this.#connection.sendRtcp(feedback);
  }

  /** Only here a payload is decrypted: until the first packet of the first key frame of a video. */
  #lookForKeyFrame(reception: Reception, packet: Buffer, now: number): void {
    const payload = this.#connection.open(packet, headerLength(packet), reception.stream.highestIndex);
    if (!payload || !startsKeyFrame(payload)) return;
    reception.keyFrameAt = now;
    this.#pictureless.delete(reception);
  }

  #receiveRtcp(packet: Buffer): void {
    const now = performance.now();
    for (const event of readRtcp(packet)) {
      if (event.kind === 'sender-report') this.#bySsrc.get(event.ssrc | 0)?.stream.senderReported(event.ntp, now);
    }
  }

  #report(): void {
    if (!this.#connection.connected) return;
    const now = performance.now();
    const blocks = [];
    for (const { stream } of this.#byId.values()) if (stream.packets > 0) blocks.push(stream.report(now));
    const packets = [receiverReports(this.#reporterSsrc, blocks)];
    for (const { stream } of this.#pictureless) {
      if (stream.packets === 0 || now - stream.firstAt < keyFramePatienceMs) continue;
      packets.push(pictureLossIndication(this.#reporterSsrc, stream.ssrc));
    }
    this.#connection.sendRtcp(Buffer.concat(packets));
  }
}
