import type { types } from 'mediasoup-client';
import type { IceServer, MediaSession, Source, SubscriptionInfo, VideoCodec } from '../protocol/index.ts';
import { clientFrameCodec, PlenumError } from '../protocol/index.ts';
import type { DataPipe } from './DataLink.ts';
import { type DataChannelListener, openDataChannels } from './dataChannels.ts';
import type { EncodingPlan } from './encodings.ts';
import { makeId } from './ids.ts';
import { toRtpParameters, toTransportOptions } from './wire.ts';

export type Direction = 'send' | 'recv';

/** How long what is less urgent waits for the first connection, in milliseconds. */
const patienceMs = 1500;

export interface MediaLinkOptions {
  device: types.Device;
  certificate: RTCCertificate;
  iceServers: readonly IceServer[];
  media: MediaSession;
  onConnectionState: (direction: Direction, state: types.ConnectionState) => void;
}

/** What one subscription needs to be built. Tracks of one `streamId` are played in sync by the browser. */
export interface ConsumeItem {
  info: SubscriptionInfo;
  streamId: string;
}

/** Both transports of one visit, and what goes through them. The server's side is connected before this is made. */
export class MediaLink {
  readonly #device: types.Device;
  readonly #recvOptions: types.TransportOptions;
  readonly #recv: types.Transport;
  readonly #openSend: () => types.Transport;
  /** The server's, as they were given last. */
  readonly #iceParameters: Record<Direction, types.IceParameters>;
  #pipe: DataPipe | undefined;
  #send: types.Transport | undefined;
  /** The SSRCs that are in use: the same one twice would make the browser refuse a whole batch. */
  readonly #ssrcs = new Map<number, string>();
  #closed = false;

  constructor({ device, certificate, iceServers, media, onConnectionState }: MediaLinkOptions) {
    this.#device = device;
    this.#iceParameters = { send: media.sendTransport.iceParameters, recv: media.recvTransport.iceParameters };
    const settings = { iceServers: [...iceServers], additionalSettings: { certificates: [certificate] } };
    const follow = (direction: Direction, transport: types.Transport) => {
      // The server had the fingerprint in `join` and is connected: waiting here would delay the local description.
      transport.on('connect', (_parameters, callback) => callback());
      transport.on('connectionstatechange', (state) => {
        if (!this.#closed) onConnectionState(direction, state);
      });
      return transport;
    };
    this.#recvOptions = { ...toTransportOptions(media.recvTransport), ...settings };
    this.#recv = follow('recv', device.createRecvTransport(this.#recvOptions));
    this.#openSend = () => {
      const options = { ...toTransportOptions(media.sendTransport), ...settings };
      const send = follow('send', device.createSendTransport(options));
      // The server gives the publication's id later; answering at once lets several publications overlap.
      send.on('produce', (_parameters, callback) => callback({ id: makeId() }));
      send.on('producedata', (_parameters, callback) => callback({ id: makeId() }));
      return send;
    };
  }

  /** Made on the first use: a browser is busy for a while with it, and the first picture comes over the other one. */
  get #sending(): types.Transport {
    this.#send ??= this.#openSend();
    return this.#send;
  }

  #transport(direction: Direction): types.Transport | undefined {
    return direction === 'recv' ? this.#recv : this.#send;
  }

  /** Resolves when media can be received, and in any case after a while: what waits for it must not wait for ever. */
  receiving(): Promise<void> {
    if (this.#recv.connectionState === 'connected') return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#recv.off('connectionstatechange', changed);
        resolve();
      };
      const changed = (state: types.ConnectionState) => {
        if (state === 'connected') done();
      };
      const timer = setTimeout(done, patienceMs);
      this.#recv.on('connectionstatechange', changed);
    });
  }

  /** Connects both transports, also where nothing is sent or received. */
  async openDataChannels(listener: DataChannelListener): Promise<void> {
    if (this.#closed) return;
    await openDataChannels(this.#sending, this.#recv, {
      ...listener,
      opened: (pipe) => {
        this.#pipe = pipe;
        listener.opened(pipe);
      },
      closed: (error) => {
        this.#pipe = undefined;
        listener.closed(error);
      },
    });
  }

  /**
   * Sends something that the server's SCTP acknowledges, and that says nothing (a total below the one it knows). Returns
   * whether an answer can be expected at all.
   */
  probe(): boolean {
    this.#pipe?.send('reliable', clientFrameCodec.encode('taken', 0, { bytes: 0 }));
    return this.#pipe !== undefined;
  }

  /** Builds all consumers in one tick, so that they share one SDP round. One result per item, in order. */
  consume(items: readonly ConsumeItem[]): Promise<PromiseSettledResult<types.Consumer>[]> {
    return Promise.allSettled(items.map((item) => this.#consume(item)));
  }

  /**
   * Which items the browser refuses, when it has refused the batch of which they are part: each is tried by itself in a
   * connection that goes nowhere. All of them where each by itself would do.
   */
  async findRefused(items: readonly ConsumeItem[]): Promise<SubscriptionInfo[]> {
    const refused: SubscriptionInfo[] = [];
    for (const { info, streamId } of items) {
      if (this.#closed) return [];
      const scratch = this.#device.createRecvTransport({ ...this.#recvOptions, iceCandidates: [] });
      scratch.on('connect', (_parameters, callback) => callback());
      try {
        await scratch.consume(consumerOptions(info, streamId));
      } catch {
        refused.push(info);
      } finally {
        scratch.close();
      }
    }
    return refused.length > 0 ? refused : items.map(({ info }) => info);
  }

  async #consume({ info, streamId }: ConsumeItem): Promise<types.Consumer> {
    const ssrcs = info.rtpParameters.encodings.flatMap((encoding) => [
      ...(encoding.ssrc === undefined ? [] : [encoding.ssrc]),
      ...(encoding.rtx ? [encoding.rtx.ssrc] : []),
    ]);
    if (ssrcs.some((ssrc) => this.#ssrcs.has(ssrc) && this.#ssrcs.get(ssrc) !== info.subscriptionId)) {
      throw new PlenumError('unsupported', 'Two subscriptions use the same SSRC.');
    }
    for (const ssrc of ssrcs) this.#ssrcs.set(ssrc, info.subscriptionId);
    const release = () => {
      for (const ssrc of ssrcs) this.#ssrcs.delete(ssrc);
    };
    try {
      const consumer = await this.#recv.consume(consumerOptions(info, streamId));
      consumer.observer.once('close', release);
      return consumer;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Lower-case names of the video codecs that this browser can send to this router. */
  get sendVideoCodecs(): string[] {
    const sendable = new Set(RTCRtpSender.getCapabilities('video')?.codecs.map(({ mimeType }) => codecName(mimeType)));
    const codecs = this.#device.sendRtpCapabilities.codecs ?? [];
    return codecs.map(({ mimeType }) => codecName(mimeType)).filter((name) => sendable.has(name));
  }

  /** Starts sending a track. Its `rtpParameters` are then to be published. The track stays the caller's. */
  async produce(track: MediaStreamTrack, plan: EncodingPlan, codec?: VideoCodec): Promise<types.Producer> {
    const wanted = this.#device.sendRtpCapabilities.codecs?.find(
      (entry) => entry.kind === 'video' && codecName(entry.mimeType) === codec,
    );
    return this.#sending.produce({
      track,
      encodings: plan.encodings,
      codecOptions: plan.codecOptions,
      ...(wanted && { codec: wanted }),
      stopTracks: false,
      disableTrackOnPause: false,
      zeroRtpOnPause: false,
    });
  }

  /** With new credentials of the server. */
  async restartIce(direction: Direction, iceParameters: types.IceParameters): Promise<void> {
    this.#iceParameters[direction] = iceParameters;
    await this.#transport(direction)?.restartIce({ iceParameters });
  }

  /**
   * Restarts ICE on this side only: new ports on the addresses of now, new credentials, and checks to the server under
   * those of its own that it has. An ICE-lite server never learns a client's credentials, so it need not be asked, and the
   * socket that may be gone with the network is not needed.
   */
  async gatherAnew(direction: Direction): Promise<void> {
    const transport = this.#transport(direction);
    if (!transport) return;
    const iceParameters = this.#iceParameters[direction];
    // Who answers gathers anew only when the offer's credentials change: to others, and back in the same breath.
    const others = { ...iceParameters, usernameFragment: makeId(), password: makeId() };
    const passing = direction === 'recv' ? [transport.restartIce({ iceParameters: others })] : [];
    await Promise.all([...passing, transport.restartIce({ iceParameters })]);
  }

  /** Undefined where there is no such transport yet. */
  async stats(direction: Direction): Promise<RTCStatsReport | undefined> {
    return this.#transport(direction)?.getStats();
  }

  /** Others take its place: what is still shown of what was received stays until `close()`. */
  stopSending(): void {
    this.#send?.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#send?.close();
    this.#recv.close();
  }
}

export function streamIdOf(participantId: string, source: Source): string {
  return source === 'screen' || source === 'screen-audio' ? `${participantId}-screen` : participantId;
}

function codecName(mimeType: string): string {
  return mimeType.slice(mimeType.indexOf('/') + 1).toLowerCase();
}

function consumerOptions(info: SubscriptionInfo, streamId: string): types.ConsumerOptions {
  return {
    id: info.subscriptionId,
    producerId: info.publicationId,
    kind: info.kind,
    rtpParameters: toRtpParameters(info.rtpParameters),
    streamId,
  };
}

/** Whether an error of `consume()` concerns one item alone; any other concerns the batch, and the transport after it. */
export function isOwnFault(error: unknown): boolean {
  return error instanceof PlenumError || (error instanceof Error && error.name === 'UnsupportedError');
}
