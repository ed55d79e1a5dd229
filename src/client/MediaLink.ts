import type { types } from 'mediasoup-client';
import type { IceServer, MediaSession, Source, SubscriptionInfo, VideoCodec } from '../protocol/index.ts';
import { dataStreams, PlenumError } from '../protocol/index.ts';
import type { EncodingPlan } from './encodings.ts';
import { makeId } from './ids.ts';
import { toRtpParameters, toTransportOptions } from './wire.ts';

export type Direction = 'send' | 'recv';

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
  readonly #transports: Record<Direction, types.Transport>;
  /** The SSRCs that are in use: the same one twice would make the browser refuse a whole batch. */
  readonly #ssrcs = new Map<number, string>();
  #closed = false;

  constructor({ device, certificate, iceServers, media, onConnectionState }: MediaLinkOptions) {
    this.#device = device;
    const settings = { iceServers: [...iceServers], additionalSettings: { certificates: [certificate] } };
    const send = device.createSendTransport({ ...toTransportOptions(media.sendTransport), ...settings });
    this.#recvOptions = { ...toTransportOptions(media.recvTransport), ...settings };
    const recv = device.createRecvTransport(this.#recvOptions);
    this.#transports = { send, recv };
    for (const [direction, transport] of [
      ['send', send],
      ['recv', recv],
    ] as const) {
      // The server had the fingerprint in `join` and is connected: waiting here would delay the local description.
      transport.on('connect', (_parameters, callback) => callback());
      transport.on('connectionstatechange', (state) => {
        if (!this.#closed) onConnectionState(direction, state);
      });
    }
    // The server gives the publication's id later; answering at once lets several publications overlap.
    send.on('produce', (_parameters, callback) => callback({ id: makeId() }));
    send.on('producedata', (_parameters, callback) => callback({ id: makeId() }));
  }

  /** Connects both transports, also where nothing is sent or received. */
  async openDataChannels(): Promise<void> {
    if (this.#closed) return;
    const label = 'reliable';
    const sctpStreamParameters = { streamId: dataStreams.reliable, ordered: true };
    await Promise.all([
      this.#transports.recv.consumeData({ id: label, dataProducerId: label, label, sctpStreamParameters }),
      this.#transports.send.produceData({ label, ordered: true }),
    ]);
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
      const consumer = await this.#transports.recv.consume(consumerOptions(info, streamId));
      consumer.observer.once('close', release);
      return consumer;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Lower-case names of the video codecs that this browser can send to this router. */
  get sendVideoCodecs(): string[] {
    const codecs = this.#device.sendRtpCapabilities.codecs ?? [];
    return codecs.filter((codec) => codec.kind === 'video').map((codec) => codecName(codec.mimeType));
  }

  /** Starts sending a track. Its `rtpParameters` are then to be published. The track stays the caller's. */
  async produce(track: MediaStreamTrack, plan: EncodingPlan, codec?: VideoCodec): Promise<types.Producer> {
    const wanted = this.#device.sendRtpCapabilities.codecs?.find(
      (entry) => entry.kind === 'video' && codecName(entry.mimeType) === codec,
    );
    return this.#transports.send.produce({
      track,
      encodings: plan.encodings,
      codecOptions: plan.codecOptions,
      ...(wanted && { codec: wanted }),
      stopTracks: false,
      disableTrackOnPause: false,
      zeroRtpOnPause: false,
    });
  }

  async restartIce(direction: Direction, iceParameters: types.IceParameters): Promise<void> {
    await this.#transports[direction].restartIce({ iceParameters });
  }

  async stats(direction: Direction): Promise<RTCStatsReport> {
    return this.#transports[direction].getStats();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#transports.send.close();
    this.#transports.recv.close();
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
