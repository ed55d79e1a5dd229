import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Acceptors } from '../../../src/http/Acceptors.ts';

const open: (Acceptors | Socket)[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) {
    if (each instanceof Acceptors) await each.close();
    else each.destroy();
  }
});

const options = { sockets: 8, allowHalfOpen: true, take: () => true };

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
  const until = performance.now() + 50;
  while (performance.now() < until);
  await Promise.all(clients.map((client) => once(client, 'connect')));
  while ([...turns.values()].reduce((sum, each) => sum + each, 0) < 100) await once(server, 'connection');
  going = false;
  expect(Math.max(...turns.values())).toBeGreaterThan(1);
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
