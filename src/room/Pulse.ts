import type { Clock, MediaTransport } from './ports.ts';

/** Between two looks, in milliseconds. */
const intervalMs = 500;

export interface PulseOptions {
  clock: Clock;
  /** What is to be looked at; asked anew each time. */
  transports: () => readonly Pick<MediaTransport, 'bytesReceived'>[];
  /** Sends something that a living client acknowledges. */
  probe: () => void;
  /** After each look that got an answer. */
  looked: () => void;
}

/**
 * Whether a client of which nothing is heard still sends anything over its transports. The worker does not count the
 * checks by which a browser keeps its paths open, and a client may send no media and get none: so it is also sent
 * something that it has to acknowledge. Asking costs the worker a message, and is done only while it matters.
 */
export class Pulse {
  readonly #options: PulseOptions;
  #bytes: number | undefined;
  #lastAt = 0;
  #cancel: (() => void) | undefined;
  /** Grows with each start and stop: a look that began before is not of now. */
  #period = 0;
  #running = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** When something was last seen to have arrived, or the look-out began, by the clock. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** Idempotent. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#period += 1;
    this.#bytes = undefined;
    this.#lastAt = this.#options.clock.now();
    this.#schedule(0);
  }

  stop(): void {
    this.#running = false;
    this.#period += 1;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(ms: number): void {
    this.#cancel = this.#options.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const period = this.#period;
    this.#options.probe();
    const bytes = await this.#ask();
    if (period !== this.#period) return;
    if (bytes !== undefined) {
      if (this.#bytes !== undefined && bytes !== this.#bytes) this.#lastAt = this.#options.clock.now();
      this.#bytes = bytes;
      this.#options.looked();
    }
    if (period === this.#period) this.#schedule(intervalMs);
  }

  /** Undefined where the worker does not say: it may be dying, which is not the client's fault. */
  async #ask(): Promise<number | undefined> {
    try {
      const each = await Promise.all(this.#options.transports().map((transport) => transport.bytesReceived()));
      return each.reduce((sum, bytes) => sum + bytes, 0);
    } catch {
      return undefined;
    }
  }
}
