import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

export interface ChromiumOptions {
  /** Whether pages may play sound without a click, as after a call was joined by hand. Default: true. */
  autoplay?: boolean;
  /** Whether there is a (fake) camera and microphone. Default: true. */
  devices?: boolean;
  /** Whether pages may use them without asking. Default: true. */
  permitted?: boolean;
  /** Whether what pages play goes out, as it must for another page to capture it. Default: false. */
  sound?: boolean;
  /** More switches of Chromium's own. */
  args?: string[];
  /** Runs Chromium through this command, for example in a network namespace. */
  executablePath?: string;
}

/** In this order; the last is what `playwright-core install chromium` brings. deploy/bootstrap looks for the same. */
const chromiums = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The Chromium or Chrome that is installed; `CHROMIUM_BIN` names another. */
export function chromiumPath(): string {
  return process.env.CHROMIUM_BIN ?? chromiums.find((path) => existsSync(path)) ?? chromium.executablePath();
}

/** Debian's Chromium without its calls home; loud failures instead of a sandbox that root cannot have. */
export function launchChromium({
  autoplay = true,
  devices = true,
  permitted = true,
  sound = false,
  args = [],
  executablePath,
}: ChromiumOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? chromiumPath(),
    // Playwright adds a switch of its own that lets everything play; a test of the block must not have it.
    ignoreDefaultArgs: [
      ...(autoplay ? [] : ['--autoplay-policy=user-gesture-required']),
      ...(autoplay && !sound ? [] : ['--mute-audio']),
    ],
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(devices ? ['--use-fake-device-for-media-stream'] : []),
      ...(devices && permitted ? ['--use-fake-ui-for-media-stream'] : []),
      ...(autoplay ? ['--autoplay-policy=no-user-gesture-required'] : []),
      ...args,
    ],
  });
}
