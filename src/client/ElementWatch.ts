import { drawnSize, type Size, toPixels } from './drawnVideo.ts';
import { ownSize } from './pictureSized.ts';

/** How one element is seen: not known yet (just attached), not at all, or as large as given, in physical pixels. */
export type Sight = { seen: 'unknown' } | { seen: 'no' } | { seen: 'yes'; size: Size };

/** So far outside the visible part a picture is fetched already, so that it is there when it is scrolled in. */
const margin = '100px';
/** A glance at another tab must not cost a fresh start of every picture. Milliseconds. */
const glanceMs = 5000;

interface Entry {
  intersects: boolean | undefined;
  box: Size;
  floating: PictureInPictureWindow | undefined;
  unlisten: () => void;
}

/** Watches video elements of the page: size, pixel ratio, whether they can be seen. Tells that something has changed. */
export class ElementWatch {
  readonly #onChange: () => void;
  readonly #onPageShown: () => void;
  readonly #entries = new Map<Element, Entry>();
  #observers: { resize: ResizeObserver; intersection: IntersectionObserver; stop: () => void } | undefined;
  #pageHidden = false;

  /** `onPageShown`: the page is looked at again after it had been hidden for a while. */
  constructor(onChange: () => void, onPageShown: () => void) {
    this.#onChange = onChange;
    this.#onPageShown = onPageShown;
  }

  watch(element: HTMLVideoElement): void {
    if (this.#entries.has(element)) return;
    this.#observers ??= this.#start();
    const entry: Entry = {
      intersects: undefined,
      box: { width: element.clientWidth, height: element.clientHeight },
      floating: undefined,
      unlisten: () => listeners.abort(),
    };
    const listeners = new AbortController();
    const { signal } = listeners;
    element.addEventListener('enterpictureinpicture', (event) => this.#floats(entry, event), { signal });
    element.addEventListener('leavepictureinpicture', () => this.#floats(entry, undefined), { signal });
    // The picture has another shape, or is there at last.
    element.addEventListener('resize', this.#onChange, { signal });
    this.#entries.set(element, entry);
    this.#observers.resize.observe(element);
    this.#observers.intersection.observe(element);
  }

  unwatch(element: HTMLVideoElement): void {
    const entry = this.#entries.get(element);
    if (!entry) return;
    entry.unlisten();
    this.#entries.delete(element);
    this.#observers?.resize.unobserve(element);
    this.#observers?.intersection.unobserve(element);
    if (this.#entries.size === 0) this.#stop();
  }

  /** @param captured the size of the picture as it is captured, where that is known */
  sightOf(element: HTMLVideoElement, captured: Size | undefined): Sight {
    const entry = this.#entries.get(element);
    if (!entry) return { seen: 'no' };
    const { floating, intersects, box } = entry;
    const seen = (size: Size): Sight => ({ seen: 'yes', size: toPixels(size, window.devicePixelRatio) });
    if (floating && floating.width > 0) return seen(drawnSize(floating, captured, 'contain'));
    // Moved into a window of its own (Document Picture-in-Picture), where the observers of this page see nothing.
    if (element.ownerDocument !== document) {
      return seen(drawnSize({ width: element.clientWidth, height: element.clientHeight }, captured, fitOf(element)));
    }
    if (this.#pageHidden) return { seen: 'no' };
    if (intersects === undefined) return { seen: 'unknown' };
    if (!intersects || !element.isConnected || box.width === 0 || box.height === 0) return { seen: 'no' };
    return seen(ownSize(element, box, captured) ?? drawnSize(box, captured, fitOf(element)));
  }

  close(): void {
    for (const entry of this.#entries.values()) entry.unlisten();
    this.#entries.clear();
    this.#stop();
  }

  #start() {
    const resize = new ResizeObserver((changes) => {
      for (const { target, contentRect } of changes) {
        const entry = this.#entries.get(target);
        if (entry) entry.box = { width: contentRect.width, height: contentRect.height };
      }
      this.#onChange();
    });
    // `scrollMargin` is for lists that scroll inside the page; browsers that do not know it pass over it.
    const options = { rootMargin: margin, scrollMargin: margin };
    const intersection = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) {
        const entry = this.#entries.get(target);
        if (entry) entry.intersects = isIntersecting;
      }
      this.#onChange();
    }, options);
    const stops = [this.#watchPage(), watchPixelRatio(this.#onChange)];
    return {
      resize,
      intersection,
      stop: () => {
        resize.disconnect();
        intersection.disconnect();
        for (const stop of stops) stop();
      },
    };
  }

  #stop(): void {
    this.#observers?.stop();
    this.#observers = undefined;
    this.#pageHidden = false;
  }

  #floats(entry: Entry, event: PictureInPictureEvent | undefined): void {
    entry.floating = event?.pictureInPictureWindow;
    entry.floating?.addEventListener('resize', this.#onChange);
    this.#onChange();
  }

  #watchPage(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'hidden') {
        timer = setTimeout(() => this.#setPageHidden(true), glanceMs);
      } else this.#setPageHidden(false);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  #setPageHidden(hidden: boolean): void {
    if (this.#pageHidden === hidden) return;
    this.#pageHidden = hidden;
    if (!hidden) this.#onPageShown();
    this.#onChange();
  }
}

function fitOf(element: HTMLVideoElement): string {
  return getComputedStyle(element).objectFit;
}

/** Calls back when the window goes to a screen of another density or the page is zoomed. */
function watchPixelRatio(onChange: () => void): () => void {
  let query: MediaQueryList;
  const changed = () => {
    listen();
    onChange();
  };
  const listen = () => {
    query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener('change', changed, { once: true });
  };
  listen();
  return () => query.removeEventListener('change', changed);
}
