import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Cable } from './Cable.ts';

export interface ProbeResult {
  sent: number;
  received: number;
  /** Round-trip times in milliseconds. */
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

const program = fileURLToPath(new URL('probe.py', import.meta.url));

/** Sends UDP packets of 1,000 bytes over a cable and back, and says how many came and how long they took. */
export async function probe(cable: Cable, { rate, seconds }: { rate: number; seconds: number }): Promise<ProbeResult> {
  const [from, to] = cable.ends;
  const echo = to.namespace.spawn('python3', [program, 'echo', to.address], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    if (!echo.stdout) throw new Error('the echo has no output');
    await Promise.race([once(echo.stdout, 'data'), failure(echo)]);
    const args = [program, 'send', to.address, String(rate), String(seconds)];
    const sender = from.namespace.spawn('python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (!sender.stdout) throw new Error('the sender has no output');
    return JSON.parse(await text(sender.stdout));
  } finally {
    echo.kill('SIGKILL');
  }
}

async function failure(child: NodeJS.EventEmitter): Promise<never> {
  await once(child, 'exit');
  throw new Error('the echo has ended');
}
