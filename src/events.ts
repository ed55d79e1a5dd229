type Listeners<T extends { [K in keyof T]: unknown[] }> = { [K in keyof T]?: Set<(...args: T[K]) => void> };

/**
 * A typed emitter whose `emit` cannot fail: a listener that throws neither keeps the event from the others nor reaches
 * the caller. What it threw becomes an uncaught exception of its own, since it is a bug.
 */
export class Emitter<T extends { [K in keyof T]: unknown[] }> {
  readonly #listeners: Listeners<T> = {};

  /** Returns the function that takes the listener off again. */
  on<K extends keyof T>(event: K, listener: (...args: T[K]) => void): () => void {
    const listeners = this.#listeners[event] ?? new Set();
    this.#listeners[event] = listeners;
    // A function of its own, so that the same listener may be put on twice.
    const own = (...args: T[K]) => listener(...args);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  emit<K extends keyof T>(event: K, ...args: T[K]): void {
    for (const listener of [...(this.#listeners[event] ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    for (const event in this.#listeners) delete this.#listeners[event];
  }
}
