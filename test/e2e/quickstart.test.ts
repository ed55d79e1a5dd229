import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audible } from '../support/audible.ts';
import { launchChromium } from '../support/chromium.ts';
import { startTestServer } from '../support/testServer.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The first program in the README that uses the client SDK. */
function quickStart(): string {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  const code = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  const found = code.find((block) => block.includes("from 'plenum/client'"));
  if (!found) throw new Error('the README has no quick start');
  return found;
}

/** How many pictures each of the page's videos has shown, of those that are more than black. */
function watch(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('video')].map((element) => {
      const canvas = new OffscreenCanvas(32, 18);
      const context = canvas.getContext('2d');
      context?.drawImage(element, 0, 0, 32, 18);
      const bright = context?.getImageData(0, 0, 32, 18).data.some((value, index) => index % 4 !== 3 && value > 60);
      return bright ? element.getVideoPlaybackQuality().totalVideoFrames : 0;
    }),
  );
}

describe('the quick start of the README', () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plenum-quickstart-'));
    writeFileSync(join(folder, 'quickstart.ts'), quickStart());
    writeFileSync(
      join(folder, 'index.html'),
      '<!doctype html><html lang="en"><head><title>Quick start</title></head>' +
        '<body><script type="module" src="/quickstart.ts"></script></body></html>',
    );
    // Asked for by the browser; a 404 would count as a problem.
    mkdirSync(join(folder, 'public'));
    writeFileSync(join(folder, 'public', 'favicon.ico'), '');
    await build({
      configFile: false,
      root: folder,
      logLevel: 'error',
      resolve: { alias: { 'plenum/client': join(repository, 'src', 'client', 'index.ts') } },
      build: { outDir: 'dist', target: 'es2024', modulePreload: { polyfill: false } },
    });
  }, 60_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has fewer than 20 lines', () => {
    const lines = quickStart()
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThan(20);
  });

  it('is a meeting with picture and sound', async () => {
    const server = await startTestServer({ clientFolder: join(folder, 'dist') });
    const browser = await launchChromium();
    const problems: string[] = [];
    try {
      const pages: Page[] = [];
      for (let index = 0; index < 2; index += 1) {
        const page = await browser.newPage();
        page.on('pageerror', (error) => problems.push(error.message));
        page.on('console', (message) => {
          if (message.type() === 'error') problems.push(message.text());
        });
        await page.goto(server.url);
        pages.push(page);
      }
      for (const page of pages) {
        await expect
          .poll(async () => (await watch(page)).map((frames) => frames > 0), { timeout: 20_000 })
          .toEqual([true]);
        const [before = 0] = await watch(page);
        await expect.poll(async () => (await watch(page))[0], { timeout: 10_000 }).toBeGreaterThan(before + 5);
        await expect.poll(() => audible(page), { timeout: 20_000 }).toBe(1);
      }
      expect(problems).toEqual([]);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
