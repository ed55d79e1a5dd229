import type { Server as HttpServer } from 'node:http';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import { z } from 'zod';
import type { AccessGrant } from '../auth/accessToken.ts';
import type { Logger } from '../log.ts';
import { type LeaveReason, type Notice, PlenumError, protocolVersion } from '../protocol/index.ts';
import type { Clock } from '../room/ports.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { Admission } from './Admission.ts';
import { Connection } from './Connection.ts';
import { dispatch, type WireAnswer } from './dispatch.ts';
import { SilenceWatch } from './SilenceWatch.ts';
import { SocketAnnouncer, SocketLink } from './SocketLink.ts';

export interface GatewayOptions {
  /** Seconds. */
  pingInterval: number;
  pingTimeout: number;
  maxMessageBytes: number;
  maxPacketBytes: number;
  /** Sockets at a time; one more is refused with `server-full`. */
  maxClients: number;
  /** Joins that are worked on at a time. */
  joinsAtOnce: number;
  verifyToken: (token: string) => Promise<AccessGrant>;
  /** All of `welcome` that is the same for everybody. */
  welcome: () => Omit<Notice<'welcome'>, 'room' | 'identity' | 'displayName' | 'session' | 'protocolVersion'>;
  clock: Clock;
  log: Logger;
}

interface SocketData {
  grant?: AccessGrant;
}

type GatewaySocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;

const handshake = z.object({
  token: z.string().min(1).max(8192),
  protocolVersion: z.int().optional(),
});

/** Who waits for longer would be given up by its client at some time. */
const queueForJoins = { waiting: 4000, patienceMs: 6000, holdMs: 3000 };

/** Sockets: lets in who has a valid token, and hands their requests to the dispatcher. */
export class Gateway {
  readonly announcer: SocketAnnouncer;
  readonly #io: Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
  readonly #options: GatewayOptions;
  readonly #silence: SilenceWatch;
  readonly #admission: Admission;
  #registry: RoomRegistry | undefined;
  /** Sockets whose token is being looked at. */
  #entering = 0;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#io = new Server({
      serveClient: false,
      pingInterval: options.pingInterval * 1000,
      pingTimeout: options.pingTimeout * 1000,
      // A larger packet closes the connection.
      maxHttpBufferSize: options.maxPacketBytes,
      connectTimeout: 5000,
      // One message is small, and compressing many costs more than it saves.
      perMessageDeflate: false,
    });
    this.announcer = new SocketAnnouncer(this.#io);
    this.#admission = new Admission({ clock: options.clock, atOnce: options.joinsAtOnce, ...queueForJoins });
    this.#silence = new SilenceWatch(options.pingInterval * 1000, options.clock);
    this.#io.use((socket, next) => {
      this.#authenticate(socket).then(
        () => next(),
        (error) => next(this.#refusal(error)),
      );
    });
    this.#io.on('connection', (socket) => this.#connected(socket));
  }

  /** The rooms need the announcer, and the gateway the rooms. */
  serve(registry: RoomRegistry): void {
    this.#registry = registry;
  }

  /** Takes sockets on these servers; several, since localhost has two addresses. */
  attach(servers: readonly HttpServer[]): void {
    const [first, ...others] = servers;
    if (!first) throw new Error('the gateway needs a server to listen on');
    this.#io.attach(first);
    for (const server of others) this.#io.engine.attach(server, { path: '/socket.io' });
    // Each socket would keep the HTTP request that opened it, which nobody asks for again: 3 kB.
    this.#io.engine.on('connection', (socket) => Object.assign(socket, { request: null }));
  }

  get sockets(): number {
    return this.#io.engine?.clientsCount ?? 0;
  }

  /** Those that are still being refused do not count: where all come at once, as many get in as fit. */
  get full(): boolean {
    return this.#io.sockets.sockets.size + this.#entering >= this.#options.maxClients;
  }

  async close(): Promise<void> {
    this.#silence.close();
    this.#io.disconnectSockets(true);
    // Without the HTTP servers, which are closed by who made them.
    this.#io.engine?.close();
    await Promise.resolve();
  }

  async #authenticate(socket: GatewaySocket): Promise<void> {
    const auth = handshake.safeParse(socket.handshake.auth);
    if (!auth.success) throw handshakeRefusal(auth.error);
    const version = auth.data.protocolVersion ?? protocolVersion;
    if (version !== protocolVersion) {
      throw new PlenumError(
        'unsupported',
        `the client speaks version ${version} of the protocol, the server ${protocolVersion}; reload the page`,
      );
    }
    if (this.full) {
      const message = 'the server has as many connections as its limit of open files allows; try again in a moment';
      throw new PlenumError('server-full', message);
    }
    this.#entering += 1;
    try {
      socket.data.grant = await this.#options.verifyToken(auth.data.token);
    } finally {
      // socket.io counts it a tick later.
      setImmediate(() => {
        this.#entering -= 1;
      });
    }
  }

  /** socket.io gives the client the message and `data` of the error. */
  #refusal(error: unknown): Error {
    const known = error instanceof PlenumError ? error : new PlenumError('internal', 'the server failed');
    const { log } = this.#options;
    if (known.code === 'internal') log.error({ err: error }, 'a handshake failed');
    else log.debug({ code: known.code, reason: known.message }, 'a handshake was refused');
    return Object.assign(new Error(known.message), { data: { code: known.code, message: known.message } });
  }

  #connected(socket: GatewaySocket): void {
    const { grant } = socket.data;
    const registry = this.#registry;
    if (!grant || !registry) {
      socket.disconnect(true);
      return;
    }
    const { log, clock, maxMessageBytes } = this.#options;
    const link = new SocketLink(socket);
    const ownLog = log.child({ roomId: grant.room, identity: grant.identity });
    const connection = new Connection(grant, link, ownLog, clock);
    const context = { connection, registry, clock, admission: this.#admission };
    socket.onAny((name: string, ...args: unknown[]) => {
      const last = args.at(-1);
      const ack = typeof last === 'function' ? (answer: WireAnswer) => void last(answer) : undefined;
      void dispatch(context, maxMessageBytes, name, ack ? args.slice(0, -1) : args, ack ?? ignoreAnswer);
    });
    this.#silence.watch(socket.conn, (silent) => connection.setSilent(silent));
    socket.on('disconnect', (reason) => {
      this.#silence.forget(socket.conn);
      connection.close(leaveReasonOf(reason));
    });
    link.welcome({
      ...this.#options.welcome(),
      protocolVersion,
      session: 'new',
      room: grant.room,
      identity: grant.identity,
      displayName: grant.displayName,
    });
  }
}

/** A client of another kind must not read that its token is at fault. */
function handshakeRefusal({ issues }: z.ZodError): PlenumError {
  const [issue] = issues;
  if (issue?.path[0] === 'protocolVersion') return new PlenumError('bad-request', `protocolVersion: ${issue.message}`);
  return new PlenumError('unauthorized', 'the handshake carries no access token');
}

/** A client that wants no answer, as a page that is being closed, still gets its request handled. */
function ignoreAnswer(): undefined {
  return undefined;
}

function leaveReasonOf(reason: string): LeaveReason {
  return reason === 'ping timeout' ? 'silent' : 'disconnected';
}
