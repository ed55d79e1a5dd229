import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Listener, type ListenerOptions } from '../../../src/http/Listener.ts';
import { waitFor } from '../../support/waitFor.ts';

const open: (Listener | Socket)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) {
    if (each instanceof Listener) await each.close();
    else each.destroy();
  }
});

async function listen(answer: RequestListener, options: Partial<ListenerOptions> = {}): Promise<number> {
  const listener = new Listener(answer, {
    ...{ hosts: ['127.0.0.1'], port: 0, maxConnections: 100, maxAddressConnections: 100, listeningSockets: 2 },
    ...{ bringsOthers: () => false, variables: { host: 'PLENUM_HOST', port: 'PLENUM_PORT' }, ...options },
  });
  open.push(listener);
  return listener.listen();
}

/** @param from an address of this machine */
function dial(port: number, from = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined);
  open.push(socket);
  return socket;
}

const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
/** More than the kernel takes of what nobody reads. */
const large = Buffer.alloc(32 * 2 ** 20);

test('whoever does not read its answer is cut; whoever reads it slowly gets all of it', async () => {
  const stalledMs = 400;
  const taken: Socket[] = [];
  const answer: RequestListener = ({ socket }, response) => {
    taken.push(socket);
    response.end(large);
  };
  const port = await listen(answer, { stalledMs });
  const stalled = dial(port);
  stalled.write(request);
  await once(stalled, 'readable');
  const slow = dial(port);
  slow.write(request);
  let bytes = 0;
  slow.on('data', (part) => {
    bytes += part.length;
    slow.pause();
    setTimeout(() => slow.resume(), stalledMs / 400);
  });
  const since = performance.now();
  await waitFor('all to be read', () => bytes > large.length, { timeoutMs: 15_000 });
  expect(performance.now() - since, 'it took longer than the patience').toBeGreaterThan(stalledMs);
  await waitFor('the server to give up', () => taken[0]?.destroyed);
  const closed = once(stalled, 'close');
  stalled.resume();
  await closed;
  expect(taken).toHaveLength(2);
  expect(stalled.bytesRead).toBeLessThan(large.length);
});

test('one address has so many connections; others have theirs, and whoever brings others any number', async () => {
  const taken: (string | undefined)[] = [];
  const told: string[] = [];
  const port = await listen((_request, response) => void response.end(), {
    maxAddressConnections: 3,
    bringsOthers: (address) => address === '127.0.0.9',
    crowded: (address) => void told.push(address),
  });
  const ask = async (from: string) => {
    const socket = dial(port, from);
    socket.write(request);
    const [answer] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [undefined])]);
    taken.push(answer && from);
    return socket;
  };
  const [first] = [await ask('127.0.0.1'), await ask('127.0.0.1'), await ask('127.0.0.1')];
  await ask('127.0.0.1');
  await ask('127.0.0.2');
  for (let index = 0; index < 5; index += 1) await ask('127.0.0.9');
  expect(taken).toEqual([...Array(3).fill('127.0.0.1'), undefined, '127.0.0.2', ...Array(5).fill('127.0.0.9')]);
  expect(told).toEqual(['127.0.0.1']);
  first.destroy();
  await waitFor('its place to be free', async () => {
    await ask('127.0.0.1');
    return taken.at(-1) !== undefined;
  });
});
