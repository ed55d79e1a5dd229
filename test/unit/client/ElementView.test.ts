import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Drawable, ElementView } from '../../../src/client/ElementView.ts';
import type { Sight } from '../../../src/client/ElementWatch.ts';
import type { View } from '../../../src/protocol/index.ts';

/** An element, as far as the view needs to know it: it is handed on to those who look. */
const fakeElement = (isConnected = true): HTMLVideoElement => Object.create({ isConnected });

const hidden: Sight = { seen: 'no' };
const unknown: Sight = { seen: 'unknown' };
const seen = (width: number, height = Math.round((width * 9) / 16)): Sight => ({
  seen: 'yes',
  size: { width, height },
});

describe('the view made from elements', () => {
  let publications: (Drawable & { videoElements: Set<HTMLVideoElement> })[];
  let sights: Map<HTMLVideoElement, Sight>;
  let sent: View[];
  let limit: number;
  let pageShown: () => void;
  let changed: () => void;
  let opened: number;
  let view: ElementView;

  beforeEach(() => {
    vi.useFakeTimers();
    publications = [];
    sights = new Map();
    sent = [];
    limit = 25;
    opened = 0;
    const watched = new Set<HTMLVideoElement>();
    view = new ElementView({
      openSights: (onChange, onPageShown) => {
        opened += 1;
        changed = onChange;
        pageShown = onPageShown;
        return {
          watch: (element) => watched.add(element),
          unwatch: (element) => watched.delete(element),
          sightOf: (element) => (watched.has(element) ? (sights.get(element) ?? unknown) : hidden),
          close: () => {
            opened -= 1;
            watched.clear();
          },
        };
      },
      publications: () => publications,
      limit: () => limit,
      send: (next) => sent.push(next),
    });
    view.entering('auto');
  });
  afterEach(() => {
    view.close();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  function publish(publicationId: string, kind: 'audio' | 'video' = 'video') {
    const publication = {
      publicationId,
      kind,
      width: 1280,
      height: 720,
      videoElements: new Set<HTMLVideoElement>(),
    };
    publications.push(publication);
    view.added(publication);
    return publication;
  }

  function attach(publication: { videoElements: Set<HTMLVideoElement> }, sight?: Sight, element = fakeElement()) {
    publication.videoElements.add(element);
    if (sight) sights.set(element, sight);
    view.attached(element);
    return element;
  }

  function see(element: HTMLVideoElement, sight: Sight) {
    sights.set(element, sight);
    changed();
  }

  const widths = () => {
    const last = sent.at(-1);
    if (last === undefined || last === 'auto') return last;
    return Object.fromEntries(last.videos.map(({ publicationId, width }) => [publicationId, width]));
  };

  it('is left to the server until an element is attached', async () => {
    publish('a');
    publish('m', 'audio');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([]);
    expect(opened).toBe(0);
    expect(view.start('auto')).toBe('auto');
  });

  it('leaves the first pictures alone, and then asks for what is drawn, as large as it is', async () => {
    const [a, b] = [publish('a'), publish('b')];
    attach(a, seen(640));
    attach(b, hidden);
    await vi.advanceTimersByTimeAsync(999);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    expect(sent).toEqual([{ videos: [expect.objectContaining({ publicationId: 'a', width: 640, height: 360 })] }]);
  });

  it('stays with the server until the browser has told where the first elements are', async () => {
    const element = attach(publish('a'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([]);
    see(element, seen(320));
    await vi.advanceTimersByTimeAsync(200);
    expect(widths()).toEqual({ a: 320 });
  });

  async function shown(...ids: string[]) {
    const elements = ids.map((id) => attach(publish(id), seen(320)));
    await vi.advanceTimersByTimeAsync(5000);
    expect(Object.keys(widths() ?? {})).toEqual(ids);
    sent.length = 0;
    return elements;
  }

  it('asks at once for what comes into sight, and takes its time with the rest', async () => {
    const [first, second] = await shown('a', 'b');
    if (!first || !second) throw new Error('two were shown');
    see(first, hidden);
    see(second, seen(640));
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(widths()).toEqual({ b: 640 });
    see(first, seen(320));
    expect(widths()).toEqual({ b: 640, a: 320 });
  });

  it('waits until sizes rest, but not for ever, and says nothing when all is as before', async () => {
    const [element] = await shown('a');
    if (!element) throw new Error('one was shown');
    see(element, seen(640));
    see(element, seen(320));
    await vi.advanceTimersByTimeAsync(2000);
    expect(sent).toEqual([]);
    for (let width = 320; width < 1320; width += 10) {
      see(element, seen(width));
      await vi.advanceTimersByTimeAsync(16);
    }
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length).toBeLessThanOrEqual(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(widths()).toEqual({ a: 1310 });
  });

  it('takes the largest of several elements, and the next when that one is detached', async () => {
    const a = publish('a');
    attach(a, seen(160));
    const large = attach(a, seen(1280));
    attach(a, hidden);
    await vi.advanceTimersByTimeAsync(1001);
    expect(widths()).toEqual({ a: 1280 });
    a.videoElements.delete(large);
    view.detached(large);
    await vi.advanceTimersByTimeAsync(200);
    expect(widths()).toEqual({ a: 160 });
  });

  it('takes as many as a view may have, the largest first', async () => {
    for (let index = 0; index < 260; index += 1) attach(publish(`p${index}`), seen(100 + index));
    await vi.advanceTimersByTimeAsync(1001);
    expect(Object.values(widths() ?? {})).toEqual(Array.from({ length: 250 }, (_, index) => 359 - index));
  });

  it('asks at once for whoever begins to send, for a while: an application may wait for the track', async () => {
    await shown('a');
    const b = publish('b');
    expect(widths()).toEqual({ a: 320, b: 320 });
    attach(b, seen(640));
    await vi.advanceTimersByTimeAsync(200);
    expect(widths()).toEqual({ a: 320, b: 640 });
    publish('c');
    expect(widths()).toMatchObject({ c: 320 });
    await vi.advanceTimersByTimeAsync(3000);
    await vi.advanceTimersByTimeAsync(200);
    expect(widths()).toEqual({ a: 320, b: 640 });
  });

  it('offers no more than the server would choose', async () => {
    limit = 3;
    await shown('a');
    for (const id of ['b', 'c', 'd', 'e']) publish(id);
    expect(Object.keys(widths() ?? {})).toEqual(['a', 'b', 'c']);
  });

  it('is empty when the last element is gone, and what comes later is offered again', async () => {
    const [element] = await shown('a');
    const [a] = publications;
    if (!element || !a) throw new Error('one was shown');
    a.videoElements.delete(element);
    view.detached(element);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent.at(-1)).toEqual({ videos: [] });
    publish('b');
    expect(widths()).toEqual({ b: 320 });
  });

  it('offers again what has lost its elements while nobody looked at the page', async () => {
    const a = publish('a');
    const element = fakeElement(false);
    attach(a, seen(320), element);
    await vi.advanceTimersByTimeAsync(5000);
    see(element, hidden);
    await vi.advanceTimersByTimeAsync(200);
    expect(sent.at(-1)).toEqual({ videos: [] });
    a.videoElements.delete(element);
    view.detached(element);
    pageShown();
    changed();
    expect(widths()).toEqual({ a: 320 });
  });

  it('goes on under new ids after a reconnect', async () => {
    await shown('a');
    view.entering({ videos: [{ publicationId: 'a', width: 320, height: 180 }] });
    const [a] = publications;
    if (!a) throw new Error('one was shown');
    Object.assign(a, { publicationId: 'a2' });
    view.update();
    expect(widths()).toEqual({ a2: 320 });
  });

  it('is silent while the application decides, and complete when the elements decide again', async () => {
    const [element] = await shown('a');
    if (!element) throw new Error('one was shown');
    view.stop();
    expect(opened).toBe(0);
    see(element, seen(640));
    attach(publish('b'), seen(640));
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([]);
    expect(view.start({ videos: [] })).toEqual({
      videos: [
        expect.objectContaining({ publicationId: 'a', width: 640 }),
        expect.objectContaining({ publicationId: 'b', width: 640 }),
      ],
    });
    expect(opened).toBe(1);
  });

  it('is sent again when the server has refused it', async () => {
    await shown('a');
    view.refused();
    await vi.advanceTimersByTimeAsync(1000);
    expect(widths()).toEqual({ a: 320 });
  });
});
