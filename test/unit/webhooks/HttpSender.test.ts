import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSigned } from '../../../src/auth/webhookSignature.ts';
import { AddressPolicy } from '../../../src/webhooks/addresses.ts';
import { HttpSender, type HttpSenderOptions, type Resolve, systemResolve } from '../../../src/webhooks/HttpSender.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { waitFor } from '../../support/waitFor.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const newSecret = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
const delivery = { id: 'event-1', lane: 'room', body: '{"hello":"wörld"}' };

interface Got {
  request: IncomingMessage;
  body: string;
}

const got: Got[] = [];
const servers: Server[] = [];
const clock = new FakeClock();
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let port: number;

const onRequest: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    got.push({ request, body: Buffer.concat(chunks).toString() });
    answer(response, request);
  });
};

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  got.length = 0;
  answer = (response) => response.writeHead(204).end();
  port = await listen(createServer(onRequest));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A target that DNS would know; here it is at loopback. */
const atLoopback: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];

function senderTo(url: string, options: Partial<HttpSenderOptions> = {}): HttpSender {
  return new HttpSender({
    url: new URL(url),
    secrets: [secret],
    policy: new AddressPolicy(['hooks.example', '127.0.0.1']),
    userAgent: 'Plenum/1.2.3',
    clock,
    resolve: atLoopback,
    ...options,
  });
}

const send = (options: Partial<HttpSenderOptions> = {}, signal = new AbortController().signal) =>
  senderTo(`http://hooks.example:${port}/path?key=1`, options).send(delivery, signal);

test('an event is posted, signed with each secret, with the time of the attempt', async () => {
  expect(await send({ secrets: [secret, newSecret] })).toEqual({ is: 'delivered' });
  const [{ request, body } = { request: undefined, body: '' }] = got;
  expect(request).toMatchObject({ method: 'POST', url: '/path?key=1' });
  const timestamp = Math.floor(clock.date() / 1000);
  expect(request?.headers).toMatchObject({
    host: `hooks.example:${port}`,
    'content-type': 'application/json',
    connection: 'close',
    'content-length': String(Buffer.byteLength(delivery.body)),
    'user-agent': 'Plenum/1.2.3',
    'webhook-id': 'event-1',
    'webhook-timestamp': String(timestamp),
  });
  expect(body).toBe(delivery.body);
  const signatures = String(request?.headers['webhook-signature']);
  for (const each of [secret, newSecret])
    expect(isSigned([each], { id: 'event-1', timestamp, body }, signatures)).toBe(true);
});

describe('what the answer says', () => {
  test.each([
    [200, { is: 'delivered' }],
    [299, { is: 'delivered' }],
    [410, { is: 'gone' }],
    [301, { is: 'failed', why: 'it answered with status 301' }],
    [400, { is: 'failed', why: 'it answered with status 400' }],
    [500, { is: 'failed', why: 'it answered with status 500' }],
  ])('%i', async (status, expected) => {
    answer = (response) => response.writeHead(status, { location: '/elsewhere' }).end();
    expect(await send()).toMatchObject(expected);
    // Redirects are not followed.
    expect(got).toHaveLength(1);
  });

  test.each([
    ['120', 120_000],
    ['soon', undefined],
    ['Fri, 31 Dec 2027 23:59:59 GMT', undefined],
    ['9999999', undefined],
    ['-1', undefined],
  ])('retry-after: %s', async (value, askedMs) => {
    answer = (response) => response.writeHead(503, { 'retry-after': value }).end();
    expect(await send()).toEqual({ is: 'failed', why: 'it answered with status 503', askedMs });
  });

  test('a long body is not read to its end', async () => {
    let closed = false;
    answer = (response, request) => {
      request.socket.on('close', () => {
        closed = true;
      });
      response.writeHead(200);
      const more = () => {
        while (!closed && response.write(Buffer.alloc(16 * 1024)));
      };
      response.on('drain', more);
      more();
    };
    expect(await send()).toEqual({ is: 'delivered' });
    await waitFor('the end of the connection', () => closed);
  });

  test('its status counts although the rest never comes', async () => {
    answer = (response, { socket }) => {
      response.writeHead(200, { 'content-length': 2 });
      response.write('x', () => socket.destroy());
    };
    expect(await send()).toEqual({ is: 'delivered' });
  });
});

describe('what fails', () => {
  test('a receiver that never answers, when the attempt is called off', async () => {
    const late = new AbortController();
    answer = () => late.abort(new Error('it did not answer within 15 s'));
    expect(await send({}, late.signal)).toEqual({ is: 'failed', why: 'it did not answer within 15 s' });
  });

  test('a look-up that never ends', async () => {
    const late = new AbortController();
    const resolve: Resolve = () => {
      setImmediate(() => late.abort(new Error('too late')));
      return new Promise(() => undefined);
    };
    expect(await send({ resolve }, late.signal)).toEqual({ is: 'failed', why: 'too late' });
  });

  test('an attempt that was called off before it began', async () => {
    expect(await send({}, AbortSignal.abort(new Error('the server stops')))).toEqual({
      is: 'failed',
      why: 'the server stops',
    });
    expect(got).toEqual([]);
  });

  test('a host that does not exist', async () => {
    const resolve: Resolve = () => Promise.reject(new Error('getaddrinfo ENOTFOUND hooks.example'));
    expect(await send({ resolve })).toEqual({ is: 'failed', why: 'getaddrinfo ENOTFOUND hooks.example' });
  });

  test('a connection that is refused, or that breaks off', async () => {
    answer = (_response, { socket }) => socket.destroy();
    expect(await send()).toMatchObject({
      is: 'failed',
      why: expect.stringMatching(/socket hang up|without an answer/),
    });
    answer = (_response, { socket }) => socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    expect(await send()).toMatchObject({ is: 'failed' });
    answer = (_response, { socket }) => socket.end('nonsense\r\n\r\n');
    expect(await send()).toMatchObject({ is: 'failed', why: expect.stringContaining('Parse Error') });
    const [server] = servers;
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    expect(await send()).toMatchObject({ is: 'failed', why: expect.stringContaining('ECONNREFUSED') });
    servers.pop();
  });
});

describe('the address', () => {
  test('is looked up once for each attempt, and the connection goes to what was checked', async () => {
    const asked: string[] = [];
    // As whoever owns the name would do it: right for the check, another one for the connection.
    const resolve: Resolve = async (host) => {
      asked.push(host);
      return [{ address: asked.length === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    const sender = senderTo(`http://hooks.example:${port}`, { resolve });
    const signal = new AbortController().signal;
    expect(await sender.send(delivery, signal)).toEqual({ is: 'delivered' });
    expect(asked).toEqual(['hooks.example']);
    expect(await sender.send(delivery, signal)).toMatchObject({
      is: 'failed',
      why: 'hooks.example is at 169.254.169.254, which is not a public address',
    });
    expect(asked).toHaveLength(2);
    expect(got).toHaveLength(1);
  });

  test('one that is not allowed among several is enough', async () => {
    const resolve: Resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address: 'fe80::1', family: 6 },
    ];
    expect(await send({ resolve })).toMatchObject({ is: 'failed', why: expect.stringContaining('fe80::1') });
    expect(got).toEqual([]);
  });

  test('of several that are allowed, another is tried where one does not answer', async () => {
    const resolve: Resolve = async () => [
      { address: '127.0.0.9', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(await send({ resolve })).toEqual({ is: 'delivered' });
  });

  test.each(['http://127.0.0.1', 'http://2130706433', 'http://0x7f.1'])('%s needs no name', async (origin) => {
    const sender = senderTo(`${origin}:${port}`, { resolve: systemResolve });
    expect(await sender.send(delivery, new AbortController().signal)).toEqual({ is: 'delivered' });
  });

  test('is not where nobody allows it, and nothing connects', async () => {
    let connections = 0;
    servers[0]?.on('connection', () => {
      connections += 1;
    });
    for (const url of [
      `https://127.0.0.1:${port}`,
      `https://localhost:${port}`,
      `https://[::ffff:127.0.0.1]:${port}`,
    ]) {
      const sender = senderTo(url, { resolve: systemResolve, policy: new AddressPolicy([]) });
      expect(await sender.send(delivery, new AbortController().signal)).toMatchObject({
        is: 'failed',
        why: expect.stringContaining('not a public address'),
      });
    }
    expect(connections).toBe(0);
  });
});

describe('TLS', () => {
  const authorities = getCACertificates('default');
  afterEach(() => setDefaultCACertificates(authorities));

  async function tlsServer(host: string): Promise<{ cert: string; port: number; names: string[] }> {
    const names: string[] = [];
    const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
    });
    const SNICallback = (name: string, callback: (error: Error | null) => void) => {
      names.push(name);
      callback(null);
    };
    const server = createTlsServer({ cert, key, SNICallback }, onRequest);
    return { cert, port: await listen(server), names };
  }

  const sendTo = (tlsPort: number) =>
    senderTo(`https://hooks.example:${tlsPort}`).send(delivery, new AbortController().signal);

  test('is for the name, not for the address that the name has', async () => {
    const { cert, port: tlsPort, names } = await tlsServer('hooks.example');
    setDefaultCACertificates([...authorities, cert]);
    expect(await sendTo(tlsPort)).toEqual({ is: 'delivered' });
    expect(names).toEqual(['hooks.example']);
    expect(got[0]?.request.headers.host).toBe(`hooks.example:${tlsPort}`);
  });

  test('fails with a certificate of another name, and with one that nobody vouches for', async () => {
    const other = await tlsServer('other.example');
    setDefaultCACertificates([...authorities, other.cert]);
    expect(await sendTo(other.port)).toMatchObject({ is: 'failed', why: expect.stringContaining('altnames') });
    const unknown = await tlsServer('hooks.example');
    expect(await sendTo(unknown.port)).toMatchObject({ is: 'failed', why: expect.stringContaining('self-signed') });
    expect(got).toEqual([]);
  });
});
