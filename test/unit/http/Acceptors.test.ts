import { once } from 'node:events';
import { connect, createServer, type Server, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { Acceptors } from '../../../src/http/Acceptors.ts';
import { AcceptQueue } from '../../../src/http/AcceptQueue.ts';

const open: (Acceptors | Socket)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) {
    if (each instanceof Acceptors) await each.close();
    else each.destroy();
  }
});

/** Whoever connects meanwhile is taken in by the kernel. */
function blockFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const nobody = () => false;
const options = { sockets: 8, allowHalfOpen: true, take: () => true, bringsOthers: nobody };

async function listening(server: Server, port = 0): Promise<number> {
  const acceptors = new Acceptors(server, options);
  open.push(acceptors);
  return acceptors.listen('127.0.0.1', port);
}

test.skipIf(process.platform !== 'linux')('several connections are taken in one turn of the event loop', async () => {
  let turn = 0;
  let going = true;
  const turns = new Map<number, number>();
  const server = createServer((socket) => {
    turns.set(turn, (turns.get(turn) ?? 0) + 1);
    open.push(socket);
  });
  const port = await listening(server);
  const count = () => {
    turn += 1;
    if (going) setImmediate(count);
  };
  count();
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
  open.push(...clients);
  // All are there before the first is taken: the kernel answers for us.
  blockFor(50);
  await Promise.all(clients.map((client) => once(client, 'connect')));
  while ([...turns.values()].reduce((sum, each) => sum + each, 0) < 100) await once(server, 'connection');
  going = false;
  expect(Math.max(...turns.values())).toBeGreaterThan(1);
});

test('an address does not wait behind all who come from another one', async () => {
  const served: string[] = [];
  const server = createServer((socket) => {
    served.push(socket.remoteAddress ?? '');
    open.push(socket);
  });
  const port = await listening(server);
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
  open.push(...clients);
  await Promise.all(clients.slice(0, 1).map((client) => once(client, 'connect')));
  const ada = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  open.push(ada);
  blockFor(50);
  while (served.length < 101) await once(server, 'connection');
  // Those before have been taken in the same turns as it was.
  expect(served.indexOf('127.0.0.2')).toBeLessThan(50);
});

test('of one address so many wait; one more is closed, and those of another one are not', async () => {
  const served: Socket[] = [];
  const queue = new AcceptQueue({ serve: (socket) => void served.push(socket), bringsOthers: nobody, most: 3 });
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: true }, (socket) => void sockets.push(socket));
  const port = await listening(server);
  const come = async (localAddress: string) => {
    const client = connect({ port, host: '127.0.0.1', localAddress });
    client.on('error', () => undefined);
    open.push(client);
    const before = sockets.length;
    while (sockets.length === before) await once(server, 'connection');
  };
  for (let n = 0; n < 6; n += 1) await come('127.0.0.1');
  await come('127.0.0.2');
  open.push(...sockets);
  for (const socket of sockets) queue.add(socket);
  // One of each is served at once.
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false, true, true, false]);
  while (served.length < 5) await setImmediate();
  expect(served[1]).toBe(sockets.at(-1));
});

/** Sockets of an address, as far as a queue asks. */
function from(remoteAddress: string, count: number): Socket[] {
  return Array.from({ length: count }, () =>
    Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress }),
  );
}

test('in each turn one is served of each address, and of a proxy as many as of several', async () => {
  const served: (string | undefined)[] = [];
  const bringsOthers = (address: string) => address === '10.0.0.9';
  const queue = new AcceptQueue({ serve: ({ remoteAddress }) => void served.push(remoteAddress), bringsOthers });
  const [many, few, proxy] = [from('10.0.0.1', 20), from('10.0.0.2', 2), from('10.0.0.9', 6)];
  for (const socket of [...many, ...few]) queue.add(socket);
  await setImmediate();
  await setImmediate();
  expect(served.filter((address) => address === '10.0.0.2')).toHaveLength(2);
  expect(served.filter((address) => address === '10.0.0.1').length).toBeLessThanOrEqual(4);
  const before = served.length;
  for (const socket of proxy) queue.add(socket);
  await setImmediate();
  await setImmediate();
  expect(served.slice(before).filter((address) => address === '10.0.0.9').length).toBeGreaterThanOrEqual(4);
  expect(served.slice(before)).toContain('10.0.0.1');
  queue.close();
});

test('those who wait when it closes are closed', async () => {
  const queue = new AcceptQueue({ serve: () => undefined, bringsOthers: nobody });
  const sockets = [new Socket(), new Socket(), new Socket()];
  for (const socket of sockets) queue.add(socket);
  queue.close();
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, true, true]);
});

test('a port that somebody else shares is in use', async () => {
  const port = await listening(createServer());
  await expect(listening(createServer(), port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('after it has closed nobody is there, and the port is free', async () => {
  const acceptors = new Acceptors(createServer(), options);
  const port = await acceptors.listen('127.0.0.1', 0);
  await acceptors.close();
  const late = connect(port, '127.0.0.1');
  open.push(late);
  await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(await listening(createServer(), port)).toBe(port);
});
