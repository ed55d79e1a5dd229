import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { DataPerson } from '../support/DataPerson.ts';
import { available, type Namespace, Network } from '../support/network/index.ts';
import { Person } from '../support/Person.ts';
import { type NamespacedServer, startServerIn } from '../support/serverIn.ts';
import { waitFor } from '../support/waitFor.ts';

/** What the slow line carries to the receiver, in bits per second: a lot is sent slowly, or little at once. */
const slowRate = 1_000_000;
const slowestRate = 500_000;
/** On their way at the end, on both sides of the server. */
const windows = 2 * 256 * 1024;

/** Ada and Bob have a fast line to the server, Cyd a slow one. */
describe.runIf(available('the test of a slow receiver'))('beside a receiver on a slow line', () => {
  let network: Network;
  let server: NamespacedServer;
  let near: Browser;
  let far: Browser;
  let center: Namespace;
  let device: string;
  let ada: DataPerson;
  let bob: DataPerson;
  let cyd: DataPerson;

  beforeAll(async () => {
    network = new Network();
    center = network.namespace('center');
    const edge = network.namespace('edge');
    const cable = await network.cable(center, edge, { delayMs: 10 });
    const [end] = cable.ends;
    device = end.device;
    center.run('nft', 'add table inet plenum');
    center.run('nft', 'add chain inet plenum out { type filter hook output priority 0; }');
    server = await startServerIn(center, end.address);
    const args = [`--unsafely-treat-insecure-origin-as-secure=${server.url}`];
    near = await launchChromium({ executablePath: center.launcher(chromiumPath()), args });
    far = await launchChromium({ executablePath: edge.launcher(chromiumPath()), args });
    ada = await join(near, 'Ada');
    bob = await join(near, 'Bob');
    cyd = await join(far, 'Cyd');
    // When the page has been loaded, and everybody's channels are open.
    expect(await ada.send('ready')).toBe('ok');
    await bob.hears('ready');
    await cyd.hears('ready');
    setRate(slowRate);
  }, 120_000);

  afterAll(async () => {
    try {
      await near?.close();
      await far?.close();
      await server?.close();
    } finally {
      network?.close();
    }
  });

  async function join(browser: Browser, name: string): Promise<DataPerson> {
    const { page } = await Person.join(browser, server.url, { room: 'slow', name, query: { video: '0', audio: '0' } });
    return DataPerson.on(page, name);
  }

  function setRate(bitsPerSecond: number): void {
    const shape = ['rate', `${bitsPerSecond}bit`, 'burst', '3000', 'latency', '300ms'];
    center.run('tc', 'qdisc', 'replace', 'dev', device, 'root', 'tbf', ...shape);
  }

  /** Whether anything but signaling gets through to Cyd: where UDP alone is held back, media come over TCP. */
  function setMedia(passes: boolean): void {
    center.run('nft', 'flush chain inet plenum out');
    if (passes) return;
    const rule = `add rule inet plenum out oifname ${device}`;
    center.run('nft', `${rule} meta l4proto udp drop`);
    center.run('nft', `${rule} tcp sport != ${new URL(server.url).port} drop`);
  }

  /** Sends numbered messages to all, at once; tells how each ended, and how long that took. */
  function flood(series: string, messages: number, bytes: number) {
    return ada.page.evaluate(
      async ([name, count, size]) => {
        const began = performance.now();
        const sending = Array.from({ length: count }, (_, index) =>
          window.lab.ended(() => window.lab.room.sendData(new Uint8Array(size), { topic: `${name} ${index}` })),
        );
        const ends = await Promise.all(sending);
        return { ms: performance.now() - began, ends };
      },
      [series, messages, bytes] as const,
    );
  }

  /** The numbers of a series that came, in their order. */
  async function numbers(person: DataPerson, series: string): Promise<number[]> {
    const own = (await person.heard()).filter(({ topic }) => topic.startsWith(`${series} `));
    return own.map(({ topic }) => Number(topic.slice(series.length + 1)));
  }

  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

  test('a sender is slowed down to what it takes, and nothing is lost', async () => {
    const count = 200;
    const { ms, ends } = await flood('slow', count, 5000);
    expect(ends.filter(({ code }) => code !== 'ok')).toEqual([]);
    const least = ((count * 5000 - windows) * 8 * 1000) / slowRate;
    console.info(`1 MB to all took ${Math.round(ms)} ms; the slow line needs ${Math.round(least)} ms for its part`);
    expect(ms).toBeGreaterThan(least);
    await waitFor('all to arrive', async () => (await numbers(cyd, 'slow')).length >= count, { timeoutMs: 40_000 });
    expect(await numbers(cyd, 'slow')).toEqual(upTo(count));
    expect(await numbers(bob, 'slow')).toEqual(upTo(count));
  }, 90_000);

  test('lossy messages do not wait for it, and are dropped where they are too many', async () => {
    setRate(slowestRate);
    const ms = await ada.page.evaluate(async () => {
      const began = performance.now();
      for (let index = 0; index < 300; index += 1) {
        await window.lab.room.sendData(new Uint8Array(1000), { reliable: false, topic: `lossy ${index}` });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return performance.now() - began;
    });
    expect(ms).toBeLessThan(15_000);
    expect(await ada.send('end')).toBe('ok');
    await bob.hears('end');
    await cyd.hears('end');
    const [here, there] = [await numbers(bob, 'lossy'), await numbers(cyd, 'lossy')];
    expect(here.length).toBeGreaterThan(250);
    // 300 kB in about two seconds are more than twice what the line carries.
    expect(there.length).toBeGreaterThan(10);
    expect(there.length).toBeLessThan(here.length);
    setRate(slowRate);
  }, 60_000);

  test('a file to both is slowed down, too, and whole at both', async () => {
    const bytes = 800_000;
    await ada.offer(bytes, [await bob.participantId(), await cyd.participantId()]);
    await Promise.all([bob.isOffered(), cyd.isOffered()]);
    await Promise.all([bob.accept(), cyd.accept()]);
    const [atBob, atCyd] = await Promise.all([bob.arrived(), cyd.arrived()]);
    const hash = await ada.hashOfNoise(bytes);
    expect([atBob.sha256, atCyd.sha256]).toEqual([hash, hash]);
    expect((await ada.transferred()).code).toBe('ok');
  }, 90_000);

  test('one that takes nothing is given up: the sender is told whom, the receiver that it missed something', async () => {
    await cyd.page.evaluate(() => {
      Reflect.set(window, 'told', []);
      window.lab.room.on('error', ({ code }) => Reflect.get(window, 'told').push(code));
    });
    setMedia(false);
    try {
      const { ms, ends } = await flood('stalled', 200, 5000);
      const failed = ends.filter(({ code }) => code !== 'ok');
      expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['not-delivered']));
      expect(failed[0]?.recipients).toEqual([await cyd.participantId()]);
      expect(failed.length).toBeGreaterThan(100);
      expect(ms).toBeGreaterThan(9000);
      expect(ms).toBeLessThan(20_000);
      await waitFor('all at the other one', async () => (await numbers(bob, 'stalled')).length === 200);
      expect(await numbers(bob, 'stalled')).toEqual(upTo(200));
      // It is not waited for any more.
      const again = performance.now();
      expect((await ada.sent('once more')).code).toBe('not-delivered');
      expect(performance.now() - again).toBeLessThan(3000);
    } finally {
      setMedia(true);
    }
    await waitFor('it to be reached again', async () => (await ada.send('back')) === 'ok', { timeoutMs: 60_000 });
    await cyd.hears('back');
    // What had been sent to it before is whole: the first ones, without gaps.
    const arrived = await numbers(cyd, 'stalled');
    expect(arrived).toEqual(upTo(arrived.length));
    expect(arrived.length).toBeLessThan(100);
    expect(await cyd.page.evaluate(() => Reflect.get(window, 'told'))).toContain('not-delivered');
  }, 120_000);
});
