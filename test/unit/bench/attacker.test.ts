import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { attackFigures, attackText } from '../../bench/scenarios/attacker/attackText.ts';
import { Pacer } from '../../bench/scenarios/attacker/Pacer.ts';
import { allowed, attackReport, kinds } from '../../bench/scenarios/attacker/plan.ts';
import { RawSocket } from '../../bench/scenarios/attacker/RawSocket.ts';
import { badTokens } from '../../bench/scenarios/attacker/Stranger.ts';

test('a pacer gives what is due, never more, and forgets what was due long ago', () => {
  const pacer = new Pacer(100, 0);
  let done = 0;
  const work = () => {
    done += 1;
    return true;
  };
  for (let now = 0; now <= 1000; now += 5) pacer.run(now, work);
  expect(done).toBe(100);
  // Two seconds of standing still: a quarter of a second is made up for.
  pacer.run(3000, work);
  expect(done).toBe(125);
});

test('what cannot be done is not counted as done', () => {
  const pacer = new Pacer(100, 0);
  pacer.run(100, () => false);
  expect(pacer.due(100)).toBe(10);
});

test('ten times what a server allows by default, each kind of it', () => {
  const config = readConfig(['--open'], {});
  expect(allowed(config)).toMatchObject({
    connects: config.limitConnects.address.perSecond,
    joins: config.limitJoins.address.perSecond,
    requests: config.limitRequests.address.perSecond,
    chat: config.limitChat.address.perSecond,
    data: config.dataMessages,
  });
});

test('the report says what was sent, beside what is allowed, and what came back', () => {
  const report = attackReport.parse({
    seconds: 10,
    cpuSeconds: 2,
    sent: { ...Object.fromEntries(kinds.map((kind) => [kind, 1000])), http: 500 },
    answers: { ...Object.fromEntries(kinds.map((kind) => [kind, {}])), http: { 404: 200, 200: 300 } },
  });
  expect(attackText(report)).toContain('  http: 500 sent; 200 300, 404 200');
  const figures = attackFigures(report, {
    allowed: { ...allowed(readConfig(['--open'], {})), http: 25 },
    only: ['http', 'chat'],
    atLeast: 3,
  });
  expect(figures.find(({ name }) => name === 'the attacker sent: http')).toMatchObject({
    ...{ value: 50, ratio: 2 },
    met: false,
  });
  expect(figures.map(({ name }) => name)).toEqual(['the attacker sent: http', 'the attacker sent: chat']);
});

test('no token of a stranger is the good one', () => {
  const bad = badTokens('header.payload.signature');
  expect(bad).not.toContain('header.payload.signature');
  expect(new Set(bad).size).toBe(bad.length);
});

const peers: Socket[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.destroy();
});

/** A server that upgrades, and what it has read since. */
async function upgrading(status = 101) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const met = Promise.withResolvers<Socket>();
  server.once('connection', (peer: Socket) => {
    peers.push(peer);
    server.close();
    peer.once('data', () => peer.write(`HTTP/1.1 ${status} X\r\nUpgrade: websocket\r\n\r\n`));
    met.resolve(peer);
  });
  return { place: { host: '127.0.0.1', port: address.port }, met: met.promise };
}

test('texts of all sizes are written and read as WebSockets have them', async () => {
  const { place, met } = await upgrading();
  const socket = new RawSocket(place);
  const opened = Promise.withResolvers<string>();
  socket.onAnswered = opened.resolve;
  const peer = await met;
  expect(await opened.promise).toBe('101');
  const read: Buffer[] = [];
  peer.on('data', (bytes: Buffer) => read.push(bytes));
  const texts = ['2', 'x'.repeat(200), 'y'.repeat(70_000)];
  socket.send(texts);
  const whole = 2 + 4 + 1 + (4 + 4 + 200) + (10 + 4 + 70_000);
  while (Buffer.concat(read).length < whole) await once(peer, 'data');
  const bytes = Buffer.concat(read);
  expect([...bytes.subarray(0, 7)]).toEqual([0x81, 0x81, 0, 0, 0, 0, '2'.charCodeAt(0)]);
  expect(createHash('sha256').update(bytes.subarray(-70_000)).digest('hex')).toBe(
    createHash('sha256').update('y'.repeat(70_000)).digest('hex'),
  );
  // The same back, without masks, and not in the pieces in which it was written.
  const heard: string[] = [];
  const all = Promise.withResolvers<void>();
  socket.onText = (text) => {
    heard.push(text);
    if (heard.length === 3) all.resolve();
  };
  const long = Buffer.alloc(10);
  long[0] = 0x81;
  long[1] = 127;
  long.writeBigUInt64BE(70_000n, 2);
  const frames = [
    Buffer.from([0x81, 1, 50]),
    Buffer.from([0x81, 126, 0, 200]),
    Buffer.from('x'.repeat(200)),
    long,
    Buffer.from('y'.repeat(70_000)),
  ];
  const stream = Buffer.concat(frames);
  peer.write(stream.subarray(0, 100));
  peer.write(stream.subarray(100));
  await all.promise;
  expect(heard).toEqual(texts);
  socket.close();
});

test('a handshake that is refused is told with its status, and closed', async () => {
  const { place, met } = await upgrading(403);
  const socket = new RawSocket(place);
  const told = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();
  socket.onAnswered = told.resolve;
  socket.onClosed = closed.resolve;
  await met;
  expect(await told.promise).toBe('403');
  await closed.promise;
  expect(socket.writable).toBe(false);
});
