import type { IncomingMessage } from 'node:http';
import type { DefaultEventsMap, Socket } from 'socket.io';
import type { z } from 'zod';
import { type CheckedGrant, RevokedError } from '../auth/TokenService.ts';
import type { Logger } from '../log.ts';
import { isAllowedOrigin } from '../origins.ts';
import { handshake, PlenumError, protocolVersion, type ResumePoint } from '../protocol/index.ts';
import { addressOf, hostOf, type Trust } from '../proxies.ts';
import type { ServedHosts } from '../servedHosts.ts';
import type { Connection } from './Connection.ts';
import type { EngineSocket } from './engineSocket.ts';
import type { Limits, OpenConnection } from './Limits.ts';
import type { KeptNotice } from './NoticeRing.ts';

export interface SocketData {
  grant?: CheckedGrant;
  resume?: ResumePoint | undefined;
  /** The visit that goes on over it now. */
  connection?: Connection;
}

export type GatewaySocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;

export interface EntranceOptions {
  limits: Limits;
  /** Origins of other sites' pages that may connect, as `parseOrigin` writes them. */
  allowedOrigins: readonly string[];
  trust: Trust;
  /** Handshakes for other hosts are refused. */
  servedHosts: ServedHosts;
  /** Whether a visit with this key goes on. */
  isOpen: (resumeKey: string | undefined) => boolean;
  /** Whether that visit is one of this person, which has joined. */
  isOwn: (resumeKey: string, grant: CheckedGrant) => boolean;
  /** What the client of a visit with this key was told last, if it was sent away. */
  farewellTo: (resumeKey: string, grant: CheckedGrant) => KeptNotice | undefined;
  /** Whether nobody more gets in. */
  isFull: () => boolean;
  /** Connections that have not said yet who they are. */
  strangers: () => number;
  /** Whether that token was shown before by who has joined in the visit with this key. */
  wasShown: (resumeKey: string | undefined, token: string) => boolean;
  verifyToken: (token: string, mayHaveExpired: boolean) => Promise<CheckedGrant>;
  log: Logger;
}

/** What is known of a connection since its first request. */
interface Arrived {
  address: string;
  opened: OpenConnection;
  refusal: PlenumError | undefined;
  crowded: PlenumError | undefined;
}

/** Connections at a time that have not said who they are: each takes some 60 kB, and has four seconds for it. */
const mostStrangers = 5000;
/** From one address half of them, so that it takes more than one to keep out all others. */
const mostStrangersOfOne = mostStrangers / 2;

/** What engine.io answers with; the same for everybody. */
const refusals = {
  host: 'Host not served',
  origin: 'Origin not allowed',
  rate: 'Too many connections',
  strangers: 'Too many connections',
};

/** Who may connect: first what costs least to find out, since strangers may come in any number. */
export class Entrance {
  readonly #options: EntranceOptions;
  /** Of requests that are answered with a reason, which engine.io has no room for. */
  readonly #refused = new WeakMap<IncomingMessage, PlenumError>();
  /** Of requests that are answered like that unless their clients come back to a visit. */
  readonly #crowded = new WeakMap<IncomingMessage, PlenumError>();
  readonly #arrived = new WeakMap<EngineSocket, Arrived>();
  /** Sockets whose token is being looked at. */
  #entering = 0;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  get entering(): number {
    return this.#entering;
  }

  /** For engine.io: each handshake, before there is a connection. Answers with a constant text. */
  readonly allowRequest = (
    request: IncomingMessage,
    answer: (message: string | null | undefined, success: boolean) => void,
  ): void => {
    const { limits, allowedOrigins, trust, servedHosts, strangers } = this.#options;
    if (!servedHosts(request.headers.host)) {
      answer(refusals.host, false);
      return;
    }
    if (!isAllowedOrigin(request.headers.origin, hostOf(request, trust), allowedOrigins)) {
      answer(refusals.origin, false);
      return;
    }
    const address = addressOf(request, trust);
    const knock = limits.knock(address);
    if (!knock.allowed && knock.refuse === 'silently') answer(refusals.rate, false);
    else if (strangers() >= mostStrangers || limits.strangersOf(address) >= mostStrangersOfOne) {
      answer(refusals.strangers, false);
    } else {
      if (!knock.allowed && knock.refuse !== 'silently') this.#refused.set(request, knock.refuse);
      if (knock.allowed && knock.crowded) this.#crowded.set(request, knock.crowded);
      answer(null, true);
    }
  };

  /** A connection is there; the request that opened it is forgotten after this. */
  arrived(conn: EngineSocket, request: IncomingMessage): void {
    const address = addressOf(request, this.#options.trust);
    const opened = this.#options.limits.opened(address);
    const told = { refusal: this.#refused.get(request), crowded: this.#crowded.get(request) };
    this.#arrived.set(conn, { address, opened, ...told });
    conn.once('close', () => opened.gone());
  }

  /** Over that connection somebody has joined, or come back. */
  joined(conn: EngineSocket | undefined): void {
    if (conn) this.#arrived.get(conn)?.opened.joined();
  }

  /** Where its requests come from, for limits. */
  addressOf(conn: EngineSocket): string {
    return this.#arrived.get(conn)?.address ?? 'unknown';
  }

  /**
   * Looks at what the handshake carries; `entered()` is to be called when socket.io counts the socket.
   * @throws PlenumError
   */
  async authenticate(socket: GatewaySocket): Promise<void> {
    const { isOpen, isOwn, isFull, wasShown, verifyToken, limits } = this.#options;
    const { refusal, crowded } = this.#arrived.get(socket.conn) ?? {};
    if (refusal) throw refusal;
    const auth = handshake.safeParse(socket.handshake.auth);
    if (!auth.success) throw handshakeRefusal(auth.error);
    const version = auth.data.protocolVersion ?? protocolVersion;
    if (version !== protocolVersion) {
      throw new PlenumError(
        'other-version',
        `the client speaks version ${version} of the protocol, the server ${protocolVersion}; load the page again`,
      );
    }
    const { token, resume } = auth.data;
    socket.data.resume = resume;
    // Who comes back has a place already, also where the server does not know yet that its former connection is dead.
    const noPlace = crowded ?? (isFull() ? serverFull() : undefined);
    if (noPlace && !isOpen(resume?.key)) throw noPlace;
    this.#entering += 1;
    try {
      // A token that expires in the call ends nothing, also where the connection breaks; for a new join it is too old.
      const grant = await verifyToken(token, wasShown(resume?.key, token));
      // Anybody may show the key of a visit that is another's, or has not begun.
      if (noPlace && !(resume && isOwn(resume.key, grant))) throw noPlace;
      limits.connect(grant);
      const gone = limits.connected(grant);
      // It may have gone while its token was looked at.
      if (socket.conn.readyState === 'closed') gone();
      else socket.conn.once('close', gone);
      socket.data.grant = grant;
    } catch (error) {
      this.#entering -= 1;
      throw this.#withFarewell(error, resume);
    }
  }

  /** Who was sent away while it was out of touch has not heard it, and its token opens nothing any more. */
  #withFarewell(error: unknown, resume: ResumePoint | undefined): unknown {
    if (!(error instanceof RevokedError) || !resume) return error;
    const farewell = this.#options.farewellTo(resume.key, error.grant);
    return farewell?.name === 'removed' ? new SentAwayError(error, farewell.payload) : error;
  }

  entered(conn: EngineSocket): void {
    this.#entering -= 1;
    this.#arrived.get(conn)?.opened.letIn();
  }

  /** socket.io gives the client the message and `data` of the error. */
  refusal(error: unknown): Error {
    const known = error instanceof PlenumError ? error : new PlenumError('internal', 'the server failed');
    const { log } = this.#options;
    if (known.code === 'internal') log.error({ err: error }, 'a handshake failed');
    else log.debug({ code: known.code, reason: known.message }, 'a handshake was refused');
    const { code, message, retryAfterMs } = known;
    const data = {
      ...{ code, message, ...(retryAfterMs !== undefined && { retryAfterMs }) },
      ...(error instanceof SentAwayError && { removed: error.removed }),
    };
    return Object.assign(new Error(message), { data });
  }
}

/** Carries the notice that the client has missed. */
class SentAwayError extends PlenumError {
  readonly removed: object;

  constructor({ code, message }: PlenumError, removed: object) {
    super(code, message);
    this.removed = removed;
  }
}

function serverFull(): PlenumError {
  const message = 'the server has as many connections as its limit of open files allows; try again in a moment';
  return new PlenumError('server-full', message);
}

/** A client of another kind must not read that its token is at fault. */
function handshakeRefusal({ issues }: z.ZodError): PlenumError {
  const [issue] = issues;
  if (issue?.path[0] === 'protocolVersion') return new PlenumError('bad-request', `protocolVersion: ${issue.message}`);
  return new PlenumError('unauthorized', 'the handshake carries no access token');
}
