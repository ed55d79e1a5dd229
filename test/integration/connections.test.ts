import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { setStage } from '../support/stage.ts';
import { waitFor } from '../support/waitFor.ts';

/** Connections as no browser makes them. An error that nobody listens for would end this process, server and all. */

const stage = setStage();

interface Raw {
  socket: Socket;
  received: () => string;
}

async function open(): Promise<Raw> {
  const { hostname, port } = new URL(stage.server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let received = '';
  socket.on('data', (part) => {
    received += String(part);
  });
  return { socket, received: () => received };
}

const answers = ({ received }: Raw) => received().split('HTTP/1.1 200').length - 1;
const isThere = async () => (await fetch(`${stage.server.url}/health`)).status === 200;
const upgrade = (path: string, protocol = 'websocket') =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n` +
  'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const health = 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n';

test.each([
  '/other',
  '/',
  '/socket.io',
  '/socket.io/?EIO=4&transport=websocket',
  '/socket.io/?EIO=4&transport=polling',
])('whoever asks for a WebSocket at %s and is gone harms nobody', async (path) => {
  for (const before of ['', health]) {
    const raw = await open();
    raw.socket.write(before);
    if (before) await waitFor('the answer', () => answers(raw) === 1);
    raw.socket.write(upgrade(path));
    // By then it has been read.
    expect(await isThere()).toBe(true);
    raw.socket.resetAndDestroy();
    for (let look = 0; look < 3; look += 1) expect(await isThere()).toBe(true);
  }
});

test.each([
  ['a WebSocket where there is none', upgrade('/health')],
  ['another protocol', upgrade('/health', 'h2c')],
])('who asks for %s gets an answer, and what it asks next as well', async (_what, request) => {
  const raw = await open();
  raw.socket.write(request);
  await waitFor('the answer', () => answers(raw) === 1);
  raw.socket.write(health);
  await waitFor('another', () => answers(raw) === 2);
  raw.socket.destroy();
});

test('requests that come in one go are answered one after the other; who sends hundreds is cut', async () => {
  const few = await open();
  few.socket.write(health.repeat(10));
  await waitFor('ten answers', () => answers(few) === 10);
  const many = await open();
  const closed = once(many.socket, 'close');
  many.socket.on('error', () => undefined).write(health.repeat(1000));
  await closed;
  expect(answers(many)).toBeLessThan(50);
  few.socket.write(health);
  await waitFor('one more', () => answers(few) === 11);
  few.socket.destroy();
});

test('requests of polling are answered in their order among others', async () => {
  // Scripts of any page may ask like this, and none gets an answer.
  const script = 'GET /socket.io/?EIO=4&transport=polling&j=1 HTTP/1.1\r\nhost: localhost\r\n\r\n';
  const raw = await open();
  raw.socket.write((script + health).repeat(3));
  const statuses = () => [...raw.received().matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  await waitFor('all answers', () => statuses().length === 6);
  expect(statuses()).toEqual(Array(3).fill(['400', '200']).flat());
  raw.socket.destroy();
});
