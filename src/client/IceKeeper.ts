import type { types } from 'mediasoup-client';
import type { Direction, MediaLink } from './MediaLink.ts';
import { MediaWatch } from './MediaWatch.ts';
import type { Health } from './PathHealth.ts';
import { RestartPlan } from './RestartPlan.ts';

export interface IceKeeperHost {
  /** Asks the server for new credentials. */
  restart: (direction: Direction) => Promise<types.IceParameters>;
  /** Whether the server can be asked anything now. */
  reachable: () => boolean;
  /** No packets arrive any more. */
  onBroken: () => void;
  /** Packets flow again after the path was broken; pictures that were lost meanwhile are not sent again. */
  onRestored: () => void;
  /** Nothing has brought the media back. */
  onFailed: () => void;
  /** What the browser counts of what is received, after each look. Tells whether anything should be received now. */
  received: (report: RTCStatsReport) => boolean;
}

/** Restarts ICE (RFC 8445, 9) on both transports when their path is broken, and says when that does not help. */
export class IceKeeper {
  readonly #link: MediaLink;
  readonly #host: IceKeeperHost;
  readonly #watch: MediaWatch;
  #plan: RestartPlan | undefined;
  #broken = false;
  #closed = false;

  constructor(link: MediaLink, host: IceKeeperHost) {
    this.#link = link;
    this.#host = host;
    this.#watch = new MediaWatch(link, {
      looked: (health) => this.#looked(health),
      received: (report) => host.received(report),
      // The browser's own next check would mend it as well, in up to 2.5 s: also where this fails.
      deaf: (direction) => void this.#make('local', direction).catch(() => undefined),
      networkChanged: () => this.#plan?.hasten(),
    });
  }

  /** Whether no packets find their way right now. */
  get broken(): boolean {
    return this.#broken;
  }

  /** What the browser says of a transport; the watch has mostly known it for seconds. */
  changed(_direction: Direction, state: types.ConnectionState): void {
    if (this.#closed) return;
    switch (state) {
      case 'connected':
        this.#watch.connected();
        break;
      case 'disconnected':
        this.#watch.doubt();
        break;
      case 'failed':
        this.#watch.failed();
        break;
      case 'new':
      case 'connecting':
      case 'closed':
        break;
    }
  }

  /** The socket was lost: the network may be gone. */
  doubt(): void {
    this.#watch.doubt();
  }

  /** The socket is back: a restart that is wanted need not wait. */
  socketBack(): void {
    this.#plan?.hasten();
    this.#watch.doubt();
  }

  #looked(health: Health): void {
    const now = performance.now();
    if (health !== 'broken') {
      this.#plan?.settled(now);
      if (!this.#broken) return;
      this.#broken = false;
      this.#host.onRestored();
      return;
    }
    if (!this.#broken) {
      this.#broken = true;
      this.#host.onBroken();
    }
    // Whoever heard of it may have left.
    if (this.#closed) return;
    this.#plan ??= new RestartPlan(now);
    this.#plan.broken(now);
    if (this.#plan.hopeless(now)) {
      this.close();
      this.#host.onFailed();
    } else if (this.#plan.due(now, this.#watch.hasWayOut(this.#plan.lastAt)) && navigator.onLine) {
      // Without a network nothing could be gathered.
      const kind = this.#plan.restarting(now, this.#host.reachable());
      // Where one fails, the next is due by the plan, and in the end the visit is given up.
      for (const direction of ['recv', 'send'] as const) this.#make(kind, direction).catch(() => undefined);
    }
  }

  async #make(kind: 'local' | 'server', direction: Direction): Promise<void> {
    if (kind === 'local') return this.#link.gatherAnew(direction);
    const iceParameters = await this.#host.restart(direction);
    if (!this.#closed) await this.#link.restartIce(direction, iceParameters);
  }

  close(): void {
    this.#closed = true;
    this.#watch.close();
  }
}
