import { lookAtProcess, type ProcessLook } from './processLook.ts';

/** Milliseconds between two looks. */
const lookIntervalMs = 250;
/** A worker is asked at every so-manieth look. */
const looksPerPing = 2;
/** So many looks without an answer are worth a look at the process: a second, if this process has time to look. */
const suspiciousLooks = 4;
/** Nothing that works takes so many looks to answer, however busy: 30 s. */
const mostLooks = 120;

export interface WatchdogOptions {
  pid: number;
  /** A cheap request; whatever it answers, and also where it fails, the worker has answered. */
  ping: () => Promise<unknown>;
  /** Called once. */
  hung: () => void;
  look?: (pid: number) => ProcessLook | undefined;
}

/**
 * Notices within two seconds that a worker process does nothing any more: it owes an answer, and is stopped, or sleeps
 * without having used any CPU since. One that is busy answers between two packets, and where it does not, its CPU time
 * grows, or it waits for a core (state `R`). Looks are counted and not time, so that a server that is itself held up takes
 * nobody for hung: between two looks it reads what has arrived.
 */
export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #timer: NodeJS.Timeout;
  #looks = 0;
  /** Looks since it was asked; undefined while no answer is due. */
  #unanswered: number | undefined;
  /** What the process had used when it was first suspected. */
  #usedBefore: number | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.look(), lookIntervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** To be called by the timer; also by tests. */
  look(): void {
    this.#looks += 1;
    if (this.#unanswered === undefined) {
      if (this.#looks % looksPerPing === 0) this.#ask();
      return;
    }
    this.#unanswered += 1;
    const { pid, look = lookAtProcess, hung } = this.#options;
    const seen = look(pid);
    this.#usedBefore ??= seen?.used;
    if (this.#unanswered < suspiciousLooks) return;
    if (this.#unanswered < mostLooks && !this.#standsStill(seen)) return;
    this.close();
    hung();
  }

  #ask(): void {
    this.#unanswered = 0;
    this.#usedBefore = undefined;
    const answered = () => {
      this.#unanswered = undefined;
    };
    this.#options.ping().then(answered, answered);
  }

  #standsStill(seen: ProcessLook | undefined): boolean {
    // Elsewhere than on Linux only the time tells.
    if (!seen) return false;
    if (seen.state === 'T' || seen.state === 't') return true;
    return seen.state === 'S' && seen.used === this.#usedBefore;
  }
}
