import type { Kind, Metadata, PublicationInfo, Source } from '../protocol/index.ts';
import type { MediaProducer } from './ports.ts';

export interface PublicationOptions {
  participantId: string;
  source: Source;
  kind: Kind;
  muted: boolean;
  width?: number;
  height?: number;
  metadata: Metadata;
}

/** Key frames are large: more of them would cost everybody else their quality. */
const keyFrameIntervalMs = 250;

/** One track that a participant sends. Owned by the participant, which closes it. */
export class Publication {
  readonly publicationId: string;
  #producer: MediaProducer;
  #routerId: string;
  readonly #options: PublicationOptions;
  #mutings = 0;
  #keyFrameAskedAt = Number.NEGATIVE_INFINITY;

  constructor(producer: MediaProducer, routerId: string, options: PublicationOptions) {
    this.publicationId = producer.producerId;
    this.#producer = producer;
    this.#routerId = routerId;
    this.#options = { ...options };
  }

  get producer(): MediaProducer {
    return this.#producer;
  }

  /** Which router the producer lives on; to the others of the room it is piped. */
  get routerId(): string {
    return this.#routerId;
  }

  /** False from the end of its worker until its publisher sends it again. */
  get live(): boolean {
    return !this.#producer.closed;
  }

  /**
   * Its publisher sends it again, after the worker went.
   * @returns whether the room has to be told of another codec or other layers
   */
  restored(producer: MediaProducer, routerId: string): boolean {
    const { codec, spatialLayers } = this.#producer;
    this.#producer = producer;
    this.#routerId = routerId;
    return codec !== producer.codec || spatialLayers !== producer.spatialLayers;
  }

  get participantId(): string {
    return this.#options.participantId;
  }

  get source(): Source {
    return this.#options.source;
  }

  get kind(): Kind {
    return this.#options.kind;
  }

  get muted(): boolean {
    return this.#options.muted;
  }

  get info(): PublicationInfo {
    return {
      publicationId: this.publicationId,
      ...this.#options,
      codec: this.#producer.codec,
      spatialLayers: this.#producer.spatialLayers,
    };
  }

  /** Pauses or resumes on the server; resolves when the worker has done it. Where it fails, nothing has changed. */
  async setMuted(muted: boolean): Promise<void> {
    if (this.#options.muted === muted) return;
    this.#options.muted = muted;
    this.#mutings += 1;
    const muting = this.#mutings;
    const producer = this.#producer;
    try {
      // While it is not sent there is nothing to pause: it comes back as it is wanted then.
      if (!producer.closed) await (muted ? producer.pause() : producer.resume());
    } catch (error) {
      if (producer.closed) return;
      // Nobody must be shown as muted who is heard; and asked again, it is tried again.
      if (muting === this.#mutings) this.#options.muted = !muted;
      throw error;
    }
  }

  /**
   * Whether its publisher is to be asked for a key frame now. Requests that come within a moment are one: a single key
   * frame serves everybody who waits.
   *
   * @param now milliseconds
   */
  mayAskForKeyFrame(now: number): boolean {
    if (now - this.#keyFrameAskedAt < keyFrameIntervalMs) return false;
    this.#keyFrameAskedAt = now;
    return true;
  }

  /** @returns whether its size is another one now */
  describe(changes: Partial<Pick<PublicationOptions, 'width' | 'height' | 'metadata'>>): boolean {
    const { width, height } = this.#options;
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    Object.assign(this.#options, Object.fromEntries(given));
    return width !== this.#options.width || height !== this.#options.height;
  }

  close(): void {
    this.#producer.close();
  }
}
