import type { Kind, Metadata, Source, VideoCodec } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { isCaptured } from './capture.ts';
import { Sending } from './Sending.ts';
import type { SendingHost, SendingOptions } from './SendingHost.ts';
import { Serial } from './Serial.ts';
import { kindOf, sizeOf } from './trackSize.ts';

/** What a publication needs of those around it. */
export interface PublicationHost extends SendingHost {
  changed(publication: LocalPublication): void;
  /** It has an id, perhaps another one. */
  published(publication: LocalPublication): void;
  /** The track ended by itself: the device is gone, or its permission. */
  ended(publication: LocalPublication, track: MediaStreamTrack): void;
}

export interface LocalPublicationOptions extends SendingOptions {
  track: MediaStreamTrack;
  muted: boolean;
  /** Never stop a track, whatever it comes from. */
  keepTrack: boolean;
  /** Starts the device again; without it a muted video keeps its track. */
  capture: (() => Promise<MediaStreamTrack>) | undefined;
}

/**
 * One track that this participant sends. The object stays the same when its track, its id or its codec changes: what is
 * wanted is kept here, and after each change the server's side is brought in line with it.
 */
export class LocalPublication {
  readonly source: Source;
  readonly kind: Kind;
  readonly #host: PublicationHost;
  /** Changes of the track, one after another; each may wait for a person to allow a device. */
  readonly #tracks = new Serial();
  /** What is asked of the server. Never behind a device: meanwhile the media may have to be rebuilt. */
  readonly #serial = new Serial();
  readonly #sending: Sending;
  #options: LocalPublicationOptions;
  #track: MediaStreamTrack | undefined;
  #muted: boolean;
  /** What was asked for last; `#muted` follows when the device is there. */
  #wantsMuted: boolean;
  #closed = false;

  /** @internal */
  constructor(host: PublicationHost, options: LocalPublicationOptions) {
    this.#host = host;
    this.#options = options;
    this.source = options.source;
    this.kind = kindOf(options.source);
    this.#muted = options.muted;
    this.#wantsMuted = options.muted;
    const wanted = () => ({ track: this.#track, muted: this.#muted, closed: this.#closed });
    this.#sending = new Sending(host, options, wanted, {
      changed: () => host.changed(this),
      published: () => host.published(this),
      muted: () => this.#silence(),
    });
    this.#setTrack(options.track);
  }

  /** Undefined while the camera is off. */
  get track(): MediaStreamTrack | undefined {
    return this.#track;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** The id by which the room knows it; another one after a reconnect or a change of codec. Undefined while unsent. */
  get publicationId(): string | undefined {
    return this.#sending.publicationId;
  }

  /** @internal Whether the server may have it under an id that is not known here yet. */
  get publishing(): boolean {
    return this.#sending.publishing;
  }

  /** Captured width in pixels. */
  get width(): number | undefined {
    return this.#track && sizeOf(this.#track).width;
  }

  /** Captured height in pixels. */
  get height(): number | undefined {
    return this.#track && sizeOf(this.#track).height;
  }

  get metadata(): Metadata {
    return this.#options.metadata;
  }

  /** Lower-case name of the video codec in use; undefined for audio and while unsent. */
  get codec(): VideoCodec | undefined {
    return this.#sending.codec;
  }

  /** Stops sending, at once. A camera is released: its light goes off. */
  async mute(): Promise<void> {
    this.#silence();
    await this.refresh();
  }

  #silence(): void {
    this.#wantsMuted = true;
    if (this.#muted) return;
    this.#muted = true;
    if (this.#track && this.#releasedByMute(this.#track)) this.#dropTrack();
    else if (this.#track) this.#track.enabled = false;
    this.#host.changed(this);
  }

  /**
   * Sends again; a camera is started first.
   * @throws PlenumError `permission-denied`, `device-not-found`, `device-in-use`; it is muted then as before.
   */
  async unmute(): Promise<void> {
    this.#wantsMuted = false;
    await this.#tracks.run(async () => {
      if (this.#wantsMuted || this.#closed || !this.#muted) return;
      if (!this.#track) {
        const fresh = await this.#capture();
        // While the device was starting it may have been muted again.
        if (this.#wantsMuted || this.#closed) {
          fresh.stop();
          return;
        }
        this.#setTrack(fresh);
      }
      this.#muted = false;
      if (this.#track) this.#track.enabled = true;
      this.#host.changed(this);
    });
    await this.refresh();
  }

  async #capture(): Promise<MediaStreamTrack> {
    if (this.#options.capture) return this.#options.capture();
    throw new PlenumError('device-not-found', 'The track has ended; give another one with replaceTrack().');
  }

  /**
   * Sends another track from now on, under the same object. Muted stays muted: a camera that is off is not kept running
   * for a track that nobody gets, so the new track is stopped, and `unmute()` starts the device anew.
   */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    if (track.kind !== this.kind) {
      throw new PlenumError('bad-request', `A ${this.kind} publication cannot send a track of kind ${track.kind}.`);
    }
    await this.#tracks.run(async () => {
      if (this.#closed) throw new PlenumError('closed', 'The publication has ended.');
      if (track === this.#track) return;
      // It may have been muted while the device was starting.
      if (this.#muted && this.#releasedByMute(track)) {
        track.stop();
        return;
      }
      this.#dropTrack();
      this.#setTrack(track);
      this.#host.changed(this);
    });
    await this.refresh();
  }

  /** @internal How the device is started again from now on. */
  setCapture(capture: () => Promise<MediaStreamTrack>): void {
    this.#options = { ...this.#options, capture };
  }

  /** Whether the track is the publication's to stop: devices and screens are, the track of a canvas is not. */
  #owns(track: MediaStreamTrack): boolean {
    return !this.#options.keepTrack && isCaptured(track);
  }

  /** A camera's light must not stay on while it is muted, and there is a way to start it again. */
  #releasedByMute(track: MediaStreamTrack): boolean {
    return this.kind === 'video' && this.#options.capture !== undefined && this.#owns(track);
  }

  #setTrack(track: MediaStreamTrack): void {
    this.#track = track;
    track.enabled = !this.#muted;
    track.addEventListener('ended', this.#onEnded);
  }

  #dropTrack(): void {
    const track = this.#track;
    if (!track) return;
    this.#track = undefined;
    track.removeEventListener('ended', this.#onEnded);
    if (this.#owns(track)) track.stop();
  }

  readonly #onEnded = (event: Event): void => {
    const track = this.#track;
    if (!track || event.target !== track || this.#closed) return;
    this.#dropTrack();
    this.#host.ended(this, track);
  };

  /** @internal Brings the server's side in line with what is wanted here, after whatever is under way. */
  refresh(): Promise<void> {
    return this.#serial.run(async () => {
      if (!this.#closed) await this.#sending.sync();
    });
  }

  /** @internal What is watched of it has changed. Not queued behind requests to the server: somebody waits for a picture. */
  limitLayers(): Promise<void> {
    return this.#sending.limitLayers();
  }

  /** @internal */
  makeKeyFrame(): Promise<void> {
    return this.#sending.makeKeyFrame();
  }

  /** @internal */
  stats(): Promise<RTCStatsReport> | undefined {
    return this.#sending.stats();
  }

  /** @internal Ends it for good; the device is released where it is the room's. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wantsMuted = true;
    this.#dropTrack();
    await this.#serial.run(() => this.#sending.stop());
  }

  /** @internal The room is left: the device is released at once, and the server takes down the rest by itself. */
  release(): void {
    this.#closed = true;
    this.#wantsMuted = true;
    this.#dropTrack();
  }
}
