import type { Direction, MediaLink } from './MediaLink.ts';
import { type Health, PathHealth, type Probe } from './PathHealth.ts';
import { type Counters, PathCounters } from './pathCounters.ts';

export interface MediaWatchListener {
  /** After each look. */
  looked(health: Health): void;
  /** What the browser counts of what is received, at each look. @returns whether anything should be received now */
  received(report: RTCStatsReport): boolean;
  /** Nothing comes on it any more, where much came and should, although the path of the other one works. */
  deaf(direction: Direction): void;
  /** The browser reports a network, or other addresses. */
  networkChanged(): void;
}

/** Between two looks, in milliseconds. */
const intervals: Record<Health, number> = { fine: 400, doubtful: 100, broken: 200 };
/** A look that comes so much too late, in milliseconds, follows a sleep; pages in the background are held up by one second. */
const sleptMs = 3000;

/**
 * Looks whether packets still arrive, long before the browser's own ICE state says that they do not (5 s and more), and
 * hears what the browser says of the network.
 */
export class MediaWatch {
  readonly #link: MediaLink;
  readonly #listener: MediaWatchListener;
  readonly #path = new PathHealth();
  readonly #counters: Record<Direction, PathCounters> = { send: new PathCounters(), recv: new PathCounters() };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = 0;
  /** What was sent first in this doubt. */
  #probe: Probe | undefined;
  #looking = false;
  #started = false;
  #closed = false;

  constructor(link: MediaLink, listener: MediaWatchListener) {
    this.#link = link;
    this.#listener = listener;
  }

  /** Idempotent. */
  start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    globalThis.addEventListener('online', this.#onNetwork);
    globalThis.addEventListener('offline', this.#onDoubt);
    connection()?.addEventListener('change', this.#onNetwork);
    this.#schedule();
  }

  /** Something may have broken the path: looks at once. */
  doubt(): void {
    if (!this.#started || this.#closed) return;
    this.#path.doubt(performance.now());
    void this.#look();
  }

  /** Whether checks have been answered since then, so that the browser is about to change over. */
  hasWayOut(since: number): boolean {
    return this.#path.hasWayOut(since);
  }

  /** The browser has given the path up. */
  failed(): void {
    this.#path.break(performance.now());
    this.start();
    void this.#look();
  }

  /** The browser says that a transport is connected. */
  connected(): void {
    this.#path.connected();
    this.start();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    globalThis.removeEventListener('online', this.#onNetwork);
    globalThis.removeEventListener('offline', this.#onDoubt);
    connection()?.removeEventListener('change', this.#onNetwork);
  }

  readonly #onDoubt = (): void => this.doubt();

  readonly #onNetwork = (): void => {
    this.doubt();
    if (!this.#closed) this.#listener.networkChanged();
  };

  #schedule(): void {
    clearTimeout(this.#timer);
    const ms = intervals[this.#path.health];
    // Not the monotonic clock, which stands still in some sleeping machines.
    this.#dueAt = Date.now() + ms;
    this.#timer = setTimeout(() => this.#due(), ms);
  }

  #due(): void {
    if (Date.now() - this.#dueAt > sleptMs) this.doubt();
    else void this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    try {
      const reports = await this.#reports();
      if (reports && !this.#closed) this.#judge(reports);
    } finally {
      this.#looking = false;
      if (!this.#closed) this.#schedule();
    }
  }

  /** Undefined where the transports were closed in the same moment; whoever closed them ends the watch as well. */
  async #reports(): Promise<Partial<Record<Direction, RTCStatsReport>> | undefined> {
    try {
      const [send, recv] = await Promise.all([this.#link.stats('send'), this.#link.stats('recv')]);
      return { ...(send && { send }), ...(recv && { recv }) };
    } catch {
      return undefined;
    }
  }

  #judge({ send, recv }: Partial<Record<Direction, RTCStatsReport>>): void {
    const counters = new Map<Direction, Counters>();
    let expected = false;
    if (send) counters.set('send', this.#counters.send.read(send));
    if (recv) {
      counters.set('recv', this.#counters.recv.read(recv));
      expected = this.#listener.received(recv);
    }
    const health = this.#path.look(performance.now(), counters, this.#probe);
    // What is sent now is answered before a later look; the data channels are on the transport that sends.
    if (health === 'fine') this.#probe = undefined;
    else if (this.#link.probe()) this.#probe = probed(this.#probe);
    // The one that sends is broken where its probe is not answered.
    if (expected && this.#path.deaf.includes('recv')) this.#listener.deaf('recv');
    this.#listener.looked(health);
  }
}

function probed(before: Probe | undefined): Probe {
  const { at = performance.now(), times = 0 } = before ?? {};
  return { way: 'send', at, times: times + 1 };
}

/** Chromium tells of changes here (Network Information API); others do not have it. */
function connection(): EventTarget | undefined {
  const found: unknown = Reflect.get(navigator, 'connection');
  return found instanceof EventTarget ? found : undefined;
}
