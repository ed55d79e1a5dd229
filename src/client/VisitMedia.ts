import type { types } from 'mediasoup-client';
import type { MediaSession } from '../protocol/index.ts';
import { IceKeeper, type IceKeeperHost } from './IceKeeper.ts';
import { MediaLink, type MediaLinkOptions } from './MediaLink.ts';

/** How long the server may take to move the media after a worker has gone, in milliseconds. */
const movedTimeoutMs = 12_000;

export type VisitMediaOptions = Pick<MediaLinkOptions, 'device' | 'certificate' | 'iceServers'> & IceKeeperHost;

/** The transports of one visit and what keeps their path: those of the join, and others when a worker has gone. */
export class VisitMedia {
  readonly #options: VisitMediaOptions;
  #link: MediaLink;
  #ice: IceKeeper;
  #moved = Promise.withResolvers<boolean>();
  #closed = false;

  constructor(options: VisitMediaOptions, media: MediaSession) {
    this.#options = options;
    this.#link = this.#open(media);
    this.#ice = new IceKeeper(this.#link, options);
  }

  get link(): MediaLink {
    return this.#link;
  }

  get pathBroken(): boolean {
    return this.#ice.broken;
  }

  /** The socket was lost: the network may be gone. */
  doubt(): void {
    this.#ice.doubt();
  }

  socketBack(): void {
    this.#ice.socketBack();
  }

  /**
   * The server has moved the media to other transports.
   * @returns what closes the former ones, whose last pictures may be seen until there are others
   */
  move(media: MediaSession): () => void {
    const former = this.#link;
    if (this.#closed) return () => undefined;
    this.#ice.close();
    former.stopSending();
    this.#link = this.#open(media);
    this.#ice = new IceKeeper(this.#link, this.#options);
    this.#moved.resolve(true);
    this.#moved = Promise.withResolvers<boolean>();
    return () => former.close();
  }

  /** Resolves to true when the media have been moved the next time, and to false where that does not happen. */
  async moved(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, movedTimeoutMs, false);
    try {
      return await Promise.race([this.#moved.promise, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Nothing is kept up any more; what still flows may be seen and heard until `close()`. */
  abandon(): void {
    this.#closed = true;
    this.#moved.resolve(false);
    this.#ice.close();
  }

  close(): void {
    this.abandon();
    this.#link.close();
  }

  #open(media: MediaSession): MediaLink {
    const { device, certificate, iceServers } = this.#options;
    const changed = (direction: 'send' | 'recv', state: types.ConnectionState) => {
      if (this.#link === link) this.#ice.changed(direction, state);
    };
    const link: MediaLink = new MediaLink({ device, certificate, iceServers, media, onConnectionState: changed });
    return link;
  }
}
