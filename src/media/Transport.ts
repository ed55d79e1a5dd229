import type { types } from 'mediasoup';
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

  constructor(transport: types.WebRtcTransport, keyFrameRequestDelay: number) {
    this.#transport = transport;
    this.#keyFrameRequestDelay = keyFrameRequestDelay;
    this.info = transportInfo(transport);
    transport.on('dtlsstatechange', (state) => {
      if (state !== 'connected') return;
      for (const listener of this.#onConnected.splice(0)) listener();
    });
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
    this.#transport.close();
  }
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
