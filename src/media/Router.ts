import type { types } from 'mediasoup';
import { Emitter } from '../events.ts';
import { type DtlsParameters, PlenumError, type RtpCapabilities } from '../protocol/index.ts';
import type { DataLine, MediaLink, MediaRouter, MediaRouterEvents, MediaTransport } from '../room/ports.ts';
import type { Turns } from '../Turns.ts';
import { AudioLevels } from './AudioLevels.ts';
import { clientFault, toMediasoupCapabilities, toMediasoupDtls, workerRefused } from './convert.ts';
import { DataBus, streamQueueBytes } from './DataBus.ts';
import type { Outages } from './Outages.ts';
import { sharedSignalMs } from './PoolWorker.ts';
import { Link, type PortRange } from './pipes.ts';
import { stillOpen } from './stillOpen.ts';
import { Transport } from './Transport.ts';

export interface RouterSettings {
  webRtcServer: types.WebRtcServer;
  /** Milliseconds within which key-frame requests for one encoding are merged. */
  keyFrameRequestDelay: number;
  /** Bits per second that the worker assumes a participant can receive before it has measured. */
  initialBitrate: number;
  /** Bits per second that one participant may send, and receive, at most; 0: no ceiling. */
  maxSendBitrate: number;
  maxReceiveBitrate: number;
  /** Of all publishers, on whichever worker. */
  outages: Outages;
  /** In which consumers are made, of all participants. */
  turns: Turns;
  /** Where links to other routers may listen. */
  linkPorts: PortRange;
}

/** A room's router on one worker, with what tells who is loud. */
export class Router implements MediaRouter {
  readonly routerId: string;
  readonly #router: types.Router;
  readonly #levels: AudioLevels;
  readonly #settings: RouterSettings;
  readonly #events: Emitter<MediaRouterEvents>;
  #data: Promise<DataBus> | undefined;

  /**
   * By producer of a participant, who can receive it: mediasoup copies and checks all capabilities each time, and those of a
   * room's participants are mostly one object.
   */
  readonly #consumable = new Map<string, WeakMap<RtpCapabilities, boolean>>();

  static async create(router: types.Router, settings: RouterSettings): Promise<Router> {
    const events = new Emitter<MediaRouterEvents>();
    try {
      const levels = await AudioLevels.create(router, {
        onset: (onset) => events.emit('onset', onset),
        loud: (levels) => events.emit('loud', levels),
        levels: (levels) => events.emit('levels', levels),
      });
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
      setTimeout(() => events.emit('failed'), sharedSignalMs);
    });
  }

  get closed(): boolean {
    return this.#router.closed;
  }

  on<K extends keyof MediaRouterEvents>(event: K, listener: (...args: MediaRouterEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  async createTransport(dtlsParameters: DtlsParameters, tcpOnly: boolean): Promise<MediaTransport> {
    const transport = await this.#createWebRtcTransport(tcpOnly);
    try {
      await transport.connect({ dtlsParameters: toMediasoupDtls(dtlsParameters) });
    } catch (error) {
      transport.close();
      this.#checkOpen(error);
      throw clientFault(error, 'cannot connect the transport');
    }
    await this.#limit(transport);
    transport.observer.on('newproducer', (producer) => {
      this.#consumable.set(producer.id, new WeakMap());
      producer.observer.once('close', () => this.#consumable.delete(producer.id));
      if (producer.kind === 'audio') void this.#observe(producer.id);
    });
    return new Transport(transport, this.#settings);
  }

  async link(other: MediaRouter): Promise<MediaLink> {
    if (!(other instanceof Router)) throw new TypeError('only routers of one engine can be linked');
    try {
      return await Link.create([this.#router, other.#router], this.#settings.linkPorts);
    } catch (error) {
      this.#checkOpen(error);
      throw error;
    }
  }

  canConsume(producerId: string, capabilities: RtpCapabilities): boolean {
    const known = this.#consumable.get(producerId);
    const answer =
      known?.get(capabilities) ??
      this.#router.canConsume({ producerId, rtpCapabilities: toMediasoupCapabilities(capabilities) });
    known?.set(capabilities, answer);
    return answer;
  }

  async openData(send: MediaTransport, recv: MediaTransport): Promise<DataLine> {
    if (!(send instanceof Transport && recv instanceof Transport)) {
      throw new PlenumError('internal', 'data channels need transports of mediasoup');
    }
    this.#data ??= this.#createDataBus();
    return (await this.#data).open(send.webRtcTransport, recv.webRtcTransport);
  }

  async #createDataBus(): Promise<DataBus> {
    try {
      return await DataBus.create(this.#router);
    } catch (error) {
      // The next join tries again.
      this.#data = undefined;
      throw error;
    }
  }

  close(): void {
    this.#events.clear();
    this.#levels.close();
    this.#router.close();
  }

  async #createWebRtcTransport(tcpOnly: boolean): Promise<types.WebRtcTransport> {
    try {
      const made = await this.#router.createWebRtcTransport({
        webRtcServer: this.#settings.webRtcServer,
        enableUdp: !tcpOnly,
        enableTcp: true,
        preferUdp: true,
        enableSctp: true,
        sctpPerStreamSendQueueLimit: streamQueueBytes,
        initialAvailableOutgoingBitrate: this.#settings.initialBitrate,
      });
      return stillOpen(this.#router, made);
    } catch (error) {
      this.#checkOpen(error);
      throw workerRefused(error, 'there is no room for a transport');
    }
  }

  /** What fails because the worker has gone says nothing of how much it could have taken. */
  #checkOpen(cause: unknown): void {
    if (this.#router.closed) throw new PlenumError('closed', 'the media worker has just ended; join again', { cause });
  }

  /** Both ways on either transport: one of a participant's two only receives, the other only sends. */
  async #limit(transport: types.WebRtcTransport): Promise<void> {
    const { maxSendBitrate, maxReceiveBitrate } = this.#settings;
    try {
      if (maxSendBitrate > 0) await transport.setMaxIncomingBitrate(maxSendBitrate);
      if (maxReceiveBitrate > 0) await transport.setMaxOutgoingBitrate(maxReceiveBitrate);
    } catch (error) {
      transport.close();
      this.#checkOpen(error);
      throw workerRefused(error, 'cannot limit the bit rates of a transport');
    }
  }

  async #observe(producerId: string): Promise<void> {
    try {
      await this.#levels.observe(producerId);
    } catch {
      // The producer, or the whole router, was closed in the same moment: then there is nothing to observe.
    }
  }
}
