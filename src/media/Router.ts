import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import type { DtlsParameters, RtpCapabilities } from '../protocol/index.ts';
import type { MediaRouter, MediaRouterEvents, MediaTransport } from '../room/ports.ts';
import { clientFault, toMediasoupCapabilities, toMediasoupDtls } from './convert.ts';
import { Transport } from './Transport.ts';

export interface RouterSettings {
  webRtcServer: types.WebRtcServer;
  /** Milliseconds within which key-frame requests for one encoding are merged. */
  keyFrameRequestDelay: number;
  /** Bits per second that the worker assumes a participant can receive before it has measured. */
  initialBitrate: number;
}

/** A room's router on one worker, with the observer that tells who is loud. */
export class Router implements MediaRouter {
  readonly routerId: string;
  readonly #router: types.Router;
  readonly #observer: types.AudioLevelObserver;
  readonly #settings: RouterSettings;
  readonly #events = new Emitter<MediaRouterEvents>();

  static async create(router: types.Router, settings: RouterSettings): Promise<Router> {
    try {
      // 250 ms is mediasoup's shortest interval; -60 dBov is quiet speech in a quiet room.
      const observer = await router.createAudioLevelObserver({ maxEntries: 6, threshold: -60, interval: 250 });
      return new Router(router, observer, settings);
    } catch (error) {
      router.close();
      throw error;
    }
  }

  private constructor(router: types.Router, observer: types.AudioLevelObserver, settings: RouterSettings) {
    this.#router = router;
    this.#observer = observer;
    this.#settings = settings;
    this.routerId = router.id;
    // Not at once: where a signal ended worker and server alike, the server's own handler comes first and says why.
    router.on('workerclose', () => void setImmediate(() => this.#events.emit('failed')));
    observer.on('volumes', (volumes) => {
      this.#events.emit(
        'levels',
        volumes.map(({ producer, volume }) => ({ producerId: producer.id, level: volume })),
      );
    });
    observer.on('silence', () => this.#events.emit('levels', []));
  }

  on<K extends keyof MediaRouterEvents>(event: K, listener: (...args: MediaRouterEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  async createTransport(dtlsParameters: DtlsParameters): Promise<MediaTransport> {
    const transport = await this.#router.createWebRtcTransport({
      webRtcServer: this.#settings.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: true,
      initialAvailableOutgoingBitrate: this.#settings.initialBitrate,
    });
    try {
      await transport.connect({ dtlsParameters: toMediasoupDtls(dtlsParameters) });
    } catch (error) {
      transport.close();
      throw clientFault(error, 'cannot connect the transport');
    }
    transport.observer.on('newproducer', (producer) => {
      if (producer.kind === 'audio') void this.#observe(producer.id);
    });
    return new Transport(transport, this.#settings.keyFrameRequestDelay);
  }

  canConsume(producerId: string, capabilities: RtpCapabilities): boolean {
    return this.#router.canConsume({ producerId, rtpCapabilities: toMediasoupCapabilities(capabilities) });
  }

  close(): void {
    this.#events.clear();
    this.#router.close();
  }

  async #observe(producerId: string): Promise<void> {
    try {
      await this.#observer.addProducer({ producerId });
    } catch {
      // The producer, or the whole router, was closed in the same moment: then there is nothing to observe.
    }
  }
}
