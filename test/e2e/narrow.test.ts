import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { available, type Cable, Network } from '../support/network/index.ts';
import { Person } from '../support/Person.ts';
import { type NamespacedServer, startServerIn } from '../support/serverIn.ts';
import { waitFor } from '../support/waitFor.ts';

/** A Chromium whose line to the server becomes too narrow for what it wants, and wide again. */

const loadClient = fileURLToPath(new URL('../load/main.ts', import.meta.url));
const wide = 5_000_000;
const narrow = 200_000;

interface Reception {
  /** Status of each video. */
  videos: string[];
  /** Of each audio stream that flows: the share of packets that were lost since the last look. */
  audioLost: number[];
}

/** What arrives since the last look. */
function look(person: Person): Promise<Reception> {
  return person.page.evaluate(async () => {
    const { plenum } = window;
    const { subscriptions } = await plenum.stats();
    const publications = [...plenum.participants.values()].flatMap((each) => [...each.publications.values()]);
    return {
      videos: publications.filter(({ kind }) => kind === 'video').map(({ status }) => status),
      audioLost: subscriptions
        .filter(({ kind, bitrate }) => kind === 'audio' && bitrate > 10_000)
        .map((each) => each.packetsLost),
    };
  });
}

function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

describe.runIf(available('the test of a narrow line'))('a line of 200 kbit/s', () => {
  let network: Network;
  let cable: Cable;
  let server: NamespacedServer;
  let chromium: Browser;
  let publishers: ChildProcess | undefined;

  /** @param who as the load client takes it */
  function publish(...who: string[]): void {
    const options = [
      '--url',
      server.url,
      '--remote',
      '--room',
      'narrow',
      '--view',
      '0',
      '--no-dtx',
      '--seconds',
      '120',
    ];
    const home = cable.ends[0].namespace;
    publishers = home.spawn(process.execPath, [loadClient, ...options, ...who], { stdio: 'ignore' });
  }

  beforeEach(async () => {
    network = new Network();
    const [home, far] = [network.namespace('home'), network.namespace('far')];
    // The server refuses an address that only a cable has: it may be gone.
    home.addAddress('10.77.0.1/24');
    cable = await network.cable(home, far, { delayMs: 10 });
    const [{ address }] = cable.ends;
    server = await startServerIn(home, address);
    chromium = await launchChromium({
      executablePath: far.launcher(chromiumPath()),
      args: [`--unsafely-treat-insecure-origin-as-secure=${server.url}`],
    });
  });

  afterEach(async () => {
    try {
      await chromium?.close();
      if (publishers?.exitCode === null) {
        publishers.kill('SIGTERM');
        await once(publishers, 'exit');
      }
      publishers = undefined;
      await server?.close();
    } finally {
      network?.close();
    }
  });

  test('carries the voices of two and no video, which says why and comes back with the bandwidth', async () => {
    publish('--publishers', '3');
    const query = { video: '0', audio: '0' };
    const ada = await Person.join(chromium, server.url, { room: 'narrow', name: 'Ada', query });
    const far = cable.ends[1].namespace;
    const allAre = (status: string) => async () => {
      const { videos } = await look(ada);
      return videos.length === 3 && videos.every((each) => each === status);
    };
    await waitFor('three pictures', allAre('active'), { timeoutMs: 20_000 });
    await waitFor('three voices', async () => (await look(ada)).audioLost.length === 3, { intervalMs: 500 });

    cable.limit(far, narrow);
    const began = performance.now();
    const isCalm = async () => {
      const { videos, audioLost } = await look(ada);
      return videos.every((status) => status === 'bandwidth') && audioLost.length > 0 && audioLost.length <= 2;
    };
    await waitFor('no video, and two voices', isCalm, { timeoutMs: 30_000, intervalMs: 1000 });
    console.info(`${narrow / 1000} kbit/s: no video and two voices after ${secondsSince(began)} s`);
    const paused = ada.page.locator('.tile-still', { hasText: 'Video paused to keep the sound' }).first();
    await paused.waitFor();
    // The last picture, dimmed, and not an empty tile.
    expect(await paused.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.width)).toBeGreaterThan(0);
    // From here on, also while something is tried.
    await look(ada);
    const losses: number[] = [];
    await waitFor('some seconds', async () => losses.push(...(await look(ada)).audioLost) >= 8, { intervalMs: 1200 });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    console.info(`at ${narrow / 1000} kbit/s: ${(100 * mean).toFixed(1)} % of the audio packets lost`);
    expect(mean).toBeLessThan(0.05);

    cable.limit(far, wide);
    const widened = performance.now();
    await waitFor('three pictures again', allAre('active'), { timeoutMs: 40_000, intervalMs: 500 });
    console.info(`wide again: all pictures after ${secondsSince(widened)} s`);
    await waitFor('all voices', async () => (await look(ada)).audioLost.length === 3, { intervalMs: 500 });
    expect(ada.problems).toEqual([]);
  });

  test('carries fewer voices where nobody sends video, and all of them again', async () => {
    publish('--publishers', '0', '--subscribers', '0', '--audio-publishers', '6', '--speakers', '6');
    const ada = await Person.join(chromium, server.url, {
      room: 'narrow',
      name: 'Ada',
      query: { video: '0', audio: '0' },
    });
    const far = cable.ends[1].namespace;
    const voices = async () => (await look(ada)).audioLost.length;
    await waitFor('six voices', async () => (await voices()) === 6, { timeoutMs: 20_000, intervalMs: 1000 });

    cable.limit(far, narrow);
    const began = performance.now();
    const isCalm = async () => {
      const { audioLost } = await look(ada);
      return audioLost.length > 0 && audioLost.length <= 4 && audioLost.every((share) => share < 0.05);
    };
    await waitFor('fewer voices, without losses', isCalm, { timeoutMs: 30_000, intervalMs: 1000 });
    console.info(`${narrow / 1000} kbit/s: fewer voices and no losses after ${secondsSince(began)} s`);

    cable.limit(far, wide);
    const widened = performance.now();
    await waitFor('all voices', async () => (await voices()) === 6, { timeoutMs: 60_000, intervalMs: 1000 });
    console.info(`wide again: all voices after ${secondsSince(widened)} s`);
    expect(ada.problems).toEqual([]);
  });
});
