import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import type { RoomStats, VideoCodec } from '../../src/client/index.ts';
import './sdkPage/contract.ts';
import type { TestServer } from './testServer.ts';
import { waitFor } from './waitFor.ts';

let built: Promise<string> | undefined;

/** The folder of a page that shows publications in elements and leaves all the rest to the SDK. */
export function buildSdkPage(): Promise<string> {
  built ??= buildOnce();
  return built;
}

async function buildOnce(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'plenum-sdk-page-'));
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  await build({
    root: fileURLToPath(new URL('sdkPage', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 2000 },
  });
  return outDir;
}

export interface SdkPersonOptions {
  room: string;
  identity: string;
  viewport?: { width: number; height: number };
  pixelRatio?: number;
  /** Attaches nothing to any element. */
  blind?: boolean;
  /** Default: the server's own address. */
  url?: string;
}

/** Somebody who uses the SDK without the demo client, on the page of `buildSdkPage()`. */
export class SdkPerson {
  readonly page: Page;
  /** Names of the requests that have been sent. */
  readonly requests: string[] = [];

  static async join(browser: Browser, server: TestServer, options: SdkPersonOptions): Promise<SdkPerson> {
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 1400, height: 800 },
      deviceScaleFactor: options.pixelRatio ?? 1,
    });
    const person = new SdkPerson(await context.newPage());
    await person.page.goto(`${options.url ?? server.url}/${options.blind ? '#blind' : ''}`);
    const token = await server.token(options.room, options.identity);
    await person.page.evaluate((given) => window.sdk.join(given), token);
    return person;
  }

  private constructor(page: Page) {
    this.page = page;
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        const name = /^42\d*\["(\w+)"/.exec(payload.toString())?.[1];
        if (name) this.requests.push(name);
      });
    });
  }

  async publishCamera({ codec = 'vp8', width = 1280, height = 720 }: CameraOfTest = {}): Promise<void> {
    await this.page.evaluate(
      async (options) => {
        const stream = await navigator.mediaDevices.getUserMedia({ video: options.size });
        const [track] = stream.getVideoTracks();
        if (track) await window.sdk.room.publish(track, { source: 'camera', codec: options.codec });
      },
      { codec, size: { width, height } },
    );
  }

  /** The element that shows somebody's camera. */
  video(identity: string) {
    return this.page.locator(`video[data-identity="${identity}"]`);
  }

  /** Gives an element another style, for example `{ width: '640px' }`. */
  async style(identity: string, style: Record<string, string>): Promise<void> {
    await this.video(identity).evaluate((element, given) => Object.assign(element.style, given), style);
  }

  pictureWidth(identity: string): Promise<number> {
    return this.video(identity).evaluate((element) => (element instanceof HTMLVideoElement ? element.videoWidth : 0));
  }

  async untilWidth(identity: string, width: number, timeoutMs = 15_000): Promise<void> {
    await waitFor(
      `a picture ${width} pixels wide`,
      async () => (await this.pictureWidth(identity).catch(() => 0)) === width,
      { timeoutMs },
    );
  }

  /** Figures over so many milliseconds. */
  statsOver(ms: number): Promise<RoomStats> {
    return this.page.evaluate(async (time) => {
      await window.sdk.room.stats();
      await new Promise((resolve) => setTimeout(resolve, time));
      return window.sdk.room.stats();
    }, ms);
  }

  /** Bits per second that arrive of all videos, over half a second. */
  async videoBitrate(): Promise<number> {
    const { subscriptions } = await this.statsOver(500);
    return subscriptions.filter(({ kind }) => kind === 'video').reduce((sum, { bitrate }) => sum + bitrate, 0);
  }

  /** Which encodings of the own camera are being sent, lowest first, over half a second. */
  async sending(): Promise<boolean[]> {
    const { publications } = await this.statsOver(500);
    const camera = publications.find(({ source }) => source === 'camera');
    return camera?.encodings.map(({ bitrate }) => bitrate > 0) ?? [];
  }

  /** The width in pixels of the largest encoding of the own camera that is sent; 0: nothing is sent. */
  async sentWidth(): Promise<number> {
    const { publications } = await this.statsOver(500);
    const camera = publications.find(({ source }) => source === 'camera');
    return Math.max(0, ...(camera?.encodings ?? []).map(({ bitrate, width }) => (bitrate > 0 ? (width ?? 0) : 0)));
  }

  /** Whether the own camera runs, whoever watches. */
  cameraIsLive(): Promise<boolean> {
    return this.page.evaluate(() => {
      const camera = window.sdk.room.local?.publications.get('camera');
      return camera?.track?.readyState === 'live' && camera.track.enabled && !camera.muted;
    });
  }

  /** From the call of `join()` to the first painted frame of somebody, in milliseconds by the page's clock. */
  msFromJoinToFirstFrame(identity: string): Promise<number> {
    return waitFor(`the first frame of ${identity}`, () =>
      this.page.evaluate((of) => window.sdk.firstFrames.get(of), identity),
    );
  }

  /**
   * Does something in the page, and tells how long it took from then until somebody's picture has moved on, in
   * milliseconds by the page's clock.
   */
  msToNextFrame(identity: string, action: string): Promise<number> {
    return this.video(identity).evaluate(async (element, code) => {
      if (!(element instanceof HTMLVideoElement)) throw new Error('no video');
      const began = performance.now();
      const frame = new Promise<number>((resolve) => element.requestVideoFrameCallback(resolve));
      new Function(code)();
      return (await frame) - began;
    }, action);
  }

  /** When the next frame of somebody is painted, by the page's clock. */
  nextFrameAt(identity: string): Promise<number> {
    return this.video(identity).evaluate((element) => {
      if (!(element instanceof HTMLVideoElement)) throw new Error('no video');
      return new Promise<number>((resolve) => element.requestVideoFrameCallback(resolve));
    });
  }

  problems(): Promise<readonly string[]> {
    return this.page.evaluate(() => window.sdk.problems);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

interface CameraOfTest {
  codec?: VideoCodec;
  width?: number;
  height?: number;
}
