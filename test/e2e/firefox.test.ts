import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { Firefox, type FirefoxPage, firefoxPath } from '../support/Firefox.ts';
import { available, Network } from '../support/network/index.ts';
import { Person } from '../support/Person.ts';
import { type NamespacedServer, startServerIn } from '../support/serverIn.ts';
import { waitFor } from '../support/waitFor.ts';

// Firefox gathers no candidates for loopback alone, so all of it happens in a namespace with an address.
const address = '10.77.0.1';

declare global {
  interface Window {
    /** What the page's init script has seen. */
    seen: {
      peers: RTCPeerConnection[];
      /** Names of the requests. */
      sent: string[];
      joins: string[];
      sentBeforeFirstFrame: string[] | undefined;
      /** Frames so far: Firefox does not tell how many of a stream it has painted. */
      painted: Map<Element, number>;
      /** What the page's Content-Security-Policy has forbidden. */
      forbidden: string[];
    };
  }
}

/** Notes the peer connections, the requests on the socket, and those that went out before the first picture. */
function watch(): void {
  window.seen = { peers: [], sent: [], joins: [], sentBeforeFirstFrame: undefined, painted: new Map(), forbidden: [] };
  const { seen } = window;
  document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
    seen.forbidden.push(`${effectiveDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`);
  });
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      seen.peers.push(this);
    }
  };
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) {
    // socket.io's form of a request: 42, the number of its answer, [name, params].
    const name = /^42\d*\["([^"]+)"/.exec(String(data))?.[1];
    if (name) seen.sent.push(name);
    if (name === 'join') seen.joins.push(String(data));
    send.call(this, data);
  };
  // Events of media elements do not bubble, but they can be captured.
  const onData = ({ target }: Event) => {
    if (!(target instanceof HTMLVideoElement) || seen.painted.has(target)) return;
    seen.painted.set(target, 0);
    const onFrame = () => {
      // One's own picture is there before the meeting is.
      if (seen.sent.includes('join')) seen.sentBeforeFirstFrame ??= [...seen.sent];
      seen.painted.set(target, (seen.painted.get(target) ?? 0) + 1);
      target.requestVideoFrameCallback(onFrame);
    };
    target.requestVideoFrameCallback(onFrame);
  };
  document.addEventListener('loadedmetadata', onData, true);
}

/** The tile of somebody: how many frames it has painted, and how bright it is. */
function lookAt(name: string): { frames: number; brightness: number } {
  const video = document.querySelector<HTMLVideoElement>(
    `[data-testid="tile"][data-source="camera"][data-participant-name="${name}"] video`,
  );
  const drawing = document.createElement('canvas').getContext('2d');
  if (!video?.videoWidth || !drawing) return { frames: 0, brightness: 0 };
  drawing.drawImage(video, 0, 0, 64, 36);
  const { data } = drawing.getImageData(0, 0, 64, 36);
  let sum = 0;
  for (let index = 0; index < data.length; index += 4) sum += (data[index] ?? 0) + (data[index + 1] ?? 0);
  return { frames: window.seen.painted.get(video) ?? 0, brightness: sum / (data.length / 2) };
}

/** Sound received so far: in the statistics, and how far the element that plays it has come. */
async function listen(): Promise<{ energy: number; packets: number; played: number }> {
  const heard = { energy: 0, packets: 0, played: 0 };
  for (const peer of window.seen.peers) {
    if (peer.signalingState === 'closed') continue;
    for (const entry of (await peer.getStats()).values()) {
      if (entry.type !== 'inbound-rtp' || entry.kind !== 'audio') continue;
      heard.energy += entry.totalAudioEnergy ?? 0;
      heard.packets += entry.packetsReceived;
    }
  }
  for (const audio of document.querySelectorAll('audio')) heard.played = Math.max(heard.played, audio.currentTime);
  return heard;
}

/** Presses the button whose name begins so. */
function press(name: string): boolean {
  const button = document.querySelector<HTMLButtonElement>(`button[aria-label^="${name}"]`);
  button?.click();
  return button !== null;
}

type Evaluate = <T, A = undefined>(fn: (argument: A) => T | Promise<T>, argument?: A) => Promise<T>;

async function seesPicture(who: string, evaluate: Evaluate, name: string): Promise<void> {
  const look = () => evaluate(lookAt, name);
  await waitFor(`${who} to see ${name}`, async () => (await look()).frames > 0, { timeoutMs: 30_000 });
  const { frames } = await look();
  await waitFor(`${who} to see ${name} move`, async () => (await look()).frames > frames + 5, { timeoutMs: 20_000 });
  await waitFor(`${who} to see more than black`, async () => (await look()).brightness > 10);
}

async function hears(who: string, evaluate: Evaluate): Promise<void> {
  const before = await evaluate(listen);
  await waitFor(
    `${who} to hear somebody`,
    async () => {
      const { energy, packets, played } = await evaluate(listen);
      return packets > before.packets + 20 && energy > before.energy && played > before.played;
    },
    { timeoutMs: 20_000, intervalMs: 200 },
  );
}

if (!existsSync(firefoxPath)) console.warn(`\n!!! SKIPPED: the tests in Firefox: there is no ${firefoxPath}.\n`);

describe.runIf(existsSync(firefoxPath) && available('the tests in Firefox'))('Firefox and Chromium', () => {
  let network: Network;
  let server: NamespacedServer;
  let chromium: Browser;
  let firefox: Firefox;

  beforeAll(async () => {
    network = new Network();
    const namespace = network.namespace('meeting');
    namespace.addAddress(`${address}/24`);
    server = await startServerIn(namespace, address);
    chromium = await launchChromium({
      executablePath: namespace.launcher(chromiumPath()),
      args: [`--unsafely-treat-insecure-origin-as-secure=${server.url}`],
    });
    firefox = await Firefox.launch(namespace);
  });

  afterAll(async () => {
    try {
      await firefox?.close();
      await chromium?.close();
      await server?.close();
    } finally {
      network?.close();
    }
  });

  const enter = (room: string, name: string, query: Record<string, string> = {}) =>
    firefox.open(`${server.url}/r/${room}?${new URLSearchParams({ name, join: '1', ...query })}`, `(${watch})()`);

  const chromiumIn = (room: string, name: string) =>
    Person.join(chromium, server.url, { room, name, initScript: `(${watch})()` });

  test('see and hear each other', async () => {
    const ada = await chromiumIn('two', 'Ada');
    const bob = await enter('two', 'Bob');
    const inChromium: Evaluate = (fn, argument) => ada.page.evaluate(`(${fn})(${JSON.stringify(argument) ?? ''})`);
    const inFirefox: Evaluate = (fn, argument) => bob.evaluate(fn, argument);
    await seesPicture('Firefox', inFirefox, 'Ada');
    await seesPicture('Chromium', inChromium, 'Bob');
    await hears('Firefox', inFirefox);
    await hears('Chromium', inChromium);
    expect(await remoteAddresses(bob)).toEqual([address]);
    // What the page has besides, under its policy.
    for (const name of ['Open the list of people', 'Open chat', 'Settings']) {
      expect(await bob.evaluate(press, name), name).toBe(true);
    }
    for (const page of [inChromium, inFirefox]) expect(await page(() => window.seen.forbidden)).toEqual([]);
    expect([...ada.problems, ...bob.problems]).toEqual([]);
    await ada.close();
    await bob.close();
  });

  test('send each other data and files', async () => {
    const quiet = { video: '0', audio: '0' };
    const ada = await Person.join(chromium, server.url, { room: 'data', name: 'Ada', query: quiet });
    const bob = await enter('data', 'Bob', quiet);
    const sendAll = async () => {
      const { plenum } = window;
      // By name it is settled only when the other one's channels are open, as the lossy one needs them.
      await plenum.sendData(new Uint8Array([1, 2, 3]), { topic: 'reliable', to: [...plenum.participants.keys()] });
      await plenum.sendData(new Uint8Array([4]), { topic: 'lossy', reliable: false });
      const transfer = plenum.sendFile(new File([new Uint8Array(1_000_000).fill(7)], 'seven.bin'));
      return (await transfer.done).received.length;
    };
    const take = () => {
      const got: string[] = [];
      Reflect.set(window, 'got', got);
      window.plenum.on('dataReceived', ({ topic, bytes }) => got.push(`${topic} ${bytes}`));
      window.plenum.on('fileOffered', (file) => {
        const count = (blob: Blob | undefined) => got.push(`file ${blob?.size} ${file.name}`);
        file.accept().then(count, (error: unknown) => got.push(String(error)));
      });
    };
    const wanted = ['reliable 1,2,3', 'lossy 4', 'file 1000000 seven.bin'];
    const joined = () => bob.evaluate(() => 'plenum' in window && window.plenum.state === 'joined');
    await waitFor('Firefox to be there', joined, { timeoutMs: 15_000 });
    await bob.evaluate(take);
    await ada.page.evaluate(take);
    await waitFor('both to know each other', () => ada.page.evaluate(() => window.plenum.participants.size === 1));
    expect(await ada.page.evaluate(sendAll)).toBe(1);
    expect(await bob.evaluate(() => Reflect.get(window, 'got'))).toEqual(wanted);
    expect(await bob.evaluate(sendAll)).toBe(1);
    expect(await ada.page.evaluate(() => Reflect.get(window, 'got'))).toEqual(wanted);
    expect([...ada.problems, ...bob.problems]).toEqual([]);
    await ada.close();
    await bob.close();
  });

  test('Firefox needs one signaling round trip, with a fingerprint that it does not tell by itself', async () => {
    const ada = await chromiumIn('one', 'Ada');
    await ada.seesPicture(ada.tile('Ada'));
    const bob = await enter('one', 'Bob', { video: '0', audio: '0' });
    await seesPicture('Firefox', (fn, argument) => bob.evaluate(fn, argument), 'Ada');
    const { sent, joins, fingerprints } = await bob.evaluate(() => ({
      sent: window.seen.sentBeforeFirstFrame,
      joins: window.seen.joins,
      fingerprints: window.seen.peers.flatMap((peer) =>
        // Firefox throws where a closed one is asked; the SDK makes one to learn the fingerprint.
        [
          ...(peer.signalingState === 'closed' ? '' : (peer.localDescription?.sdp ?? '')).matchAll(
            /^a=fingerprint:\S+ (\S+)/gm,
          ),
        ].map(([, value]) => value ?? ''),
      ),
    }));
    // What is drawn how large is said by the way; no picture waits for it.
    expect(sent?.filter((name) => name !== 'setView')).toEqual(['join']);
    expect(joins).toHaveLength(1);
    expect(fingerprints.length).toBeGreaterThanOrEqual(2);
    // Both transports use the certificate whose fingerprint the join carried.
    expect(new Set(fingerprints).size).toBe(1);
    expect(joins[0]).toContain(fingerprints[0]);
    expect([...ada.problems, ...bob.problems]).toEqual([]);
    await ada.close();
  });
});

/** Where Firefox sends its media to, over all of its connections. */
async function remoteAddresses(page: FirefoxPage): Promise<string[]> {
  const used = await page.evaluate(async () => {
    const addresses: string[] = [];
    for (const peer of window.seen.peers) {
      if (peer.signalingState === 'closed') continue;
      const report = await peer.getStats();
      for (const entry of report.values()) {
        if (entry.type === 'candidate-pair' && entry.state === 'succeeded' && entry.nominated) {
          addresses.push(report.get(entry.remoteCandidateId).address);
        }
      }
    }
    return addresses;
  });
  return [...new Set(used)];
}
