import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from './debian.mjs';
import { SetupFailure } from './failure.mjs';
import { environmentFor, root } from './places.mjs';
import { isOnPath, run } from './processes.mjs';
import { startStep } from './progress.mjs';

// test/support/chromium.ts looks for the same.
const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_CHROMIUMS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

// Firefox is tested in a network namespace, as is all that needs a network of its own: as root only.
const ROOT_PACKAGES = [
  { name: 'firefox-esr', command: 'firefox-esr' },
  { name: 'nftables', command: 'nft' },
  { name: 'iproute2', command: 'ip' },
  { name: 'procps', command: 'ps' },
  { name: 'python3', command: 'python3' },
];

/**
 * What the tests in real browsers need.
 *
 * @param {string} nodeBin
 */
export async function ensureBrowsers(nodeBin) {
  const hasChromium = CHROMIUMS.some(isOnPath) || MAC_CHROMIUMS.some((path) => existsSync(path));
  if (!isOnPath('apt-get')) {
    if (!hasChromium) await downloadChromium(nodeBin);
    return;
  }
  const asRoot = process.getuid?.() === 0;
  const packages = [
    ...(hasChromium ? [] : [{ name: 'chromium', command: 'chromium' }]),
    // Without any font, pages have no text.
    { name: 'fonts-liberation' },
    ...(asRoot ? ROOT_PACKAGES.filter(({ command }) => !isOnPath(command)) : []),
  ];
  await ensurePackages(packages, {
    label: 'Installing the browsers for the tests',
    what: 'the tests in browsers cannot run.',
  });
}

/**
 * Where there is neither a Chromium nor Debian's packages, Playwright brings its own.
 *
 * @param {string} nodeBin
 */
async function downloadChromium(nodeBin) {
  const step = startStep('Downloading Chromium for the tests');
  const args = [join(root, 'node_modules', 'playwright-core', 'cli.js'), 'install', 'chromium'];
  const result = await run(nodeBin, args, { cwd: root, env: environmentFor(nodeBin) });
  if (result.code === 0) {
    step.done();
    return;
  }
  step.failed('failed');
  throw new SetupFailure(
    'the tests in browsers cannot run: there is no Chromium, and it cannot be downloaded.',
    result.output.trim().split('\n').slice(-5).join('\n'),
    'Install Chromium or Chrome, then:\nnpm test',
  );
}
