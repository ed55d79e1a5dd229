import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { FirefoxAnswer, FirefoxNews, FirefoxOrder } from './Firefox.ts';

/** Runs beside Firefox in its network namespace, where alone its debugging socket can be reached; see Firefox.ts. */

const preferences = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  // Cameras on http://10.x.x.x.
  'media.devices.insecure.enabled': true,
  'media.getusermedia.insecure.enabled': true,
  // There is no mDNS in a namespace that would resolve a hidden address.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.autoplay.default': 0,
};

const pages: Page[] = [];
let browser: Browser | undefined;

function tell(message: FirefoxAnswer | FirefoxNews): void {
  if (process.connected) process.send?.(message);
}

async function obey(order: FirefoxOrder): Promise<unknown> {
  switch (order.name) {
    case 'launch': {
      const { executablePath } = order;
      browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath,
        extraPrefsFirefox: preferences,
        // A viewport that puppeteer sets comes with commands that the Firefox of some Debian machines (140) does not know.
        defaultViewport: null,
        args: ['--width=1280', '--height=800'],
      });
      return browser.version();
    }
    case 'open': {
      if (!browser) throw new Error('Firefox has not been started');
      const page = await browser.newPage();
      pages.push(page);
      const problem = (text: string) => tell({ problem: text, page: pages.indexOf(page) });
      page.on('console', (message) => {
        if (message.type() === 'error') problem(`console: ${message.text()}`);
      });
      page.on('pageerror', (error) => problem(`uncaught: ${error instanceof Error ? error.message : error}`));
      if (order.initScript) await page.evaluateOnNewDocument(order.initScript);
      await page.goto(order.url);
      return pages.indexOf(page);
    }
    case 'evaluate':
      // As a string: a page's Content-Security-Policy forbids eval() to itself, not to the debugger.
      return pages[order.page]?.evaluate(order.expression);
    case 'closePage':
      return pages[order.page]?.close();
    case 'close':
      await browser?.close();
      return undefined;
  }
}

process.on('message', (order: FirefoxOrder) => {
  obey(order).then(
    (result) => tell({ id: order.id, result }),
    (error) => tell({ id: order.id, error: error instanceof Error ? error.message : String(error) }),
  );
});

// Whoever wanted Firefox has gone.
process.on('disconnect', () => {
  const end = () => process.exit();
  setTimeout(end, 3000);
  (browser?.close() ?? Promise.resolve()).then(end, end);
});
