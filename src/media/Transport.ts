import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import { type IceParameters, PlenumError, type TransportInfo } from '../protocol/index.ts';
import type {
  ConsumeOptions,
  MediaConsumer,
  MediaProducer,
  MediaTransport,
  MediaTransportEvents,
  ProduceOptions,
} from '../room/ports.ts';
import { Consumer } from './Consumer.ts';
import { checkTrack } from './checkTrack.ts';
import { clientFault, iceParameters, toMediasoupCapabilities, transportInfo } from './convert.ts';
import { Producer } from './Producer.ts';

export interface TransportSettings {
  /** Milliseconds within which key-frame requests for one encoding are merged. */
  keyFrameRequestDelay: number;
  /** Bits per second that the participant may receive at most; 0: no ceiling. */
  maxReceiveBitrate: number;
}

/** Of fewer packets, as in a pause, one that is lost says nothing. */
const telling = 20;

/** One WebRTC transport of a participant, connected by the server before the client hears of it. */
export class Transport implements MediaTransport {
  readonly info: TransportInfo;
  readonly #transport: types.WebRtcTransport;
  readonly #settings: TransportSettings;
  readonly #onConnected: (() => void)[] = [];
  readonly #events = new Emitter<MediaTransportEvents>();
  readonly #videos = new Set<types.Consumer>();
  #measuring = false;

  constructor(transport: types.WebRtcTransport, settings: TransportSettings) {
    this.#transport = transport;
    this.#settings = settings;
    this.info = transportInfo(transport);
    transport.on('dtlsstatechange', (state) => {
      if (state !== 'connected') return;
      for (const listener of this.#onConnected.splice(0)) listener();
    });
    transport.on('iceselectedtuplechange', () => this.#refreshPictures());
    transport.on('trace', ({ type, info }) => {
      const estimate = type === 'bwe' ? availableBitrate(info) : undefined;
      if (estimate !== undefined) this.#events.emit('estimate', estimate);
    });
  }

  on<K extends keyof MediaTransportEvents>(event: K, listener: (...args: MediaTransportEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  limitEstimate(bitsPerSecond: number | undefined): Promise<void> {
    const ceiling = this.#settings.maxReceiveBitrate;
    const limit = bitsPerSecond === undefined ? ceiling : Math.min(bitsPerSecond, ceiling || bitsPerSecond);
    return this.#transport.setMaxOutgoingBitrate(limit);
  }

  /** For the other files of src/media. */
  get webRtcTransport(): types.WebRtcTransport {
    return this.#transport;
  }

  async produce({ producerId, kind, rtpParameters, paused }: ProduceOptions): Promise<MediaProducer> {
    checkTrack(kind, rtpParameters);
    try {
      const producer = await this.#transport.produce({
        ...(producerId !== undefined && { id: producerId }),
        kind,
        // The schema bounds the shape; mediasoup's own type only narrows header extension URIs further.
        rtpParameters: rtpParameters as types.RtpParameters,
        paused,
        keyFrameRequestDelay: kind === 'video' ? this.#settings.keyFrameRequestDelay : 0,
      });
      return new Producer(producer);
    } catch (error) {
      this.#checkOpen(error);
      // The worker refuses what Node's layer let pass (duplicate SSRCs, MIDs or RIDs) with a plain Error.
      throw clientFault(workerRefusal(error), `cannot publish this ${kind}`);
    }
  }

  async consume({ producerId, capabilities, paused, layers }: ConsumeOptions): Promise<MediaConsumer> {
    try {
      const consumer = await this.#transport.consume({
        producerId,
        rtpCapabilities: toMediasoupCapabilities(capabilities),
        paused,
        enableRtx: true,
        ...(layers && { preferredLayers: layers }),
      });
      if (consumer.kind === 'video') {
        this.#videos.add(consumer);
        consumer.observer.once('close', () => this.#videos.delete(consumer));
        void this.#measure();
      } else this.#watchLoss(consumer);
      return new Consumer(consumer);
    } catch (error) {
      this.#checkOpen(error);
      throw clientFault(error, 'cannot receive this publication');
    }
  }

  async restartIce(): Promise<IceParameters> {
    try {
      return iceParameters(await this.#transport.restartIce());
    } catch (error) {
      this.#checkOpen(error);
      throw error;
    }
  }

  async bytesReceived(): Promise<number> {
    const stats = await this.#transport.getStats();
    return stats.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
  }

  whenConnected(listener: () => void): void {
    if (this.#transport.dtlsState === 'connected') listener();
    else this.#onConnected.push(listener);
  }

  close(): void {
    this.#events.clear();
    this.#transport.close();
  }

  /** What fails because the transport has gone is nobody's fault. */
  #checkOpen(cause: unknown): void {
    if (this.#transport.closed) throw new PlenumError('closed', 'the transport was closed meanwhile', { cause });
  }

  /** A score that falls says that the client has reported losses (RTCP receiver reports, RFC 3550, 6.4.2). */
  #watchLoss(consumer: types.Consumer): void {
    let last = 10;
    let packets = 0;
    consumer.on('score', async ({ score }) => {
      const worse = score < last && !consumer.paused;
      last = score;
      const stats = worse ? await outboundStats(consumer) : undefined;
      if (!stats) return;
      const sent = stats.packetCount - packets;
      packets = stats.packetCount;
      // In 256ths, as in the report.
      if (sent >= telling) this.#events.emit('audioLost', stats.fractionLost / 256);
    });
  }

  /**
   * The client is heard from another address: after a pause in which pictures were lost, mostly. A browser waits for three
   * seconds before it asks for a whole one.
   */
  #refreshPictures(): void {
    for (const consumer of this.#videos) {
      // Closed in the same moment.
      if (!consumer.paused && !consumer.producerPaused) consumer.requestKeyFrame().catch(() => undefined);
    }
  }

  /** The worker estimates the bandwidth of a transport as soon as it has a video to send. */
  async #measure(): Promise<void> {
    if (this.#measuring) return;
    this.#measuring = true;
    try {
      await this.#transport.enableTraceEvent(['bwe']);
    } catch {
      // Closed in the same moment, or asked again with the next video.
      this.#measuring = false;
    }
  }
}

async function outboundStats(consumer: types.Consumer) {
  try {
    const stats = await consumer.getStats();
    return stats.find(({ type }) => type === 'outbound-rtp');
  } catch {
    // The consumer was closed in the same moment.
    return undefined;
  }
}

/** mediasoup leaves open what its trace events hold. */
function availableBitrate(info: unknown): number | undefined {
  if (typeof info !== 'object' || info === null || !('availableBitrate' in info)) return undefined;
  return typeof info.availableBitrate === 'number' ? info.availableBitrate : undefined;
}

/** The worker answers a bad `produce` with an Error whose message names what is wrong with the parameters. */
function workerRefusal(error: unknown): unknown {
  if (
    error instanceof Error &&
    error.name === 'Error' &&
    /rtpParameters|ssrc|rid|mid|encoding|codec/i.test(error.message)
  ) {
    return new TypeError(error.message, { cause: error });
  }
  return error;
}
