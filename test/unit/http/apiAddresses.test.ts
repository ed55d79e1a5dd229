import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { ApiLimits } from '../../../src/api/ApiLimits.ts';
import { AuditLog } from '../../../src/audit/AuditLog.ts';
import { HttpServer } from '../../../src/http/HttpServer.ts';
import { PlenumError } from '../../../src/protocol/index.ts';
import { trustOf } from '../../../src/proxies.ts';
import { anyHost } from '../../../src/servedHosts.ts';
import { allApiGrants } from '../../support/apiStage.ts';
import { FakeClock } from '../../support/FakeClock.ts';
import { fakeApi } from '../../support/fakeApi.ts';

/**
 * Where requests of the API come from, on a server that takes IPv4 and IPv6 on one socket: to the operating system an IPv4
 * address is one of IPv6 there, and all of those are in the same /64.
 */

const log = pino({ level: 'silent' });
const proxy = '127.0.0.3';
let server: HttpServer | undefined;
afterEach(() => server?.close());

/** @param most requests of one address; none of them is forgiven, since the clock stands still */
async function listen(most: number) {
  const clock = new FakeClock();
  const lines: Record<string, unknown>[] = [];
  const api = fakeApi({
    verify: async (token) => {
      if (token !== 'good') throw new PlenumError('unauthorized', 'the API token is malformed');
      return { name: 'crm', grants: allApiGrants };
    },
    limits: new ApiLimits(clock, { application: { perSecond: 1, burst: 100 }, address: { perSecond: 1, burst: most } }),
    audit: new AuditLog(clock, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    handlers: { endRoom: () => undefined },
  });
  server = await HttpServer.create({
    ...{ hosts: ['::'], port: 0, tls: undefined, listeningSockets: 1, clientFolder: undefined },
    ...{ maxConnections: 100, maxAddressConnections: 100, bringsOthers: () => false },
    ...{ allowedOrigins: [], frameAncestors: [], trust: trustOf([proxy]), servedHosts: anyHost },
    ...{ health: () => expect.unreachable(), takeRequest: () => 0, door: 'closed' },
    mintToken: () => expect.unreachable(),
    ...{ api, version: '9.8.7', log },
  });
  const port = await server.listen();
  const endRoom = async (token: string, where: { from: string; forwardedFor?: string }) => {
    const asking = request({
      ...{ host: '127.0.0.1', port, path: '/api/v1/rooms/daily', method: 'DELETE', localAddress: where.from },
      headers: {
        authorization: `Bearer ${token}`,
        ...(where.forwardedFor !== undefined && { 'x-forwarded-for': where.forwardedFor }),
      },
    }).end();
    const [answer]: IncomingMessage[] = await once(asking, 'response');
    answer?.resume();
    return answer?.statusCode;
  };
  return { endRoom, lines };
}

test('a stranger with bad tokens keeps nobody out who comes from another address', async () => {
  const { endRoom, lines } = await listen(2);
  const stranger = { from: '127.0.0.2' };
  const statuses = [];
  for (let asked = 0; asked < 3; asked += 1) statuses.push(await endRoom('bad', stranger));
  expect(statuses).toEqual([401, 401, 429]);
  expect(await endRoom('good', { from: '127.0.0.1' })).toBe(204);
  expect(lines).toMatchObject([{ action: 'endRoom', address: '127.0.0.1', outcome: 'done' }]);
});

test('who comes through a proxy of ours is who the proxy says, in whichever form', async () => {
  const { endRoom, lines } = await listen(2);
  for (const forwardedFor of ['192.0.2.7', '::ffff:192.0.2.7']) {
    expect(await endRoom('good', { from: proxy, forwardedFor })).toBe(204);
  }
  expect(await endRoom('good', { from: proxy, forwardedFor: '192.0.2.7:4711' })).toBe(429);
  expect(await endRoom('good', { from: proxy, forwardedFor: '192.0.2.8' })).toBe(204);
  // Whom nobody trusts says nothing of others.
  expect(await endRoom('good', { from: '127.0.0.2', forwardedFor: '192.0.2.7' })).toBe(204);
  expect(lines.map(({ address }) => address)).toEqual(['192.0.2.7', '192.0.2.7', '192.0.2.8', '127.0.0.2']);
});
