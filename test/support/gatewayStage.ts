import { once } from 'node:events';
import { createServer } from 'node:http';
import { io, type Socket } from 'socket.io-client';
import { afterEach } from 'vitest';
import { createLog } from '../../src/log.ts';
import { type Notice, PlenumError, plainGrants } from '../../src/protocol/index.ts';
import { systemClock } from '../../src/room/clock.ts';
import { anyHost } from '../../src/servedHosts.ts';
import type { GatewayOptions } from '../../src/signaling/GatewayOptions.ts';
import { Gateway } from '../../src/signaling/gateway.ts';
import { Lobby } from './Lobby.ts';
import { wideLimits } from './wideLimits.ts';

/** A gateway on real sockets, with nothing behind it that costs much. For test files: closed after each test. */

export const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

export async function open(options: Partial<GatewayOptions> = {}) {
  const lobby = new Lobby();
  let verified = 0;
  const gateway = new Gateway({
    ...wideLimits,
    pingInterval: 60,
    pingTimeout: 60,
    resumeGrace: 0,
    prepareTimeout: 900,
    maxMessageBytes: 64 * 1024,
    maxPending: 100,
    maxWaiting: 1024,
    allowedOrigins: [],
    trust: () => false,
    servedHosts: anyHost,
    maxClients: 1000,
    joinsAtOnce: 100,
    simulateFaults: false,
    revokeToken: () => undefined,
    checkToken: () => undefined,
    verifyToken: async (token) => {
      verified += 1;
      const [room = '', identity = '', ...more] = token.split('.');
      if (more.length > 0) throw new PlenumError('unauthorized', 'the token is wrong');
      return {
        room,
        identity,
        displayName: identity,
        metadata: {},
        grants: plainGrants,
        host: false,
        expiresAt: Number.POSITIVE_INFINITY,
        issuedAt: 0,
        fingerprint: token,
      };
    },
    welcome: () => ({
      serverVersion: '0',
      routerRtpCapabilities: { codecs: [], headerExtensions: [] },
      iceServers: [],
      limits: {
        maxMessageBytes: 1,
        maxPublications: 1,
        maxParticipants: 1,
        autoViewVideos: 1,
        maxDataBytes: 1,
        maxFileBytes: 1,
      },
    }),
    clock: systemClock,
    log: createLog({ level: 'silent', format: 'json' }),
    ...options,
  });
  gateway.serve(lobby.registry);
  const server = createServer();
  gateway.attach([server]);
  await once(server.listen(0), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  closing.push(async () => {
    lobby.registry.close();
    await gateway.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { gateway, lobby, port: address.port, verified: () => verified };
}

/** @param auth what it says besides its token */
export async function connect(
  port: number,
  token: string,
  from = '127.0.0.1',
  auth: object = {},
): Promise<Socket & { welcome: Promise<Notice<'welcome'>> }> {
  // `localAddress` is none of the options that socket.io declares; it hands it on to what opens the connection.
  const options = {
    auth: { token, ...auth },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    localAddress: from,
  };
  const socket = io(`http://127.0.0.1:${port}`, options);
  closing.push(() => socket.disconnect());
  const welcome = new Promise<Notice<'welcome'>>((resolve) => socket.once('welcome', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return Object.assign(socket, { welcome });
}

export const ask = (socket: Socket, name: string, params: unknown) => socket.timeout(5000).emitWithAck(name, params);
