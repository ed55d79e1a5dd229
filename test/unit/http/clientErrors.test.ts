import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { answerClientErrors } from '../../../src/http/clientErrors.ts';
import { selfSignedCertificate } from '../../../src/http/lan.ts';
import { errorCodes } from '../../../src/protocol/index.ts';
import { problem as problemShape } from '../../../src/protocol/problems.ts';

/** What is told to those who send what is no request. */

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** So short that a request is not waited for; long enough for one that is there. */
const patience = { headersTimeout: 200, requestTimeout: 200, connectionsCheckingInterval: 50 };

async function listen(answer: RequestListener = () => undefined, server = createServer()): Promise<number> {
  server.on('request', answer);
  answerClientErrors(server);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** All that comes back until the other end closes the connection. */
async function told(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part) => void parts.push(part));
  await finished(socket, { writable: false });
  socket.destroy();
  return Buffer.concat(parts).toString();
}

function send(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(text);
  return told(socket);
}

/** The one answer that a text is, as a client reads it. */
function parse(text: string) {
  const [head = '', body = '', ...more] = text.split('\r\n\r\n');
  const [status, ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(': ', 2)));
  expect([more, headers['content-length']]).toEqual([[], String(Buffer.byteLength(body))]);
  return { status, headers, problem: problemShape.parse(JSON.parse(body)) };
}

const get = 'GET / HTTP/1.1\r\nhost: a\r\n';
const chunked = 'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n';

describe('it hears why, in one constant answer', () => {
  const cases: [string, string, number, keyof typeof errorCodes, string][] = [
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'bad-request', 'what came is no HTTP request that can be read'],
    ['another header', `${get}a b: c\r\n\r\n`, 400, 'bad-request', expect.any(String)],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'bad-request', expect.any(String)],
    ['no chunk', `${chunked}zz\r\n`, 400, 'bad-request', expect.any(String)],
    [
      'long extensions of a chunk',
      `${chunked}1;${'x'.repeat(20_000)}\r\n`,
      413,
      'message-too-large',
      'the extensions of a chunk are too long',
    ],
    [
      'large headers',
      `${get}a: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'message-too-large',
      'the address and the headers are larger than 16 KiB together',
    ],
    ['half of the headers', get, 408, 'timeout', 'the request did not come to its end in time'],
    ['half of a body', `${chunked}5\r\nab`, 408, 'timeout', expect.any(String)],
    ['nothing at all', '', 408, 'timeout', expect.any(String)],
  ];
  test.each(cases)('%s', async (_what, text, status, code, detail) => {
    const answer = parse(await send(await listen(undefined, createServer(patience)), text));
    expect(answer).toEqual({
      status: `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      headers: {
        date: expect.stringMatching(/gmt$/),
        connection: 'close',
        'content-type': 'application/problem+json',
        'content-length': expect.any(String),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
      problem: {
        ...{ type: `/api/v1/problems/${code}`, title: errorCodes[code], status },
        ...{ code, detail },
      },
    });
  });

  test('also after others on the same connection', async () => {
    const port = await listen((_request, response) => void response.end('the answer'));
    const socket = connect(port, '127.0.0.1');
    socket.write(`${get}\r\n`);
    socket.once('data', () => socket.write('nonsense\r\n\r\n'));
    const [first, second = ''] = (await told(socket)).split('the answer');
    expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(parse(second)).toMatchObject({ status: 'HTTP/1.1 400 Bad Request' });
  });

  test('over TLS as well; where that fails there is nobody to tell', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plenum-tls-'));
    try {
      const files = await selfSignedCertificate('127.0.0.1', folder);
      const port = await listen(undefined, createTlsServer(files));
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      socket.write('nonsense\r\n\r\n');
      expect(parse(await told(socket))).toMatchObject({ status: 'HTTP/1.1 400 Bad Request' });
      expect(await send(port, 'nonsense\r\n\r\n')).not.toContain('HTTP');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('nobody takes it for the answer to something else', () => {
  test('of which a part is out', async () => {
    const port = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half');
    });
    const socket = connect(port, '127.0.0.1');
    socket.write(chunked);
    socket.once('data', () => socket.write('zz\r\n'));
    expect(await told(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nhalf$/s);
  });

  test('that came before it and is still being worked on', async () => {
    const begun: string[] = [];
    const port = await listen(({ url = '' }) => void begun.push(url));
    expect(await send(port, `${get}\r\nnonsense\r\n\r\n`)).toBe('');
    expect(await send(port, `${get}\r\n${chunked}zz\r\n`)).toBe('');
    expect(begun).toEqual(['/', '/', '/']);
  });
});

test('a connection that is reset in the middle of a request gets nothing, and harms nobody', async () => {
  const server = createServer();
  const failed = new Promise<Error>((resolve) => server.once('clientError', resolve));
  const port = await listen(undefined, server);
  const socket = connect(port, '127.0.0.1');
  socket.write(chunked, () => void socket.resetAndDestroy());
  expect(await failed).toMatchObject({ code: 'ECONNRESET' });
  expect(parse(await send(port, 'nonsense\r\n\r\n')).status).toBe('HTTP/1.1 400 Bad Request');
});
