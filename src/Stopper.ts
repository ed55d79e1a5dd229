import type { App } from './app.ts';
import type { Logger } from './log.ts';

/** The same signal arrives twice when npm or a wrapper passes it on; only a later one means impatience. */
const samePressMs = 1000;

export interface StopperOptions {
  log: Logger;
  /** Ends the process. */
  exit: (code: number) => void;
  /** A clock in milliseconds. */
  now: () => number;
}

/** What is stopped: all of it that matters here. */
export type Stoppable = Pick<App, 'close' | 'drain'> & { registry: Pick<App['registry'], 'participants'> };

/**
 * Ends the process cleanly: on SIGTERM, with which machines replace a server, when its meetings have ended or had time to;
 * at once where a person says so (Ctrl-C, a terminal that is closed), says so again, or the program that started it has gone.
 */
export class Stopper {
  readonly #options: StopperOptions;
  #app: Stoppable | undefined;
  #drainingSince: number | undefined;
  #stoppingSince: number | undefined;

  constructor(options: StopperOptions) {
    this.#options = options;
  }

  /** From now on there is something to stop. */
  serve(app: Stoppable): void {
    this.#app = app;
  }

  /** For a signal that came. */
  signal(name: 'SIGINT' | 'SIGHUP' | 'SIGTERM'): void {
    if (name === 'SIGTERM') {
      if (this.#isSamePress(this.#drainingSince)) return;
      if (this.#drainingSince === undefined && this.#stoppingSince === undefined && this.#app) {
        this.#drain(this.#app);
        return;
      }
    }
    if (this.#stoppingSince === undefined) this.stop(name);
    else if (!this.#isSamePress(this.#stoppingSince)) this.#options.exit(1);
  }

  /** At once, and only the first time. @param code with which the process ends where it can stop cleanly */
  stop(why: string, code = 0): void {
    if (this.#stoppingSince !== undefined) return;
    const { log, exit, now } = this.#options;
    this.#stoppingSince = now();
    log.info({ why }, 'server stops');
    const closing = this.#app?.close() ?? Promise.resolve();
    closing.then(
      () => exit(code),
      (error: unknown) => {
        log.error({ err: error }, 'the server did not stop cleanly');
        exit(1);
      },
    );
  }

  #drain(app: Stoppable): void {
    const { log, now } = this.#options;
    this.#drainingSince = now();
    const { participants } = app.registry;
    log.info({ participants }, 'server drains: its meetings go on for a while, and it begins no new ones');
    app.drain().then(
      () => this.stop('drained'),
      (error: unknown) => {
        log.error({ err: error }, 'the server could not wait for its meetings');
        this.stop('not drained');
      },
    );
  }

  #isSamePress(since: number | undefined): boolean {
    return since !== undefined && this.#options.now() - since <= samePressMs;
  }
}
