import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AddressLimit } from '../../../src/AddressLimit.ts';
import { AdminServer } from '../../../src/http/AdminServer.ts';
import { HttpServer } from '../../../src/http/HttpServer.ts';
import type { Health, Load } from '../../../src/http/health.ts';
import type { Door } from '../../../src/openDoor.ts';
import { trustOf } from '../../../src/proxies.ts';
import { anyHost, localHosts } from '../../../src/servedHosts.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { fakeApi } from '../../support/fakeApi.ts';

/** What is told on which of the two listeners, without workers behind them. */

const log = pino({ level: 'silent' });
const load: Load = {
  ...{ participants: 3, cpu: 0.12345, cpuSeconds: 1, routers: 1, transports: 2, producers: 3, consumers: 4, links: 0 },
  ...{ pipesIn: 0, pipesOut: 0, packetsIn: 5, packetsOut: 6, bytesIn: 7, bytesOut: 8 },
};
const state = { ready: true, draining: false };
const health = (): Health => ({
  ...state,
  ...{ version: '9.8.7', rooms: 2, participants: 3, sockets: 4, maxSockets: 100 },
  workers: { running: 1, size: 1, total: load, each: [{ ...load, index: 0, pid: 4711, stalled: false }] },
  webhooks: { pending: 1, pendingBytes: 400, delivered: 2, failures: 3, lost: 4 },
  tokenKeysStale: false,
});

// So slow that nothing is forgiven while the tests run.
const limitOf = (burst: number) => new AddressLimit(new FakeClock(), { perSecond: 0.5, burst }, trustOf(['127.0.0.1']));
const limits = { page: limitOf(100), token: limitOf(10) };

let http: HttpServer;
let admin: AdminServer;
let url: string;
let adminUrl: string;

const adminServer = (port: number) => AdminServer.create({ host: '127.0.0.1', port, maxConnections: 10, health, log });
const publicServer = (port: number, door: Door = 'open') =>
  HttpServer.create({
    ...{
      hosts: ['127.0.0.1'],
      port,
      tls: undefined,
      maxConnections: 100,
      maxAddressConnections: 100,
      bringsOthers: () => false,
      listeningSockets: 3,
      clientFolder: undefined,
    },
    ...{ allowedOrigins: [], frameAncestors: [], trust: trustOf([]), health, log },
    servedHosts: door === 'local' ? localHosts() : anyHost,
    takeRequest: (request, kind) => limits[kind].take(request),
    door,
    mintToken: async () => ({ token: 'token', identity: 'ada' }),
    ...{ api: fakeApi(), version: '9.8.7' },
  });

beforeAll(async () => {
  http = await publicServer(0);
  admin = await adminServer(0);
  url = `http://127.0.0.1:${await http.listen()}`;
  adminUrl = `http://127.0.0.1:${await admin.listen()}`;
});
afterAll(() => Promise.all([http.close(), admin.close()]));

const ask = async (address: string) => {
  const answer = await fetch(address);
  return { status: answer.status, body: await answer.text() };
};

describe('strangers', () => {
  test.each([
    ['ready', true, false, 200],
    ['not-ready', false, false, 503],
    ['draining', false, true, 503],
  ])('hear one word: %s', async (status, ready, draining, code) => {
    Object.assign(state, { ready, draining });
    expect(await ask(`${url}/ready`)).toEqual({ status: code, body: JSON.stringify({ status }) });
    expect(await ask(`${url}/health`)).toEqual({ status: 200, body: '{"status":"ok"}' });
    expect(JSON.parse((await ask(`${adminUrl}/ready`)).body)).toMatchObject({ status, rooms: 2 });
    Object.assign(state, { ready: true, draining: false });
  });

  test.each(['/metrics', '/metrics/', '/%6detrics', '//metrics', '/METRICS', '/admin', '/debug'])(
    'find nothing at %s, as anywhere',
    async (path) => {
      const nothing = await ask(`${url}/nothing`);
      expect(nothing.status).toBe(404);
      expect(await ask(`${url}${path}`)).toEqual(nothing);
    },
  );
});

describe('operators', () => {
  test('find everything on their own listener', async () => {
    const told = JSON.parse((await ask(`${adminUrl}/health`)).body);
    expect(told).toMatchObject({
      status: 'ok',
      version: '9.8.7',
      rooms: 2,
      workers: { each: [{ pid: 4711, cpu: 0.123 }] },
    });
    expect((await ask(`${adminUrl}/metrics`)).body).toContain('\nplenum_rooms 2\n');
    expect((await ask(adminUrl)).body).toContain('/metrics');
  });

  test('have neither pages nor tokens there', async () => {
    expect((await ask(`${adminUrl}/r/hello`)).status).toBe(404);
    expect((await fetch(`${adminUrl}/api/token`, { method: 'POST' })).status).toBe(404);
  });
});

test('a port that is in use is told with the option that chooses another', async () => {
  const port = Number(new URL(adminUrl).port);
  const second = await adminServer(port);
  await expect(second.listen()).rejects.toThrow(
    `cannot listen on 127.0.0.1 port ${port}: the port is in use; end the program that has it, or choose another with PLENUM_ADMIN_PORT`,
  );
  await second.close();
  const other = await publicServer(port);
  await expect(other.listen()).rejects.toThrow(/choose another with PLENUM_PORT/);
  await other.close();
});

test('where the door is open for this machine alone, what a proxy has brought gets no token', async () => {
  const local = await publicServer(0, 'local');
  try {
    const address = `http://127.0.0.1:${await local.listen()}/api/token`;
    const mint = async (headers: Record<string, string>) => {
      const body = JSON.stringify({ room: 'room', name: 'Ada' });
      const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
      return (await fetch(address, init)).status;
    };
    expect(await mint({})).toBe(200);
    for (const header of [
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'X-Real-IP',
      'Forwarded',
      'Via',
    ]) {
      expect([header, await mint({ [header]: 'localhost' })]).toEqual([header, 403]);
    }
  } finally {
    await local.close();
  }
});

describe('a web page whose name leads to this machine', () => {
  /** fetch() would not let the header be another one. */
  const askAs = async (address: string, host: string, method = 'GET') => {
    const asking = request(address, { method, headers: { host, origin: `http://${host}` } });
    asking.end();
    const [answer] = await once(asking, 'response');
    return [answer.statusCode, await text(answer)] as const;
  };

  test('learns nothing where that machine alone is trusted: from operators, and while its door is open', async () => {
    const local = await publicServer(0, 'local');
    try {
      const localUrl = `http://127.0.0.1:${await local.listen()}`;
      for (const [method, address] of [
        ['GET', `${adminUrl}/metrics`],
        ['GET', `${localUrl}/`],
        ['GET', `${adminUrl}/health`],
        ['POST', `${localUrl}/api/token`],
      ] as const) {
        const [status, body] = await askAs(address, `rebound.example:${new URL(address).port}`, method);
        expect([address, status]).toEqual([address, 421]);
        expect(body).toContain('only names of this machine (localhost, 127.0.0.1, [::1]) lead here');
        // Each says what helps there.
        expect(body).toContain(address.startsWith(adminUrl) ? 'PLENUM_ADMIN_HOST' : 'PLENUM_TOKEN_SECRET');
        expect(body).not.toContain('rebound');
      }
      for (const address of [`${localUrl}/health`, `${adminUrl}/health`]) {
        expect((await askAs(address, `localhost:${new URL(address).port}`))[0]).toBe(200);
      }
      // One word, whoever asks.
      expect((await askAs(`${localUrl}/health`, 'balancer.example'))[0]).toBe(200);
    } finally {
      await local.close();
    }
  });

  test('is one of the pages of a server that is there for others', async () => {
    expect((await askAs(`${url}/health`, 'meet.example'))[0]).toBe(200);
  });
});

describe('who asks too often', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const mint = (address: string, path = '/api/token') => {
    const headers = { ...from(address), 'content-type': 'application/json' };
    return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify({ room: 'room', name: 'Ada' }) });
  };

  test('hears so in a constant text, and when to come again, whatever was asked for; others notice nothing', async () => {
    const answers = [];
    for (let index = 0; index < 100; index += 1) {
      answers.push((await fetch(`${url}/nothing`, { headers: from('2001:db8::1') })).status);
    }
    expect(new Set(answers)).toEqual(new Set([404]));
    // Its whole network is one.
    for (const path of ['/', '/r/room', '/nothing', '/%', '/%68ealth', '/api/%74oken']) {
      const refused = await fetch(`${url}${path}`, { headers: from('2001:db8::2') });
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
      expect(await refused.text()).toContain('rate-limited');
    }
    // Whoever watches the server is told the truth, and others behind the same address still come in.
    for (const path of ['/health', '/ready']) {
      expect((await fetch(`${url}${path}`, { headers: from('2001:db8::2') })).status).toBe(200);
    }
    expect((await mint('2001:db8::2')).status).toBe(200);
    expect((await fetch(`${url}/nothing`, { headers: from('2001:db8:0:1::1') })).status).toBe(404);
  });

  test('gets no more tokens than that, however the address is written, and other pages all the same', async () => {
    const statuses = [];
    for (let index = 0; index < 12; index += 1) statuses.push((await mint('192.0.2.1')).status);
    expect(statuses).toEqual([...Array(10).fill(200), 429, 429]);
    for (const path of ['/api/%74oken', '/api/token?', '/api/token?x', '/api/token/']) {
      expect((await mint('192.0.2.1', path)).status).toBe(404);
    }
    expect((await fetch(`${url}/nothing`, { headers: from('192.0.2.1') })).status).toBe(404);
  });
});
