/** What happens to the page and the machine while one is in a room. */
export interface PageListener {
  /** The page goes away; there is no time to wait for anything. */
  hidden(): void;
  devicesChanged(): void;
}

export class PageWatch {
  readonly #listener: PageListener;

  constructor(listener: PageListener) {
    this.#listener = listener;
  }

  /** Idempotent. */
  watch(): void {
    globalThis.addEventListener('pagehide', this.#onPageHide);
    navigator.mediaDevices?.addEventListener('devicechange', this.#onDeviceChange);
  }

  forget(): void {
    globalThis.removeEventListener('pagehide', this.#onPageHide);
    navigator.mediaDevices?.removeEventListener('devicechange', this.#onDeviceChange);
  }

  readonly #onPageHide = (): void => this.#listener.hidden();

  readonly #onDeviceChange = (): void => this.#listener.devicesChanged();
}
