import type { CheckedGrant } from '../auth/TokenService.ts';
import type { Logger } from '../log.ts';
import type { Notice } from '../protocol/index.ts';
import type { Trust } from '../proxies.ts';
import type { Clock } from '../room/ports.ts';
import type { ServedHosts } from '../servedHosts.ts';
import type { LimitOptions } from './Limits.ts';

export interface GatewayOptions extends LimitOptions {
  /** Seconds. */
  pingInterval: number;
  pingTimeout: number;
  /** How long a participant without a socket is kept. */
  resumeGrace: number;
  /** How long a client may be connected without joining. */
  prepareTimeout: number;
  maxMessageBytes: number;
  /** Messages of one client that may wait to be read. */
  maxWaiting: number;
  /** Origins of other sites' pages that may connect. */
  allowedOrigins: readonly string[];
  trust: Trust;
  /** Handshakes for other hosts are refused. */
  servedHosts: ServedHosts;
  /** Sockets at a time; one more is refused with `server-full`. */
  maxClients: number;
  /** Joins that are worked on at a time. */
  joinsAtOnce: number;
  /** Whether `simulateFault` is allowed. */
  simulateFaults: boolean;
  verifyToken: (token: string, mayHaveExpired: boolean) => Promise<CheckedGrant>;
  /** It opens nothing any more; its bearer was sent away from that room. */
  revokeToken: (token: CheckedGrant, from: string) => void;
  /** @throws PlenumError `unauthorized` for one that was revoked, or has expired, since it was verified */
  checkToken: (token: CheckedGrant, mayHaveExpired: boolean) => void;
  /** All of `welcome` that is the same for everybody. */
  welcome: () => Pick<
    Notice<'welcome'>,
    'serverVersion' | 'routerRtpCapabilities' | 'iceServers' | 'limits' | 'simulatedFaults'
  >;
  clock: Clock;
  log: Logger;
}
