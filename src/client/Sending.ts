import type { types } from 'mediasoup-client';
import type { VideoCodec } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { type EncodingPlan, planEncodings, spatialLayers } from './encodings.ts';
import { toPlenumError } from './errors.ts';
import { makeId } from './ids.ts';
import { limitLayers } from './layerLimit.ts';
import type { MediaLink } from './MediaLink.ts';
import { placeholderTrack } from './placeholderTrack.ts';
import type { SendingHost, SendingListener, SendingOptions, Wanted } from './SendingHost.ts';
import { Serial } from './Serial.ts';
import type { Session } from './Session.ts';
import { hasSize, kindOf, sameSize, sizeOf, type TrackSize } from './trackSize.ts';
import { fromRtpParameters } from './wire.ts';

/** A worker may go while its successor is being filled, and that one, too. */
const mostTries = 5;

/** A publication as the server knows it, within one visit. */
interface Live {
  readonly session: Session;
  /** Over which it is sent; the session has another one after its media were moved. */
  readonly link: MediaLink;
  readonly producer: types.Producer;
  readonly publicationId: string;
  readonly codec: VideoCodec | undefined;
  readonly plan: EncodingPlan;
  /** What the room has been told last. */
  told: { muted: boolean; size: TrackSize };
}

/**
 * The server's side of one local publication, brought in line with what is wanted: published, published anew where codec
 * or number of encodings must change, muted, resized, taken down. Its methods must not overlap.
 */
export class Sending {
  readonly #host: SendingHost;
  readonly #options: SendingOptions;
  readonly #wanted: () => Wanted;
  readonly #listener: SendingListener;
  /** Between reading a sender's parameters and writing them, nobody else may write. */
  readonly #parameters = new Serial();
  #live: Live | undefined;
  #publishing = false;
  /** Whether any room has had it before. */
  #hasBeenSent = false;

  constructor(host: SendingHost, options: SendingOptions, wanted: () => Wanted, listener: SendingListener) {
    this.#host = host;
    this.#options = options;
    this.#wanted = wanted;
    this.#listener = listener;
  }

  get publicationId(): string | undefined {
    return this.#live?.publicationId;
  }

  /** Whether the server may have it under an id that has not been answered yet. */
  get publishing(): boolean {
    return this.#publishing;
  }

  get codec(): VideoCodec | undefined {
    return this.#live?.codec;
  }

  get #isVideo(): boolean {
    return kindOf(this.#options.source) === 'video';
  }

  async sync(): Promise<void> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const session = this.#host.session();
      const link = session?.link;
      if (!link || !session.alive) return;
      try {
        await this.#bringUp(session);
        await this.#tell(session);
        return;
      } catch (error) {
        // With the session lost, the next one starts from what is wanted.
        if (!session.alive || this.#wanted().closed) return;
        if (session.link === link && !(await this.#outlasts(session, error))) throw error;
      }
    }
  }

  /** Whether the media were moved: what is refused with `closed` was asked of a worker that has just ended. */
  async #outlasts(session: Session, error: unknown): Promise<boolean> {
    return error instanceof PlenumError && error.code === 'closed' && (await session.media?.moved()) === true;
  }

  async #bringUp(session: Session): Promise<void> {
    await this.#restore(session);
    const { track } = this.#wanted();
    const live = this.#live?.session === session ? this.#live : undefined;
    if (!track) {
      await live?.producer.replaceTrack({ track: null });
      return;
    }
    if (!live || this.#needsRenewal(live, track)) {
      await this.#publish(session, track);
      // Only now, so that nobody sees a gap.
      if (live) await this.#retire(live);
    }
    const producer = this.#live?.producer;
    const now = this.#wanted();
    // A muted video sends nothing at all, not even black pictures.
    const sent = now.muted && this.#isVideo ? null : (now.track ?? null);
    if (producer && !producer.closed && producer.track !== sent) await producer.replaceTrack({ track: sent });
  }

  /**
   * After the media of the visit were moved: the publication goes on under its id. A camera that is off stays off: then a
   * track without pictures holds its place.
   */
  async #restore(session: Session): Promise<void> {
    const { link } = session;
    const former = this.#live;
    if (!link || former?.session !== session || former.link === link) return;
    const { publicationId, codec, plan } = former;
    const { track } = this.#wanted();
    const size = track && this.#isVideo ? sizeOf(track) : former.told.size;
    const producer = await link.produce(track ?? placeholderTrack(kindOf(this.#options.source)), plan, codec);
    // It may have been muted while the browser was busy.
    const muted = this.#wanted().muted || !track;
    try {
      await session.request('restorePublication', {
        requestId: makeId(),
        publicationId,
        rtpParameters: fromRtpParameters(producer.rtpParameters),
        muted,
        ...this.#pixels(size),
      });
      this.#live = { ...former, link, producer, told: { muted, size } };
    } catch (error) {
      producer.close();
      const code = error instanceof PlenumError ? error.code : undefined;
      if (code !== 'not-found' && code !== 'conflict') throw error;
      // The server has given it up, or has made one of parameters that hold no more: it is published anew.
      this.#live = undefined;
      if (code === 'conflict') await session.request('unpublish', { requestId: makeId(), publicationId });
      return;
    }
    await this.limitLayers().catch(() => undefined);
  }

  #needsRenewal(live: Live, track: MediaStreamTrack): boolean {
    if (!this.#isVideo || !live.codec) return false;
    // The wished one, not the one in use: it returns when the one who could not decode it has gone.
    if (this.#host.codec(this.#options.codec) !== live.codec) return true;
    const size = sizeOf(track);
    const plan = planEncodings(this.#options.source, size, live.codec, this.#options.svc);
    return hasSize(size) && spatialLayers(plan) !== spatialLayers(live.plan);
  }

  async #publish(session: Session, track: MediaStreamTrack): Promise<void> {
    const { link } = session;
    if (!link) return;
    const { source, metadata, svc } = this.#options;
    const codec = this.#isVideo ? this.#host.codec(this.#options.codec) : undefined;
    const size = sizeOf(track);
    const plan = planEncodings(source, size, codec ?? 'vp8', svc);
    const producer = await link.produce(track, plan, codec);
    const { muted, closed } = this.#wanted();
    // It may have ended while the browser was busy.
    if (closed) return producer.close();
    this.#publishing = true;
    try {
      const answer = await session.request('publish', {
        requestId: makeId(),
        source,
        kind: kindOf(source),
        rtpParameters: fromRtpParameters(producer.rtpParameters),
        muted,
        metadata,
        ...this.#pixels(size),
      });
      const { publicationId } = answer;
      this.#live = { session, link, producer, publicationId, codec, plan, told: { muted: answer.muted, size } };
      // What somebody has unmuted since then is unmuted anew in another visit.
      if (answer.muted && !muted && !this.#hasBeenSent) this.#listener.muted();
      this.#hasBeenSent = true;
    } catch (error) {
      producer.close();
      throw error;
    } finally {
      this.#publishing = false;
    }
    this.#listener.published();
    // The server may have said it before it answered. Where it fails, more is sent than somebody watches, and that works.
    await this.limitLayers().catch(() => undefined);
    if (!this.#wanted().closed) this.#listener.changed();
  }

  #pixels(size: TrackSize): { width?: number; height?: number } {
    return this.#isVideo && hasSize(size) ? { width: size.width, height: size.height } : {};
  }

  async #tell(session: Session): Promise<void> {
    const live = this.#live;
    if (live?.session !== session) return;
    const wanted = this.#wanted();
    const muted = wanted.muted || !wanted.track;
    const size = wanted.track && this.#isVideo ? sizeOf(wanted.track) : live.told.size;
    if (live.told.muted === muted && sameSize(live.told.size, size)) return;
    const before = live.told;
    live.told = { muted, size };
    if (!sameSize(before.size, size)) this.#listener.changed();
    const { publicationId } = live;
    try {
      await session.request('updatePublication', { requestId: makeId(), publicationId, muted, ...this.#pixels(size) });
    } catch (error) {
      // The room may not know: it is told again at the next occasion.
      live.told = before;
      throw error;
    }
  }

  async #retire(live: Live): Promise<void> {
    live.producer.close();
    if (!live.session.alive) return;
    try {
      await live.session.request('unpublish', { requestId: makeId(), publicationId: live.publicationId });
    } catch (error) {
      // The server has ended it: the right to send it was taken away.
      if (toPlenumError(error).code !== 'not-found') throw error;
    }
  }

  /** Ends it on the server. */
  async stop(): Promise<void> {
    const live = this.#live;
    this.#live = undefined;
    if (live) await this.#retire(live);
  }

  /** Switches off what nobody watches, and on again what somebody watches. The own picture is not concerned. */
  limitLayers(): Promise<void> {
    return this.#changeSender((parameters, live) => {
      const maxLayer = this.#host.maxLayer(live.publicationId);
      return maxLayer === undefined ? undefined : limitLayers(parameters.encodings, live.plan, maxLayer);
    });
  }

  /** Makes a key frame now, where the browser can (W3C webrtc-extensions, `encodingOptions`); elsewhere nothing happens. */
  makeKeyFrame(): Promise<void> {
    return this.#changeSender(({ encodings }) => ({ encodingOptions: encodings.map(() => ({ keyFrame: true })) }));
  }

  /** `change` alters the parameters of the video's sender and returns the options to set them with, if there is a need. */
  #changeSender(change: (parameters: RTCRtpSendParameters, live: Live) => object | undefined): Promise<void> {
    return this.#parameters.run(async () => {
      const live = this.#live;
      const sender = live?.producer.rtpSender;
      if (!sender || live.producer.closed || !this.#isVideo) return;
      const parameters = sender.getParameters();
      // TypeScript's DOM does not know the options yet.
      const options = change(parameters, live);
      try {
        if (options) await sender.setParameters(parameters, options);
      } catch (error) {
        if (!live.producer.closed) throw error;
      }
    });
  }

  stats(): Promise<RTCStatsReport> | undefined {
    const producer = this.#live?.producer;
    return producer && !producer.closed ? producer.getStats() : undefined;
  }
}
