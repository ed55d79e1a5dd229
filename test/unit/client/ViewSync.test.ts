import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ViewSync } from '../../../src/client/ViewSync.ts';
import { PlenumError, type View } from '../../../src/protocol/index.ts';

const view = (width: number): View => ({ videos: [{ publicationId: 'p', width, height: 10, priority: 1 }] });

describe('the view', () => {
  let sent: { version: number; view: View }[];
  let answers: { resolve: () => void; reject: (error: unknown) => void }[];
  const send = (version: number, wanted: View) => {
    sent.push({ version, view: wanted });
    return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    answers = [];
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const settle = () => vi.advanceTimersByTimeAsync(0);

  it('is sent once for changes made in one go, and all of them learn that it arrived', async () => {
    const views = new ViewSync();
    views.attach(send);
    const all = [views.set(view(1)), views.set(view(2)), views.set(view(3))];
    await settle();
    expect(sent).toEqual([{ version: 3, view: view(3) }]);
    answers[0]?.resolve();
    await Promise.all(all);
  });

  it('is sent one message at a time, only the newest, with growing versions', async () => {
    const views = new ViewSync();
    views.attach(send);
    const first = views.set(view(1));
    await settle();
    const second = views.set(view(2));
    const third = views.set(view(3));
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(1);
    answers[0]?.resolve();
    await first;
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.map(({ version }) => version)).toEqual([1, 3]);
    answers[1]?.resolve();
    await Promise.all([second, third]);
  });

  it('keeps a distance between messages', async () => {
    const views = new ViewSync();
    views.attach((version, wanted) => {
      sent.push({ version, view: wanted });
      return Promise.resolve();
    });
    for (let width = 1; width <= 50; width += 1) {
      views.set(view(width)).catch(() => undefined);
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(200);
    expect(sent.length).toBeLessThanOrEqual(7);
    expect(sent.at(-1)?.view).toEqual(view(50));
  });

  it('goes with the next join where there is no connection', async () => {
    const views = new ViewSync();
    const waiting = views.set(view(7));
    expect(views.beginJoin()).toEqual(view(7));
    views.attach(send);
    await waiting;
    expect(sent).toEqual([]);
  });

  it('goes with whose audio is always wanted, each once, at every message and at the join', async () => {
    const pins: string[][] = [];
    const views = new ViewSync();
    views.beginJoin('auto');
    views.attach((version, wanted, pinned) => {
      pins.push(pinned);
      return send(version, wanted);
    });
    const pinning = views.pin(['ada', 'bob', 'ada']);
    await settle();
    expect(sent).toEqual([{ version: 1, view: 'auto' }]);
    expect(views.pinned).toEqual(['ada', 'bob']);
    answers[0]?.resolve();
    await pinning;
    const resizing = views.set(view(9));
    await vi.advanceTimersByTimeAsync(100);
    answers[1]?.resolve();
    await resizing;
    expect(pins).toEqual([
      ['ada', 'bob'],
      ['ada', 'bob'],
    ]);
  });

  it('refuses more pins than the server takes, and keeps those of before', async () => {
    const views = new ViewSync();
    views.attach(send);
    const many = Array.from({ length: 33 }, (_, index) => `person-${index}`);
    await expect(views.pin(many)).rejects.toMatchObject({ code: 'bad-request' });
    await expect(views.pin([''])).rejects.toMatchObject({ code: 'bad-request' });
    await settle();
    expect(sent).toEqual([]);
    expect(views.pinned).toEqual([]);
  });

  it('is sent after the join where it changed during the join', async () => {
    const views = new ViewSync();
    views.beginJoin('auto');
    const late = views.set(view(8));
    views.attach(send);
    await settle();
    expect(sent).toEqual([{ version: 1, view: view(8) }]);
    answers[0]?.resolve();
    await late;
  });

  it('counts a version that was overtaken as arrived, and passes on other refusals', async () => {
    const views = new ViewSync();
    views.attach(send);
    const overtaken = views.set(view(1));
    await settle();
    answers[0]?.reject(new PlenumError('conflict', 'overtaken'));
    await overtaken;
    const refused = views.set(view(2));
    const outcome = expect(refused).rejects.toMatchObject({ code: 'bad-request' });
    await vi.advanceTimersByTimeAsync(200);
    answers[1]?.reject(new PlenumError('bad-request', 'no'));
    await outcome;
  });

  it('waits for the next join when the connection is lost on the way, and fails when the room is left', async () => {
    const views = new ViewSync();
    views.attach(send);
    const lost = views.set(view(1));
    await settle();
    views.detach();
    answers[0]?.reject(new PlenumError('disconnected', 'gone'));
    await settle();
    expect(views.beginJoin()).toEqual(view(1));
    views.attach(send);
    await lost;
    views.detach();
    const never = views.set(view(2));
    views.close(new PlenumError('aborted', 'left'));
    await expect(never).rejects.toMatchObject({ code: 'aborted' });
  });

  it('fails where the room is left while it is on its way', async () => {
    const views = new ViewSync();
    views.attach(send);
    const lost = views.set(view(1));
    await settle();
    views.close(new PlenumError('aborted', 'left'));
    answers[0]?.reject(new PlenumError('disconnected', 'gone'));
    await expect(lost).rejects.toMatchObject({ code: 'aborted' });
  });
});
