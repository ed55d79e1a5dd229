import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import { type IceParameters, PlenumError, type TransportInfo } from '../protocol/index.ts';
import type { TransportStats } from '../room/mediaStats.ts';
import type {
  ConsumeOptions,
  MediaConsumer,
  MediaProducer,
  MediaTransport,
  MediaTransportEvents,
  ProduceOptions,
} from '../room/ports.ts';
import type { Turns } from '../Turns.ts';
import { CongestionWatch } from './CongestionWatch.ts';
import { Consumer } from './Consumer.ts';
import { checkTrack } from './checkTrack.ts';
import { clientFault, iceParameters, toMediasoupCapabilities, transportInfo } from './convert.ts';
import { followLoss } from './lossReports.ts';
import type { Outages } from './Outages.ts';
import { Producer } from './Producer.ts';
import { transportStats, unlessClosed } from './stats.ts';
import { stillOpen } from './stillOpen.ts';

export interface TransportSettings {
  /** Milliseconds within which key-frame requests for one encoding are merged. */
  keyFrameRequestDelay: number;
  /** Bits per second that the participant is told to send at most; 0: no ceiling. */
  maxSendBitrate: number;
  /** Bits per second that the participant may receive at most; 0: no ceiling. */
  maxReceiveBitrate: number;
  /** Of all publishers, on whichever worker. */
  outages: Outages;
  /** In which consumers are made, of all participants. */
  turns: Turns;
}

/** One WebRTC transport of a participant, connected by the server before the client hears of it. */
export class Transport implements MediaTransport {
  readonly info: TransportInfo;
  readonly #transport: types.WebRtcTransport;
  readonly #settings: TransportSettings;
  readonly #onConnected: (() => void)[] = [];
  readonly #events = new Emitter<MediaTransportEvents>();
  readonly #videos = new Set<types.Consumer>();
  readonly #congestion: CongestionWatch;
  /** Ids. */
  readonly #producers = new Set<string>();
  #measuring = false;
  /** As the worker was told, or is being told; undefined: nobody knows. */
  #incomingLimit: number | undefined;
  /** Grows when the client is heard from another address. */
  #path = 0;

  constructor(transport: types.WebRtcTransport, settings: TransportSettings) {
    this.#transport = transport;
    this.#settings = settings;
    this.#incomingLimit = settings.maxSendBitrate;
    this.info = transportInfo(transport);
    this.#congestion = new CongestionWatch(transport, () => this.#events.emit('congested'));
    transport.on('dtlsstatechange', (state) => {
      if (state !== 'connected') return;
      for (const listener of this.#onConnected.splice(0)) listener();
    });
    // The first one is the beginning.
    transport.once('iceselectedtuplechange', () => {
      transport.on('iceselectedtuplechange', () => this.#moved());
    });
    transport.on('trace', ({ type, info }) => {
      const estimate = type === 'bwe' ? availableBitrate(info) : undefined;
      if (estimate === undefined) return;
      this.#congestion.estimated(estimate);
      this.#events.emit('estimate', estimate);
    });
  }

  on<K extends keyof MediaTransportEvents>(event: K, listener: (...args: MediaTransportEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  async limitIncoming(bitsPerSecond: number | undefined): Promise<void> {
    const { maxSendBitrate } = this.#settings;
    const limit =
      bitsPerSecond === undefined ? maxSendBitrate : Math.min(bitsPerSecond, maxSendBitrate || bitsPerSecond);
    if (limit === this.#incomingLimit) return;
    this.#incomingLimit = limit;
    try {
      await this.#transport.setMaxIncomingBitrate(limit);
    } catch (error) {
      // It is asked for again with the next change.
      this.#incomingLimit = undefined;
      throw error;
    }
  }

  limitEstimate(bitsPerSecond: number | undefined): Promise<void> {
    const ceiling = this.#settings.maxReceiveBitrate;
    const limit = bitsPerSecond === undefined ? ceiling : Math.min(bitsPerSecond, ceiling || bitsPerSecond);
    return this.#transport.setMaxOutgoingBitrate(limit);
  }

  floorEstimate(bitsPerSecond: number | undefined): Promise<void> {
    return this.#transport.setMinOutgoingBitrate(bitsPerSecond ?? 0);
  }

  /** For the other files of src/media. */
  get webRtcTransport(): types.WebRtcTransport {
    return this.#transport;
  }

  async produce({ producerId, kind, rtpParameters, paused }: ProduceOptions): Promise<MediaProducer> {
    checkTrack(kind, rtpParameters);
    try {
      const made = await this.#transport.produce({
        ...(producerId !== undefined && { id: producerId }),
        kind,
        // The schema bounds the shape; mediasoup's own type only narrows header extension URIs further.
        rtpParameters: rtpParameters as types.RtpParameters,
        paused,
        keyFrameRequestDelay: kind === 'video' ? this.#settings.keyFrameRequestDelay : 0,
      });
      const producer = stillOpen(this.#transport, made);
      this.#producers.add(producer.id);
      producer.observer.once('close', () => {
        this.#producers.delete(producer.id);
        this.#settings.outages.forget(producer.id);
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
      await this.#turn();
      if (this.#transport.closed) throw new PlenumError('closed', 'the transport was closed meanwhile');
      const made = await this.#transport.consume({
        producerId,
        rtpCapabilities: toMediasoupCapabilities(capabilities),
        paused,
        enableRtx: true,
        ...(layers && { preferredLayers: layers }),
      });
      const consumer = stillOpen(this.#transport, made);
      if (consumer.kind === 'video') {
        this.#videos.add(consumer);
        consumer.observer.once('close', () => this.#videos.delete(consumer));
        void this.#measure();
      } else {
        followLoss(consumer, this.#settings.outages, {
          path: () => this.#path,
          lost: (ratio) => this.#events.emit('audioLost', ratio),
        });
      }
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

  async stats(): Promise<TransportStats | undefined> {
    const [stat] = (await unlessClosed(this.#transport, () => this.#transport.getStats())) ?? [];
    return stat && transportStats(stat);
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
    this.#congestion.close();
    this.#transport.close();
  }

  /** Mediasoup takes a millisecond for each consumer: who gets dozens at once keeps nobody else waiting. */
  #turn(): Promise<void> {
    const sender = { place: this.#transport.id };
    return new Promise((resolve) => this.#settings.turns.take(sender, resolve));
  }

  /** What fails because the transport has gone is nobody's fault. */
  #checkOpen(cause: unknown): void {
    if (this.#transport.closed) throw new PlenumError('closed', 'the transport was closed meanwhile', { cause });
  }

  /**
   * The client is heard from another address: after a pause in which pictures were lost, mostly. A browser waits for three
   * seconds before it asks for a whole one.
   */
  #moved(): void {
    this.#path += 1;
    this.#events.emit('moved');
    this.#congestion.moved();
    for (const producerId of this.#producers) this.#settings.outages.ended(producerId);
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
