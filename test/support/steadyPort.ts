import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what operating systems give away by themselves (Linux from 32768 on, others from 49152) and what mediasoup chooses
 * from (from 10000 on): nobody takes such a port while whoever listens there is away for a moment. None of these is one
 * that browsers refuse (https://fetch.spec.whatwg.org/#port-blocking).
 */
const [first, last] = [7000, 9998];

/**
 * A TCP port of localhost that is free, and stays so until it is asked for by its number; so is the next one, which a server
 * takes for its operators.
 */
export async function steadyPort(): Promise<number> {
  const ports = last - first + 1;
  const start = Math.floor(Math.random() * ports);
  for (let step = 0; step < ports; step += 1) {
    const port = first + ((start + step) % ports);
    const both = [port, port + 1].flatMap((each) => [isFree(each, '127.0.0.1'), isFree(each, '::1')]);
    if ((await Promise.all(both)).every(Boolean)) return port;
  }
  throw new Error(`no port from ${first} to ${last} is free`);
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer().listen({ port, host });
  try {
    await once(server, 'listening');
  } catch (error) {
    // A machine without IPv6 has nobody who listens there.
    return error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL';
  }
  const closed = once(server, 'close');
  server.close();
  await closed;
  return true;
}
