import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AddressLimit } from './AddressLimit.ts';
import { ApiLimits } from './api/ApiLimits.ts';
import { identityOf } from './api/find.ts';
import { createApiHandlers } from './api/handlers.ts';
import { AuditLog } from './audit/AuditLog.ts';
import { auditModeration } from './audit/moderation.ts';
import { TokenService } from './auth/TokenService.ts';
import { adminPortOf, type Config } from './config.ts';
import { descriptorCapacity, operatorConnections } from './descriptors.ts';
import { AdminServer } from './http/AdminServer.ts';
import { HttpServer } from './http/HttpServer.ts';
import type { Health } from './http/health.ts';
import { stalledMs, type TlsFiles } from './http/Listener.ts';
import { readTlsFiles } from './http/tlsFiles.ts';
import { Scope } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { isLoopback } from './loopback.ts';
import { MediaEngine } from './media/MediaEngine.ts';
import { doorOf } from './openDoor.ts';
import { shapes } from './protocol/index.ts';
import { trustOf } from './proxies.ts';
import { RareLog } from './RareLog.ts';
import { systemClock } from './room/clock.ts';
import { RoomRegistry } from './room/RoomRegistry.ts';
import { anyHost, localHosts } from './servedHosts.ts';
import { signalingPath } from './signaling/engineOptions.ts';
import { Gateway } from './signaling/gateway.ts';
import { reportMeetings, reportWorkerDeath } from './webhooks/report.ts';
import { Webhooks } from './webhooks/Webhooks.ts';

export interface AppDeps {
  log: Logger;
  /** Overrides what the config says of TLS and addresses, for --lan. */
  lan?: { address: string; tls: TlsFiles };
  /** Folder with the built web client. */
  clientFolder?: string;
}

export interface App {
  /** Opens both ports. `url`: the address to open in a browser; `adminUrl`: the operators'. */
  listen(): Promise<{ url: string; adminUrl: string }>;
  /** Emitted when no media worker can be started any more. */
  onHopeless(listener: (error: Error) => void): void;
  /**
   * Takes no new meetings and is no longer ready; those that there are go on. Resolves when nobody is left, or after
   * `drainSeconds`. `close()` comes next.
   */
  drain(): Promise<void>;
  close(): Promise<void>;
  /** For tests and health: what there is right now. */
  readonly registry: RoomRegistry;
  readonly engine: MediaEngine;
  readonly gateway: Gateway;
}

/** TCP connections that an address may have for each client: a browser opens up to six for a page, and one stays. */
const connectionsEach = 4;

const tooManyConnections =
  'an address has as many connections as it may, and more were closed; where it is a proxy, name it in --trust-proxy';

const packageFile = fileURLToPath(new URL('../package.json', import.meta.url));
export const version: string = JSON.parse(readFileSync(packageFile, 'utf8')).version;

/** Makes the whole server from its parts; nothing listens before `listen()`. */
export async function buildApp(config: Config, { log, lan, clientFolder }: AppDeps): Promise<App> {
  const scope = new Scope();
  const capacity = descriptorCapacity(config.workers);
  const door = doorOf(config);
  const servedHosts = door === 'local' ? localHosts(lan && [lan.address]) : anyHost;
  try {
    // First, so that it is closed last: whatever is done while the server ends is still written.
    const audit = AuditLog.open({ target: config.auditLog, clock: systemClock, log });
    scope.add(() => audit.close());
    const engine = await MediaEngine.create(
      {
        size: config.workers,
        announcedAddresses: config.announcedAddress ?? (lan && [lan.address]),
        firstPort: config.rtcPort,
        placement: {
          maxConsumers: config.workerMaxConsumers,
          maxCpu: config.workerMaxCpu,
          maxParticipants: Math.min(config.workerMaxParticipants, capacity.workerParticipants),
        },
        keyFrameRequestDelay: config.keyFrameDelay,
        initialBitrate: config.initialBitrate,
        maxSendBitrate: config.maxSendBitrate,
        maxReceiveBitrate: config.maxReceiveBitrate,
      },
      log,
    );
    scope.add(() => engine.close());
    const webhooks = new Webhooks({
      urls: config.webhookUrls,
      secrets: config.webhookSecrets,
      allowPrivate: config.webhookAllowPrivate,
      serverVersion: version,
      clock: systemClock,
      log,
    });
    // After the rooms, whose ends are told as well.
    scope.add(() => webhooks.close());
    engine.on('died', (death) => reportWorkerDeath(death, webhooks));
    const tokens = await TokenService.create({
      secret: config.tokenSecret,
      keyFile: config.tokenKeys,
      openDoor: door !== 'closed',
      log,
    });
    const { maxParticipants, fullRoster, maxPublications, autoViewVideos, chatHistory, maxMessageBytes } = config;
    const { audioSpeakers, maxDataBytes, maxFileBytes } = config;
    const data = { maxDataBytes, maxFileBytes, rate: { bitrate: config.dataBitrate, messages: config.dataMessages } };
    const trust = trustOf(config.trustProxy);
    const gateway = new Gateway({
      ...config,
      trust,
      servedHosts,
      maxClients: capacity.clients,
      verifyToken: (token, mayHaveExpired) => tokens.verify(token, mayHaveExpired),
      revokeToken: (token, from) => tokens.revoke(token, from),
      checkToken: (token, mayHaveExpired) => tokens.checkAgain(token, mayHaveExpired),
      welcome: () => ({
        serverVersion: version,
        routerRtpCapabilities: engine.routerRtpCapabilities,
        iceServers: [],
        limits: { maxMessageBytes, maxPublications, maxParticipants, autoViewVideos, maxDataBytes, maxFileBytes },
        ...(config.simulateFaults && { simulatedFaults: [...shapes.simulatedFault.options] }),
      }),
      clock: systemClock,
      log,
    });
    const registry = new RoomRegistry({
      maxRooms: config.maxRooms,
      maxServerParticipants: config.maxServerParticipants,
      roomCreation: config.roomCreation,
      roomSettings: config.roomSettings,
      engine,
      announcer: gateway.announcer,
      clock: systemClock,
      limits: {
        maxParticipants,
        maxHidden: config.maxHidden,
        fullRoster,
        changeIntervalMs: config.changeInterval,
        maxPublications,
        duplicateIdentities: config.duplicateIdentities,
        autoViewVideos,
        dynacast: config.dynacast,
        hiddenGraceMs: config.hiddenGrace * 1000,
        audioSpeakers,
        maxSubscriptions: config.maxSubscriptions,
        chatHistory,
        roomGraceMs: config.roomGrace * 1000,
        emptyRoomMs: config.emptyRoomTimeout * 1000,
        data,
      },
      log,
    });
    reportMeetings(registry, webhooks);
    auditModeration(registry, audit);
    registry.on('roomEnded', ({ name }) => tokens.forgive(name));
    registry.on('unbanned', (room, identity) => tokens.forgive(room, identity));
    gateway.serve(registry);
    const health = (): Health => {
      const { running, size, steady, total, workers } = engine.status;
      return {
        version,
        workers: { running, size, total, each: workers },
        rooms: registry.rooms.length,
        participants: registry.participants,
        sockets: gateway.sockets,
        maxSockets: capacity.clients,
        ready: running > 0 && steady && !gateway.full && !registry.draining && !scope.closed,
        draining: registry.draining,
        webhooks: webhooks.figures,
        tokenKeysStale: tokens.keysAreStale,
      };
    };
    const admin = await AdminServer.create({
      host: config.adminHost,
      port: adminPortOf(config),
      maxConnections: operatorConnections,
      health,
      log,
    });
    scope.add(() => admin.close());
    const requests = {
      page: new AddressLimit(systemClock, config.limitHttp.address, trust),
      token: new AddressLimit(systemClock, config.limitTokens.address, trust),
    };
    for (const each of Object.values(requests)) scope.add(() => each.close());
    const apiLimits = new ApiLimits(systemClock, config.limitApi);
    scope.add(() => apiLimits.close());
    const crowds = new RareLog(systemClock);
    const http = await HttpServer.create({
      maxConnections: capacity.connections,
      maxAddressConnections: Math.min(connectionsEach * config.maxAddressSockets, capacity.addressConnections),
      bringsOthers: (address) => isLoopback(address) || trust(address),
      crowded: (address) => {
        crowds.note((times) => log.warn({ address, times }, tooManyConnections));
      },
      // A poll is answered with the next heartbeat at the latest.
      stalledMs: config.pingInterval * 1000 + stalledMs,
      upgrades: ({ url = '' }) => url.startsWith(signalingPath),
      listeningSockets: capacity.listeningSockets,
      hosts: lan ? [lan.address, 'localhost'] : [config.host],
      port: config.port,
      tls: lan?.tls ?? readTls(config),
      clientFolder,
      allowedOrigins: config.allowedOrigins,
      frameAncestors: config.frameAncestors,
      trust,
      servedHosts,
      health,
      takeRequest: (request, kind) => requests[kind].take(request),
      api: {
        verify: (token) => tokens.verifyApi(token),
        limits: apiLimits,
        handlers: createApiHandlers(registry),
        bodies: { maxDataBytes },
        audit,
        identityOf: (room, subject) => identityOf(registry, room, subject),
        now: () => systemClock.now(),
      },
      version,
      door,
      mintToken: (request) => tokens.mint(request),
      log,
    });
    scope.add(() => http.close());
    gateway.attach(http.servers);
    scope.add(() => gateway.close());
    scope.add(() => registry.close());
    // First of all: whoever ends the server may end its workers at the same time.
    scope.add(() => engine.retire());
    return {
      registry,
      engine,
      gateway,
      onHopeless: (listener) => void engine.on('hopeless', listener),
      listen: async () => {
        // In this order: where both ports are in use, a server runs already, and its port is the one that people know.
        const port = await http.listen();
        const adminPort = await admin.listen();
        const scheme = lan || config.tlsCert ? 'https' : 'http';
        const host = lan?.address ?? config.host;
        return { url: addressOf(scheme, host, port), adminUrl: addressOf('http', config.adminHost, adminPort) };
      },
      drain: async () => {
        const ms = config.drainSeconds * 1000;
        const { promise: late, resolve } = Promise.withResolvers<void>();
        const cancel = systemClock.after(ms, resolve);
        await Promise.race([registry.drain(systemClock.date() + ms), late]);
        cancel();
      },
      close: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

function addressOf(scheme: string, host: string, port: number): string {
  const shown = host === '0.0.0.0' ? 'localhost' : host;
  return `${scheme}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

function readTls({ tlsCert, tlsKey }: Config): TlsFiles | undefined {
  return tlsCert === undefined || tlsKey === undefined ? undefined : readTlsFiles(tlsCert, tlsKey);
}
