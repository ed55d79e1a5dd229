import { PlenumError } from '../protocol/index.ts';
import type { AudioLevel, MediaEngine, MediaLink, MediaRouter, Onset } from './ports.ts';

export interface RoomRoutersListener {
  /** A router's worker is gone, and the router with it. */
  failed(routerId: string): void;
  /** A producer on one of the routers has become loud. */
  onset(onset: Onset): void;
  /** Who has been loud lately, on one of the routers. */
  loud(levels: AudioLevel[]): void;
  /** Who speaks on any of the routers, loudest first. */
  levels(levels: AudioLevel[]): void;
}

/** One worker's part in a room. */
interface Branch {
  readonly opening: Promise<MediaRouter>;
  /** Once it is open: linked with all others that are. */
  router: MediaRouter | undefined;
  /** Participants who are there or on their way. */
  users: number;
}

/**
 * A room's routers, one on each worker that it uses. Each is linked with every other before anybody is let onto it, so
 * that a worker that has no descriptor or port left refuses while another one can still be taken, and not later, when a
 * publication is wanted there.
 */
export class RoomRouters {
  readonly #engine: MediaEngine;
  readonly #listener: RoomRoutersListener;
  /** By worker id. */
  readonly #branches = new Map<string, Branch>();
  readonly #links = new Map<string, MediaLink>();
  readonly #levels = new Map<MediaRouter, AudioLevel[]>();
  #closed = false;

  constructor(engine: MediaEngine, listener: RoomRoutersListener) {
    this.#engine = engine;
    this.#listener = listener;
  }

  /** Where the room has a router, or will have in a moment. */
  get workerIds(): ReadonlySet<string> {
    return new Set(this.#branches.keys());
  }

  /** Whether one of them is open. */
  get alive(): boolean {
    return this.#open.length > 0;
  }

  find(routerId: string): MediaRouter | undefined {
    return this.#open.find((router) => router.routerId === routerId);
  }

  linkBetween(one: MediaRouter, other: MediaRouter): MediaLink | undefined {
    return this.#links.get(pairOf(one, other));
  }

  /** The router on that worker, for one participant more; `leave()` is to be called when it goes. */
  async enter(workerId: string): Promise<MediaRouter> {
    let branch = this.#branches.get(workerId);
    if (!branch) {
      const opening = this.#openBranch(workerId);
      // Whoever waits for it hears of a failure.
      opening.catch(() => undefined);
      branch = { opening, router: undefined, users: 0 };
      this.#branches.set(workerId, branch);
    }
    branch.users += 1;
    try {
      return await branch.opening;
    } catch (error) {
      branch.users -= 1;
      if (this.#branches.get(workerId) === branch) this.#branches.delete(workerId);
      throw error;
    }
  }

  leave(router: MediaRouter): void {
    const branch = [...this.#branches.values()].find((each) => each.router === router);
    if (branch) branch.users -= 1;
    this.#closeUnused();
  }

  close(): void {
    this.#closed = true;
    for (const { router } of this.#branches.values()) router?.close();
    this.#branches.clear();
    this.#links.clear();
    this.#levels.clear();
  }

  /** Without those of whose end the news is still to come. */
  get #open(): MediaRouter[] {
    return [...this.#branches.values()].flatMap(({ router }) => (router && !router.closed ? router : []));
  }

  async #openBranch(workerId: string): Promise<MediaRouter> {
    const router = await this.#engine.createRouter(workerId);
    let failed = false;
    router.on('failed', () => {
      failed = true;
      this.#lose(workerId, router);
    });
    router.on('onset', (onset) => this.#listener.onset(onset));
    router.on('loud', (levels) => this.#listener.loud(levels));
    router.on('levels', (levels) => this.#heard(router, levels));
    try {
      const linked = new Set<MediaRouter>();
      for (;;) {
        const branch = this.#branches.get(workerId);
        if (this.#closed || router.closed || !branch) throw workerEnded();
        const missing = this.#open.filter((other) => !linked.has(other));
        if (missing.length === 0) {
          branch.router = router;
          this.#closeUnused();
          return router;
        }
        for (const other of missing) linked.add(other);
        await this.#linkAll(router, missing);
      }
    } catch (error) {
      const ended = failed || router.closed;
      router.close();
      throw ended ? workerEnded(error) : error;
    }
  }

  #lose(workerId: string, router: MediaRouter): void {
    if (this.#branches.get(workerId)?.router !== router) return;
    this.#branches.delete(workerId);
    router.close();
    if (this.#levels.delete(router)) this.#tellLevels();
    this.#listener.failed(router.routerId);
  }

  async #linkAll(router: MediaRouter, others: readonly MediaRouter[]): Promise<void> {
    const results = await Promise.allSettled(others.map((other) => this.#link(router, other)));
    // A router that was closed meanwhile needs no link.
    const failed = results.find((result, index) => {
      const other = others[index];
      return result.status === 'rejected' && other && this.#open.includes(other);
    });
    if (failed?.status === 'rejected') throw failed.reason;
  }

  async #link(one: MediaRouter, other: MediaRouter): Promise<void> {
    const link = await one.link(other);
    if (this.#closed || !this.#open.includes(other)) {
      link.close();
      return;
    }
    const pair = pairOf(one, other);
    this.#links.set(pair, link);
    link.on('closed', () => {
      if (this.#links.get(pair) === link) this.#links.delete(pair);
    });
  }

  /** The room keeps one router while nobody is there. */
  #closeUnused(): void {
    for (const [workerId, { router, users }] of this.#branches) {
      if (!router || users > 0 || this.#open.length < 2) continue;
      this.#branches.delete(workerId);
      router.close();
      if (this.#levels.delete(router)) this.#tellLevels();
    }
  }

  #heard(router: MediaRouter, levels: AudioLevel[]): void {
    this.#levels.set(router, levels);
    this.#tellLevels();
  }

  #tellLevels(): void {
    const [first = [], ...others] = this.#levels.values();
    // Each list is in order by itself.
    if (others.length === 0) this.#listener.levels(first);
    else this.#listener.levels([first, ...others].flat().toSorted((a, b) => b.level - a.level));
  }
}

function workerEnded(cause?: unknown): PlenumError {
  return new PlenumError('closed', 'the media worker has just ended; join again', { cause });
}

function pairOf(one: MediaRouter, other: MediaRouter): string {
  return [one.routerId, other.routerId].toSorted().join(' ');
}
