import { ensurePackages } from './debian.mjs';
import { isOnPath } from './processes.mjs';

const BROWSERS = [
  { name: 'chromium', command: 'chromium' },
  { name: 'firefox-esr', command: 'firefox-esr' },
  // Without any font, pages have no text.
  { name: 'fonts-liberation' },
];

// Tests that need a network of their own run as root only.
const NETWORK_TOOLS = [
  { name: 'nftables', command: 'nft' },
  { name: 'iproute2', command: 'ip' },
];

/** What the tests in real browsers need. */
export async function ensureBrowsers() {
  if (!isOnPath('apt-get')) {
    console.log('Browsers are installed by Plenum on Debian only; the tests use those that they find here.');
    return;
  }
  const asRoot = process.getuid?.() === 0;
  await ensurePackages([...BROWSERS, ...(asRoot ? NETWORK_TOOLS : [])], {
    label: 'Installing the browsers for the tests',
    what: 'the tests in browsers cannot run.',
  });
}
