import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { checkServerIdentity, connect, type PeerCertificate } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { ServerProcess, type ServerProcessOptions } from '../support/ServerProcess.ts';
import { testSecret } from '../support/testServer.ts';

const started: ServerProcess[] = [];
afterEach(() => {
  for (const server of started.splice(0)) server.cleanUp();
});

function start(options?: ServerProcessOptions): ServerProcess {
  const server = new ServerProcess(options);
  started.push(server);
  return server;
}

const hasAddress = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ family, internal }) => family === 'IPv4' && !internal),
);

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
}

function get(url: string, ca: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asking = request(url, { ca, method: body ? 'POST' : 'GET', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    });
    asking.on('error', reject);
    asking.end(body && JSON.stringify(body));
  });
}

test.skipIf(!hasAddress)(
  '--lan serves https on the LAN address, with a certificate that is kept, and says it is open',
  async () => {
    const first = start({ args: ['--lan'] });
    const url = new URL(await first.ready());
    expect(url.protocol).toBe('https:');
    expect(url.hostname).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(url.hostname).not.toMatch(/^127\./);
    const [file = ''] = readdirSync(join(first.folder, 'cache', 'plenum'));
    const { cert } = JSON.parse(readFileSync(join(first.folder, 'cache', 'plenum', file), 'utf8'));
    for (const host of [url.host, `127.0.0.1:${url.port}`, `localhost:${url.port}`]) {
      const { status, headers } = await get(`https://${host}/ready`, cert);
      expect(status, host).toBe(200);
      expect(headers['strict-transport-security'], host).toMatch(/^max-age=\d+$/);
    }
    // Who never begins the handshake is not waited for: the places for connections are few.
    const silent = new Socket().connect(Number(url.port), url.hostname);
    const since = Date.now();
    const hungUp = once(silent.resume(), 'close');
    const token = await get(`${url.origin}/api/token`, cert, { room: 'r', name: 'Ada' });
    expect(token.status).toBe(200);
    expect(first.output).toContain('the door is open: everybody on this network');
    // Half blocks are what a QR code is drawn with.
    expect(first.output).toMatch(/[▄▀█]{10}/);
    await hungUp;
    expect(Date.now() - since).toBeLessThan(5500);
    expect((await first.end(() => process.kill(first.pid, 'SIGINT'))).code).toBe(0);
    const second = start({ args: ['--lan'], env: { XDG_CACHE_HOME: join(first.folder, 'cache') } });
    const again = new URL(await second.ready());
    const shown = await new Promise<PeerCertificate>((resolve, reject) => {
      const socket = connect({ host: again.hostname, port: Number(again.port), ca: cert }, () => {
        resolve(socket.getPeerCertificate());
        socket.destroy();
      });
      socket.once('error', reject);
    });
    expect(checkServerIdentity(again.hostname, shown)).toBeUndefined();
  },
);

test.skipIf(!hasAddress)('--lan with a closed door does not say that it is open', async () => {
  const server = start({ args: ['--lan', '--no-open'], env: { PLENUM_TOKEN_SECRET: testSecret } });
  await server.ready();
  expect(server.output).not.toContain('the door is open');
});

test('a cache that cannot be written is told of', async () => {
  const server = start({ args: ['--lan'], env: { XDG_CACHE_HOME: '/dev/null' } });
  const { code } = await server.end();
  expect(code).toBe(1);
  expect(server.output).not.toMatch(/^\s+at /m);
  expect(server.output).toMatch(hasAddress ? '/dev/null' : 'no IPv4 address');
});
