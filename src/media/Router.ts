import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import type { DtlsParameters, RtpCapabilities } from '../protocol/index.ts';
import type { MediaRouter, MediaRouterEvents, MediaTransport } from '../room/ports.ts';
import { AudioLevels } from './AudioLevels.ts';
import { clientFault, toMediasoupCapabilities, toMediasoupDtls } from './convert.ts';
import { Transport } from './Transport.ts';

export interface RouterSettings {
  webRtcServer: types.WebRtcServer;
  /** Milliseconds within which key-frame requests for one encoding are merged. */
  keyFrameRequestDelay: number;
  /** Bits per second that the worker assumes a participant can receive before it has measured. */
  initialBitrate: number;
}

/** A room's router on one worker, with what tells who is loud. */
export class Router implements MediaRouter {
  readonly routerId: string;
  readonly #router: types.Router;
  readonly #levels: AudioLevels;
  readonly #settings: RouterSettings;
  readonly #events: Emitter<MediaRouterEvents>;

  static async create(router: types.Router, settings: RouterSettings): Promise<Router> {
    const events = new Emitter<MediaRouterEvents>();
    try {
      const levels = await AudioLevels.create(router, (loud) => events.emit('levels', loud));
      return new Router(router, levels, settings, events);
    } catch (error) {
      router.close();
      throw error;
    }
  }

  private constructor(
    router: types.Router,
    levels: AudioLevels,
    settings: RouterSettings,
    events: Emitter<MediaRouterEvents>,
  ) {
    this.#router = router;
    this.#levels = levels;
    this.#settings = settings;
    this.#events = events;
    this.routerId = router.id;
    router.on('workerclose', () => {
      levels.close();
      events.emit('failed');
    });
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
    this.#levels.close();
    this.#router.close();
  }

  async #observe(producerId: string): Promise<void> {
    try {
      await this.#levels.observe(producerId);
    } catch {
      // The producer, or the whole router, was closed in the same moment: then there is nothing to observe.
    }
  }
}
