import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import type { Room } from '../../src/client/index.ts';
import { audible } from './audible.ts';
import { waitFor } from './waitFor.ts';

declare global {
  interface Window {
    /** The demo client's Room, for tests and the curious. */
    plenum: Room;
  }
}

export interface PersonOptions {
  room: string;
  name: string;
  /** Query parameters of the meeting page besides `name` and `join`. */
  query?: Record<string, string>;
  viewport?: { width: number; height: number };
  /** Runs in the page before its own scripts. */
  initScript?: string;
  /** Whether the server's Content-Security-Policy counts for nothing. Default: false. */
  bypassPolicy?: boolean;
}

/** Somebody in a meeting: one page of the demo client in a browser context of its own. */
export class Person {
  readonly name: string;
  readonly page: Page;
  /** Errors in the console, uncaught exceptions and rejections of the page, and what the SDK reports as an error. */
  readonly problems: string[] = [];
  readonly #context: BrowserContext;
  #mayCrash = false;
  #devtools: Promise<CDPSession> | undefined;

  /** Opens the meeting page, which joins at once. */
  static async join(browser: Browser, url: string, options: PersonOptions): Promise<Person> {
    const person = await Person.open(browser, url, { ...options, query: { join: '1', ...options.query } });
    await person.#orClose(person.page.getByRole('button', { name: 'Leave' }).waitFor());
    return person;
  }

  static async open(
    browser: Browser,
    url: string,
    { room, name, query, viewport, initScript, bypassPolicy = false }: PersonOptions,
  ): Promise<Person> {
    const context = await browser.newContext({
      viewport: viewport ?? { width: 1280, height: 800 },
      bypassCSP: bypassPolicy,
    });
    const page = await context.newPage();
    if (initScript) await page.addInitScript(initScript);
    const person = new Person(name, page, context);
    await person.#orClose(page.goto(`${url}/r/${room}?${new URLSearchParams({ name, ...query })}`));
    return person;
  }

  /** A page that does not come so far in time would come later, with nobody who knows of it. */
  async #orClose(arriving: Promise<unknown>): Promise<void> {
    try {
      await arriving;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private constructor(name: string, page: Page, context: BrowserContext) {
    this.name = name;
    this.page = page;
    this.#context = context;
    page.on('console', (message) => {
      // The demo client writes the SDK's `error` events as warnings.
      const reported = message.type() === 'warning' && message.text().startsWith('Plenum');
      if (message.type() === 'error' || reported) this.problems.push(`${name}: console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.problems.push(`${name}: uncaught: ${error.message}`));
    page.on('crash', () => {
      if (!this.#mayCrash) this.problems.push(`${name}: the page crashed`);
    });
  }

  /** The camera tile of somebody, oneself included. */
  tile(name: string) {
    return this.page.locator(`[data-testid="tile"][data-source="camera"][data-participant-name="${name}"]`);
  }

  screenTile() {
    return this.page.locator('[data-testid="tile"][data-source="screen"]');
  }

  button(name: string) {
    return this.page.getByRole('button', { name, exact: true });
  }

  click(name: string): Promise<void> {
    return this.button(name).click();
  }

  /** How many frames of a tile have been painted since the element was made. */
  frames(tile: ReturnType<Person['tile']>): Promise<number> {
    return tile.evaluate((element) => element.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0);
  }

  /** Waits until the tile shows a picture that moves and is not black. */
  async seesPicture(tile: ReturnType<Person['tile']>): Promise<void> {
    await waitFor(`${this.name} to see a moving picture`, async () => (await this.frames(tile).catch(() => 0)) > 0, {
      timeoutMs: 20_000,
    });
    const before = await this.frames(tile);
    await waitFor(`${this.name} to see the picture go on`, async () => (await this.frames(tile)) > before + 5, {
      timeoutMs: 20_000,
    });
    await waitFor(`${this.name} to see more than black`, async () => (await this.brightness(tile)) > 10);
  }

  /** Mean brightness of what the tile's video shows, 0 to 255. */
  brightness(tile: ReturnType<Person['tile']>): Promise<number> {
    return tile.evaluate((element) => {
      const video = element.querySelector('video');
      if (!video?.videoWidth) return 0;
      const canvas = document.createElement('canvas');
      canvas.width = 64;
      canvas.height = 36;
      const drawing = canvas.getContext('2d');
      if (!drawing) return 0;
      drawing.drawImage(video, 0, 0, 64, 36);
      const { data } = drawing.getImageData(0, 0, 64, 36);
      let sum = 0;
      for (let index = 0; index < data.length; index += 4) {
        sum += ((data[index] ?? 0) + (data[index + 1] ?? 0) + (data[index + 2] ?? 0)) / 3;
      }
      return sum / (data.length / 4);
    });
  }

  /** Size in pixels of the picture that is decoded right now. */
  pictureSize(tile: ReturnType<Person['tile']>): Promise<{ width: number; height: number }> {
    return tile.evaluate((element) => {
      const video = element.querySelector('video');
      return { width: video?.videoWidth ?? 0, height: video?.videoHeight ?? 0 };
    });
  }

  /** Playwright's `evaluate` counts as a click of the person; this does not. */
  async evaluateWithoutGesture(expression: string): Promise<unknown> {
    this.#devtools ??= this.#context.newCDPSession(this.page);
    const { result } = await (await this.#devtools).send('Runtime.evaluate', { expression, userGesture: false });
    return result.value;
  }

  /** The test is about to kill the page. */
  forgiveCrash(): void {
    this.#mayCrash = true;
  }

  /** Waits until this many others are audible: their sound is decoded, plays, and is not silence. */
  async hears(others: number): Promise<void> {
    await waitFor(`${this.name} to hear ${others} people`, async () => (await audible(this.page)) === others, {
      timeoutMs: 20_000,
    });
  }

  /** Closes the page as somebody does who closes the tab: its handlers run. */
  async closeTab(): Promise<void> {
    await this.page.close({ runBeforeUnload: true });
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
