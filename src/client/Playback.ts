import { PlenumError } from '../protocol/index.ts';
import type { Hub } from './Hub.ts';

/** Plays elements, and remembers those that the browser kept silent until the person does something. */
export class Playback {
  readonly #hub: Hub;
  readonly #blocked = new Set<HTMLMediaElement>();

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  get canPlay(): boolean {
    return this.#blocked.size === 0;
  }

  play(element: HTMLMediaElement): void {
    // A block has been told by `audioBlocked`; start() tries again.
    this.#try(element).catch(() => undefined);
  }

  /** The element is gone or has nothing to play. */
  forget(element: HTMLMediaElement): void {
    if (this.#blocked.delete(element) && this.#blocked.size === 0) this.#hub.emit('audioStarted');
  }

  /** Plays everything that was blocked; to be called while the browser handles a click or a key. */
  async start(): Promise<void> {
    const results = await Promise.allSettled([...this.#blocked].map((element) => this.#try(element)));
    if (results.some((result) => result.status === 'rejected')) {
      throw new PlenumError('permission-denied', 'The browser still refuses to play sound: call this in a click.');
    }
  }

  /** Rejects only where the browser wants a gesture first. */
  async #try(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      // An AbortError says that the element got another source meanwhile, which brings its own play().
      if (!(error instanceof DOMException && error.name === 'NotAllowedError')) return;
      const first = this.#blocked.size === 0;
      this.#blocked.add(element);
      if (first) this.#hub.emit('audioBlocked');
      throw error;
    }
    this.forget(element);
  }
}
