import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { RawClient } from '../support/RawClient.ts';
import { steadyPort } from '../support/steadyPort.ts';
import { waitFor } from '../support/waitFor.ts';

const dev = fileURLToPath(new URL('../../deploy/dev.mjs', import.meta.url));

test('npm run dev serves the page, and its server on whichever port the flags name', async () => {
  const args = ['--port', String(await steadyPort()), '--rtc-port', '0', '--workers', '1'];
  const child = spawn(process.execPath, [dev, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += stripVTControlCharacters(text);
    });
  }
  const ended = once(child, 'exit');
  try {
    const page = await waitFor('the address of the page', () => /Local:\s+(\S+)\//.exec(output)?.[1], {
      timeoutMs: 20_000,
    });
    await waitFor('the server', () => output.includes('Plenum is ready'), { timeoutMs: 20_000 });
    expect(await (await fetch(`${page}/r/hello`)).text()).toContain('<div id="root">');
    expect(await (await fetch(`${page}/ready`)).json()).toEqual({ status: 'ready' });
    const handshake = await fetch(`${page}/socket.io/?EIO=4&transport=polling`);
    expect(await handshake.text()).toContain('"sid"');
    const answer = await fetch(`${page}/api/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ room: 'hello', name: 'Ada' }),
    });
    const { token } = await answer.json();
    const ada = await RawClient.connect(page, token);
    ada.close();
    expect(ada.received('welcome')[0]?.simulatedFaults, 'for the debug menu').toContain('worker-killed');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  expect(child.exitCode, output).toBe(0);
});
