import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import { type IceParameters, PlenumError, type TransportInfo } from '../protocol/index.ts';
import type { ConsumeOptions, MediaConsumer, MediaProducer, MediaTransport, ProduceOptions } from '../room/ports.ts';
import { Consumer } from './Consumer.ts';
import { checkTrack } from './checkTrack.ts';
import { clientFault, iceParameters, toMediasoupCapabilities, transportInfo } from './convert.ts';
import { Producer } from './Producer.ts';

/** One WebRTC transport of a participant, connected by the server before the client hears of it. */
export class Transport implements MediaTransport {
  readonly info: TransportInfo;
  readonly #transport: types.WebRtcTransport;
  readonly #keyFrameRequestDelay: number;
  readonly #onConnected: (() => void)[] = [];
  readonly #events = new Emitter<{ estimate: [number] }>();
  #measuring = false;

  constructor(transport: types.WebRtcTransport, keyFrameRequestDelay: number) {
    this.#transport = transport;
    this.#keyFrameRequestDelay = keyFrameRequestDelay;
    this.info = transportInfo(transport);
    transport.on('dtlsstatechange', (state) => {
      if (state !== 'connected') return;
      for (const listener of this.#onConnected.splice(0)) listener();
    });
    transport.on('trace', ({ type, info }) => {
      const estimate = type === 'bwe' ? availableBitrate(info) : undefined;
      if (estimate !== undefined) this.#events.emit('estimate', estimate);
    });
  }

  on(event: 'estimate', listener: (bitsPerSecond: number) => void): () => void {
    return this.#events.on(event, listener);
  }

  /** For the other files of src/media. */
  get webRtcTransport(): types.WebRtcTransport {
    return this.#transport;
  }

  async produce({ kind, rtpParameters, paused }: ProduceOptions): Promise<MediaProducer> {
    checkTrack(kind, rtpParameters);
    try {
      const producer = await this.#transport.produce({
        kind,
        // The schema bounds the shape; mediasoup's own type only narrows header extension URIs further.
        rtpParameters: rtpParameters as types.RtpParameters,
        paused,
        keyFrameRequestDelay: kind === 'video' ? this.#keyFrameRequestDelay : 0,
      });
      return new Producer(producer);
    } catch (error) {
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
      if (consumer.kind === 'video') void this.#measure();
      return new Consumer(consumer);
    } catch (error) {
      throw clientFault(error, 'cannot receive this publication');
    }
  }

  async restartIce(): Promise<IceParameters> {
    try {
      return iceParameters(await this.#transport.restartIce());
    } catch (error) {
      if (this.#transport.closed)
        throw new PlenumError('closed', 'the transport was closed meanwhile', { cause: error });
      throw error;
    }
  }

  whenConnected(listener: () => void): void {
    if (this.#transport.dtlsState === 'connected') listener();
    else this.#onConnected.push(listener);
  }

  close(): void {
    this.#events.clear();
    this.#transport.close();
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
