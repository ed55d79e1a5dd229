import type { View, ViewEntry } from '../protocol/index.ts';
import { type Size, sameEntries, steadyEntry } from './drawnVideo.ts';
import type { Sight } from './ElementWatch.ts';
import type { RemotePublication } from './RemotePublication.ts';

/** Whom elements are asked of; `ElementWatch` in a page. */
export interface Sights {
  watch(element: HTMLVideoElement): void;
  unwatch(element: HTMLVideoElement): void;
  /** @param captured the size of the picture as it is captured, where that is known */
  sightOf(element: HTMLVideoElement, captured: Size | undefined): Sight;
  close(): void;
}

/** What is needed of a publication. */
export type Drawable = Pick<RemotePublication, 'publicationId' | 'kind' | 'width' | 'height' | 'videoElements'>;

export interface ElementViewHost {
  /** Begins to watch the page. */
  openSights(onChange: () => void, onPageShown: () => void): Sights;
  /** What the others publish, oldest first. */
  publications(): Iterable<Drawable>;
  /** How many videos the server would choose by itself. */
  limit(): number;
  send(view: View): void;
}

/** After a join nothing changes for so long: the first pictures come by the server's choice, undisturbed. */
const holdMs = 1000;
/** While a window is dragged or a panel slides, sizes change with every frame: wait until they rest, */
const settleMs = 200;
/** but not for ever. */
const patienceMs = 1000;
/** How long something new is asked for that has no element yet: an application may wait for its track. */
const offerMs = 3000;
/** The size, in pixels, at which it is asked for where nothing else is drawn. */
const offeredSize: Size = { width: 320, height: 180 };
/** A view that the server did not take is tried again after this time. */
const retryMs = 1000;
/** As many as a view takes. */
const mostEntries = 250;

/**
 * Makes the view from the elements that publications are attached to: each as large as it is drawn, and nothing that
 * cannot be seen. Until an element has been attached, the server decides.
 */
export class ElementView {
  readonly #host: ElementViewHost;
  #sights: Sights | undefined;
  /** Whether the elements decide. */
  #running = true;
  /** Whether an element was ever attached: from then on the elements decide, also where there are none. */
  #used = false;
  /** What is new and asked for though no element shows it yet, with the timers that end this. */
  readonly #offered = new Map<Drawable, ReturnType<typeof setTimeout>>();
  #sent: View = 'auto';
  #heldUntil = 0;
  #timer: { id: ReturnType<typeof setTimeout>; since: number } | undefined;

  constructor(host: ElementViewHost) {
    this.#host = host;
  }

  /** The elements decide from now on. Returns the view as it is now, which the caller sends. */
  start(sent: View): View {
    this.#sent = sent;
    if (!this.#running) {
      this.#running = true;
      for (const { videoElements } of this.#host.publications()) {
        for (const element of videoElements) this.#watch(element);
      }
    }
    this.#sent = this.#view();
    return this.#sent;
  }

  /** The application decides. */
  stop(): void {
    this.#running = false;
    this.#cancel();
    this.#sights?.close();
    this.#sights = undefined;
  }

  /** A visit begins, and the server has been told this view. */
  entering(view: View): void {
    this.#sent = view;
    this.#heldUntil = view === 'auto' ? performance.now() + holdMs : 0;
  }

  attached(element: HTMLVideoElement): void {
    this.#used = true;
    if (this.#running) this.#watch(element);
    this.update();
  }

  detached(element: HTMLVideoElement): void {
    this.#sights?.unwatch(element);
    this.update();
  }

  /** Somebody has begun to send. */
  added(publication: Drawable): void {
    this.#offer(publication);
    this.update();
  }

  removed(publication: Drawable): void {
    this.#withdraw(publication);
    for (const element of publication.videoElements) this.#sights?.unwatch(element);
    this.update();
  }

  /** Compares what is drawn with what was asked for. What is missing is asked for at once; for the rest there is time. */
  update(): void {
    if (!this.#running) return;
    const now = performance.now();
    const view = this.#view();
    if (sameView(view, this.#sent)) this.#cancel();
    else if (this.#heldUntil > now) this.#later(this.#heldUntil - now);
    else if (adds(view, this.#sent)) this.#send(view);
    else this.#later(Math.min(settleMs, (this.#timer?.since ?? now) + patienceMs - now));
  }

  /** The server did not take the view, or nobody knows whether it did. */
  refused(): void {
    this.#sent = 'auto';
    if (this.#running) this.#later(retryMs);
  }

  close(): void {
    this.stop();
    for (const timer of this.#offered.values()) clearTimeout(timer);
    this.#offered.clear();
  }

  #watch(element: HTMLVideoElement): void {
    this.#sights ??= this.#host.openSights(
      () => this.update(),
      () => this.#pageShown(),
    );
    this.#sights.watch(element);
  }

  #offer(publication: Drawable): void {
    if (publication.kind !== 'video') return;
    this.#withdraw(publication);
    const over = () => {
      this.#offered.delete(publication);
      this.update();
    };
    this.#offered.set(publication, setTimeout(over, offerMs));
  }

  #withdraw(publication: Drawable): void {
    clearTimeout(this.#offered.get(publication));
    this.#offered.delete(publication);
  }

  /** While nobody looked, all was given up; an application that has removed its elements since gets another chance. */
  #pageShown(): void {
    for (const publication of this.#host.publications()) {
      const onPage = [...publication.videoElements].some((element) => element.isConnected);
      if (!onPage) this.#offer(publication);
    }
  }

  #later(wait: number): void {
    const since = this.#timer?.since ?? performance.now();
    this.#cancel();
    this.#timer = { since, id: setTimeout(() => this.#send(this.#view()), Math.max(0, wait)) };
  }

  #cancel(): void {
    clearTimeout(this.#timer?.id);
    this.#timer = undefined;
  }

  #send(view: View): void {
    this.#cancel();
    if (sameView(view, this.#sent)) return;
    this.#sent = view;
    this.#host.send(view);
  }

  #view(): View {
    if (!this.#used) return 'auto';
    const before = new Map(this.#sent === 'auto' ? [] : this.#sent.videos.map((entry) => [entry.publicationId, entry]));
    const drawn: ViewEntry[] = [];
    const offered: Drawable[] = [];
    for (const publication of this.#host.publications()) {
      if (publication.kind !== 'video') continue;
      const old = before.get(publication.publicationId);
      const sight = this.#sightOf(publication);
      if (sight?.seen === 'yes') drawn.push(entryOf(publication, sight.size, old));
      // Just attached: the browser tells in a moment, and until then it stays as it is.
      else if (sight?.seen === 'unknown' && this.#sent === 'auto') return 'auto';
      else if (sight?.seen === 'unknown' && old) drawn.push(old);
      else if (sight?.seen !== 'no' && this.#offered.has(publication)) offered.push(publication);
    }
    drawn.sort((a, b) => areaOf(b) - areaOf(a));
    // What is new is probably drawn like the smallest of the others.
    const size = drawn.at(-1) ?? offeredSize;
    const room = Math.max(0, this.#host.limit() - drawn.length);
    const more = offered.slice(0, room).map((each) => before.get(each.publicationId) ?? entryOf(each, size, undefined));
    return { videos: [...drawn, ...more].slice(0, mostEntries) };
  }

  /** The largest of a publication's elements counts; undefined where there is none. */
  #sightOf({ videoElements, width = 0, height = 0 }: Drawable): Sight | undefined {
    const captured = width > 0 && height > 0 ? { width, height } : undefined;
    let best: Sight | undefined;
    for (const element of videoElements) {
      const sight = this.#sights?.sightOf(element, captured);
      if (sight && (!best || weight(sight) > weight(best))) best = sight;
    }
    return best;
  }
}

function weight(sight: Sight): number {
  switch (sight.seen) {
    case 'yes':
      return areaOf(sight.size);
    case 'unknown':
      return 0;
    case 'no':
      return -1;
  }
}

function areaOf({ width, height }: Size): number {
  return width * height;
}

/** Without a priority: the server puts screens first, then what is drawn larger. */
function entryOf({ publicationId }: Drawable, { width, height }: Size, before: ViewEntry | undefined): ViewEntry {
  return steadyEntry(before, { publicationId, width, height });
}

function sameView(a: View, b: View): boolean {
  return a === 'auto' || b === 'auto' ? a === b : sameEntries(a.videos, b.videos);
}

/** Whether a view names what the one before does not; what `auto` names is the server's choice. */
function adds(view: View, before: View): boolean {
  if (view === 'auto' || before === 'auto') return false;
  const known = new Set(before.videos.map(({ publicationId }) => publicationId));
  return view.videos.some(({ publicationId }) => !known.has(publicationId));
}
