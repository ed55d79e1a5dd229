/** `local`: only the browser's side is made anew, which needs no signaling; `server`: the server's credentials as well. */
export type RestartKind = 'local' | 'server';

/** Waited for the effect of each restart before the next, in milliseconds. */
const pausesMs = [1200, 1500, 2500, 4000];
/**
 * The same where checks are answered already, and the browser only waits before it changes over, in milliseconds. Only
 * after the second restart: a pair that is young at that moment is checked, and so nominated, each 0.9 s, later each 2.5 s.
 */
const changeOverMs = 4500;
/** A network that appears is used at once, but not more often than this, in milliseconds. */
const leastPauseMs = 300;
/** After so long without media the visit is given up, in milliseconds. */
export const giveUpMs = 15_000;
/** At most so many restarts in one trouble: browsers may report one network after the other. */
const mostRestarts = 12;
/** A path that works for so long, in milliseconds, has left its trouble behind. */
const calmMs = 5000;

/**
 * When ICE is restarted because the path is broken: at once, again with growing pauses (the first one may have come before
 * the new network was up), and at once when the browser reports a network.
 */
export class RestartPlan {
  #startedAt: number;
  #settledAt: number | undefined;
  #restarts = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #hurried = false;

  constructor(now: number) {
    this.#startedAt = now;
  }

  /** The path works. */
  settled(now: number): void {
    this.#settledAt ??= now;
  }

  /** It is broken again: after a while without trouble a new plan begins, else this one goes on with its pauses. */
  broken(now: number): void {
    if (this.#settledAt === undefined) return;
    if (now - this.#settledAt >= calmMs) this.#restarts = 0;
    this.#settledAt = undefined;
    this.#startedAt = now;
  }

  get lastAt(): number {
    return this.#lastAt;
  }

  /** Whether it is time for the next restart. `wayOut`: the last one has found a path that works. */
  due(now: number, wayOut = false): boolean {
    if (this.#restarts >= mostRestarts) return false;
    if (wayOut && this.#restarts > 1 && !this.#hurried) return now - this.#lastAt >= changeOverMs;
    const pause = pausesMs[Math.min(this.#restarts, pausesMs.length) - 1] ?? 0;
    return now - this.#lastAt >= (this.#hurried ? leastPauseMs : pause);
  }

  /** The browser has just reported a network, or the socket is back: the next restart need not wait for the last one. */
  hasten(): void {
    this.#hurried = true;
  }

  /** One is being made. Each second one asks the server, if it can be asked: a server may have lost what the browser keeps. */
  restarting(now: number, reachable: boolean): RestartKind {
    this.#restarts += 1;
    this.#lastAt = now;
    this.#hurried = false;
    return reachable && this.#restarts % 2 === 0 ? 'server' : 'local';
  }

  hopeless(now: number): boolean {
    return now - this.#startedAt >= giveUpMs;
  }
}
