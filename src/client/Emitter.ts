type Listeners<Events extends Record<keyof Events, unknown[]>> = {
  [K in keyof Events]?: Set<(...args: Events[K]) => void>;
};

/** A small typed emitter. A listener that throws is reported to the page and does not keep others from being called. */
export class Emitter<Events extends Record<keyof Events, unknown[]>> {
  readonly #listeners: Listeners<Events> = {};

  /** Calls the listener at each event of that name. Returns a function that ends it. */
  on<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): () => void {
    let listeners = this.#listeners[event];
    if (!listeners) {
      listeners = new Set();
      this.#listeners[event] = listeners;
    }
    listeners.add(listener);
    return () => this.off(event, listener);
  }

  /** Like `on`, for the next event only. */
  once<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): () => void {
    const stop = this.on(event, (...args) => {
      stop();
      listener(...args);
    });
    return stop;
  }

  off<K extends keyof Events>(event: K, listener: (...args: Events[K]) => void): void {
    this.#listeners[event]?.delete(listener);
  }

  emit<K extends keyof Events>(event: K, ...args: Events[K]): void {
    for (const listener of [...(this.#listeners[event] ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
