import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { steadyPort } from '../support/steadyPort.ts';
import { waitFor } from '../support/waitFor.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

// Each write to it says that there is no space left.
test.skipIf(process.platform !== 'linux').each(['json', 'text'])(
  'a server whose log (%s) cannot be written goes on, and ends when it is told to',
  async (format) => {
    const port = await steadyPort();
    const full = openSync('/dev/full', 'w');
    const args = ['--port', `${port}`, '--rtc-port', '0', '--workers', '1', '--open', '--log-format', format];
    const child = spawn(process.execPath, [main, ...args, '--audit-log', '-'], { stdio: ['ignore', full, 'ignore'] });
    closeSync(full);
    try {
      const isReady = () =>
        fetch(`http://127.0.0.1:${port}/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      await waitFor('the server', isReady, { timeoutMs: 20_000 });
      // Each of these is a line of its log.
      for (let look = 0; look < 5; look += 1) await fetch(`http://127.0.0.1:${port}/%`);
      expect(await isReady()).toBe(true);
      child.kill('SIGINT');
      await waitFor('its end', () => child.exitCode !== null || child.signalCode !== null);
      expect(child.exitCode).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  },
);
