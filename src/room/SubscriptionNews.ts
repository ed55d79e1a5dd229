import type { Clock } from './ports.ts';
import type { SubscriptionStateReport } from './subscriptionStatus.ts';

/** Changes of layers are told at most once in this time. */
const intervalMs = 250;

export interface SubscriptionNewsOptions {
  clock: Clock;
  /** What is to be said of a publication now; undefined while the client must not hear of it. */
  report: (publicationId: string) => SubscriptionStateReport | undefined;
  tell: (states: SubscriptionStateReport[]) => void;
}

/** Tells a client how its subscriptions fare: what has changed since it was told last, and not too often. */
export class SubscriptionNews {
  readonly #options: SubscriptionNewsOptions;
  readonly #changed = new Set<string>();
  /** By publication id: what was said last. */
  readonly #told = new Map<string, string>();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: SubscriptionNewsOptions) {
    this.#options = options;
  }

  changed(publicationId: string): void {
    this.#changed.add(publicationId);
    this.#schedule();
  }

  /** The client has heard of more subscriptions: what was kept back about them can be said. */
  announced(): void {
    if (this.#changed.size > 0) this.#schedule();
  }

  /** There is no subscription of it any more. */
  forget(publicationId: string): void {
    this.#changed.delete(publicationId);
    this.#told.delete(publicationId);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    if (!this.#closed) this.#cancel ??= this.#options.clock.after(intervalMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    const states: SubscriptionStateReport[] = [];
    for (const publicationId of [...this.#changed]) {
      const state = this.#options.report(publicationId);
      // What is to be said of something that the client has not been told of has to wait until it has.
      if (!state) continue;
      this.#changed.delete(publicationId);
      const text = JSON.stringify(state);
      if (this.#told.get(publicationId) === text) continue;
      this.#told.set(publicationId, text);
      states.push(state);
    }
    if (states.length > 0) this.#options.tell(states);
  }
}
