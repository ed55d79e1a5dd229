import { type Browser, chromium } from 'playwright-core';

export interface ChromiumOptions {
  /** Whether pages may play sound without a click, as after a call was joined by hand. Default: true. */
  autoplay?: boolean;
  /** Whether there is a (fake) camera and microphone. Default: true. */
  devices?: boolean;
  /** Whether pages may use them without asking. Default: true. */
  permitted?: boolean;
  /** More switches of Chromium's own. */
  args?: string[];
  /** Runs Chromium through this command, for example in a network namespace. */
  executablePath?: string;
}

/** Debian's Chromium without its calls home; loud failures instead of a sandbox that root cannot have. */
export function launchChromium({
  autoplay = true,
  devices = true,
  permitted = true,
  args = [],
  executablePath,
}: ChromiumOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? process.env.PLENUM_CHROMIUM ?? '/usr/bin/chromium',
    // Playwright adds a switch of its own that lets everything play; a test of the block must not have it.
    ...(!autoplay && { ignoreDefaultArgs: ['--autoplay-policy=user-gesture-required', '--mute-audio'] }),
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
