import type { types } from 'mediasoup-client';
import type { Direction, MediaLink } from './MediaLink.ts';

export interface IceKeeperHost {
  /** Asks the server for new credentials. */
  restart: (direction: Direction) => Promise<types.IceParameters>;
  /** Neither waiting nor restarting has brought the media back. */
  onFailed: () => void;
}

/** How long a disconnected transport may find its way back by itself, in milliseconds. */
const patienceMs = 2000;
/** After so long without media the visit is given up, in milliseconds. */
const giveUpMs = 15_000;

interface Trouble {
  restart: ReturnType<typeof setTimeout>;
  giveUp: ReturnType<typeof setTimeout>;
}

/** Restarts ICE (RFC 8445, 9) on a transport that lost its path, and says when that does not help. */
export class IceKeeper {
  readonly #link: MediaLink;
  readonly #host: IceKeeperHost;
  readonly #troubles = new Map<Direction, Trouble>();
  #closed = false;

  constructor(link: MediaLink, host: IceKeeperHost) {
    this.#link = link;
    this.#host = host;
  }

  changed(direction: Direction, state: types.ConnectionState): void {
    if (this.#closed) return;
    switch (state) {
      case 'connected':
        this.#settle(direction);
        break;
      case 'disconnected':
        this.#trouble(direction, patienceMs);
        break;
      case 'failed':
        this.#trouble(direction, 0);
        break;
      case 'new':
      case 'connecting':
      case 'closed':
        break;
    }
  }

  #trouble(direction: Direction, waitMs: number): void {
    const known = this.#troubles.get(direction);
    if (known) clearTimeout(known.restart);
    this.#troubles.set(direction, {
      restart: setTimeout(() => this.#restart(direction), waitMs),
      giveUp: known?.giveUp ?? setTimeout(() => this.#giveUp(), giveUpMs),
    });
  }

  #restart(direction: Direction): void {
    this.#host
      .restart(direction)
      .then((iceParameters) => (this.#closed ? undefined : this.#link.restartIce(direction, iceParameters)))
      .catch(() => {
        // The server no longer knows the transport, or does not answer: only a new visit helps.
        if (this.#troubles.has(direction)) this.#giveUp();
      });
  }

  #giveUp(): void {
    if (this.#closed) return;
    this.close();
    this.#host.onFailed();
  }

  #settle(direction: Direction): void {
    const trouble = this.#troubles.get(direction);
    if (!trouble) return;
    clearTimeout(trouble.restart);
    clearTimeout(trouble.giveUp);
    this.#troubles.delete(direction);
  }

  close(): void {
    this.#closed = true;
    this.#settle('send');
    this.#settle('recv');
  }
}
