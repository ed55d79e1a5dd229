import type { Server as HttpServer } from 'node:http';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import type { z } from 'zod';
import type { AccessGrant } from '../auth/accessToken.ts';
import type { Logger } from '../log.ts';
import { handshake, type Notice, PlenumError, protocolVersion, type ResumePoint } from '../protocol/index.ts';
import type { Clock } from '../room/ports.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { Admission } from './Admission.ts';
import { Connection } from './Connection.ts';
import { dispatch, type WireAnswer } from './dispatch.ts';
import { cut } from './engineSocket.ts';
import { SilenceWatch } from './SilenceWatch.ts';
import { SlowReaders } from './SlowReaders.ts';
import { SocketAnnouncer } from './SocketAnnouncer.ts';
import { Visits } from './Visits.ts';

export interface GatewayOptions {
  /** Seconds. */
  pingInterval: number;
  pingTimeout: number;
  /** How long a participant without a socket is kept. */
  resumeGrace: number;
  maxMessageBytes: number;
  maxPacketBytes: number;
  /** Sockets at a time; one more is refused with `server-full`. */
  maxClients: number;
  /** Joins that are worked on at a time. */
  joinsAtOnce: number;
  /** Whether `simulateFault` is allowed. */
  simulateFaults: boolean;
  verifyToken: (token: string) => Promise<AccessGrant>;
  /** All of `welcome` that is the same for everybody. */
  welcome: () => Pick<
    Notice<'welcome'>,
    'serverVersion' | 'routerRtpCapabilities' | 'iceServers' | 'limits' | 'simulatedFaults'
  >;
  clock: Clock;
  log: Logger;
}

interface SocketData {
  grant?: AccessGrant;
  resume?: ResumePoint | undefined;
}

type GatewaySocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;

/** Who waits for longer would be given up by its client at some time. */
const queueForJoins = { waiting: 4000, patienceMs: 6000, holdMs: 3000 };

/** Sockets: lets in who has a valid token, and hands their requests to the dispatcher. */
export class Gateway {
  readonly announcer: SocketAnnouncer;
  readonly #io: Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
  readonly #options: GatewayOptions;
  readonly #silence: SilenceWatch;
  readonly #admission: Admission;
  readonly #slow: SlowReaders;
  readonly #visits = new Visits();
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
      // Who has not said by then who it is, is gone within 5 s.
      connectTimeout: 4000,
      // One message is small, and compressing many costs more than it saves.
      perMessageDeflate: false,
    });
    this.announcer = new SocketAnnouncer(this.#io);
    this.#admission = new Admission({ clock: options.clock, atOnce: options.joinsAtOnce, ...queueForJoins });
    this.#silence = new SilenceWatch(options.pingInterval * 1000, options.clock);
    this.#slow = new SlowReaders(options.clock, (_conn, bytes) => {
      options.log.debug({ bytes }, 'a socket is cut, since its client reads too slowly');
    });
    this.#io.use((socket, next) => {
      this.#authenticate(socket).then(
        () => {
          next();
          // Right behind the tick in which socket.io counts it: nobody is counted twice or not at all.
          process.nextTick(() => {
            this.#entering -= 1;
          });
        },
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
    this.#slow.close();
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
        'other-version',
        `the client speaks version ${version} of the protocol, the server ${protocolVersion}; load the page again`,
      );
    }
    socket.data.resume = auth.data.resume;
    // Who comes back has a place already.
    if (this.full && !this.#visits.has(auth.data.resume?.key)) {
      const message = 'the server has as many connections as its limit of open files allows; try again in a moment';
      throw new PlenumError('server-full', message);
    }
    this.#entering += 1;
    try {
      socket.data.grant = await this.#options.verifyToken(auth.data.token);
    } catch (error) {
      this.#entering -= 1;
      throw error;
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
    const { grant, resume } = socket.data;
    const registry = this.#registry;
    if (!grant || !registry) {
      socket.disconnect(true);
      return;
    }
    const former = resume && this.#visits.find(resume, grant);
    if (former?.unreachable) {
      cut(socket.conn);
      return;
    }
    const connection = former ?? this.#begin(grant);
    // The visit goes on here, also where nobody has noticed yet that its former socket is dead.
    const overtaken = connection.link.socket;
    connection.link.attach(socket);
    if (overtaken) cut(overtaken.conn);
    this.#wire(socket, connection, registry);
    connection.returned();
    if (former) this.#resume(former, resume);
    else if (resume) this.#refuse(connection, resume);
    else this.#welcome(connection, 'new');
    this.#slow.allow(socket.conn);
  }

  #begin(grant: AccessGrant): Connection {
    const { log, clock, resumeGrace } = this.#options;
    const connection = new Connection({
      grant,
      log: log.child({ roomId: grant.room, identity: grant.identity }),
      clock,
      graceMs: resumeGrace * 1000,
      ended: (ended) => this.#visits.ended(ended),
    });
    this.#visits.add(connection);
    return connection;
  }

  #wire(socket: GatewaySocket, connection: Connection, registry: RoomRegistry): void {
    const { clock, maxMessageBytes, simulateFaults } = this.#options;
    const context = { connection, registry, clock, admission: this.#admission, simulateFaults };
    const isCurrent = () => connection.link.socket === socket;
    let joined = false;
    socket.onAny((name: string, ...args: unknown[]) => {
      // Another socket has taken over: what still comes here comes there again.
      if (!isCurrent()) return;
      const last = args.at(-1);
      const ack = (answer: WireAnswer) => {
        // A client that wants no answer, as a page that is being closed, still gets its request handled.
        if (typeof last !== 'function') return;
        last(answer);
        // Once: who asks again and again for what it does not read is slow.
        if (name !== 'join' || joined || !answer.ok) return;
        joined = true;
        this.#slow.allow(socket.conn);
      };
      void dispatch(context, maxMessageBytes, name, typeof last === 'function' ? args.slice(0, -1) : args, ack);
    });
    const { conn } = socket;
    this.#silence.watch(conn, (silent) => {
      if (isCurrent()) connection.setSilent(silent);
    });
    this.#slow.watch(conn);
    const onHeartbeat = () => {
      if (isCurrent()) connection.link.heartbeat();
    };
    conn.on('heartbeat', onHeartbeat);
    socket.on('disconnect', (reason) => {
      this.#silence.forget(conn);
      this.#slow.forget(conn);
      conn.off('heartbeat', onHeartbeat);
      // A client that says goodbye without closing what carries the socket would keep it for nothing.
      if (isDeliberate(reason)) conn.close();
      if (!isCurrent()) return;
      if (isDeliberate(reason)) connection.close('disconnected');
      else connection.lost(reason === 'ping timeout' ? 'silent' : 'disconnected');
    });
  }

  #welcome(connection: Connection, session: Notice<'welcome'>['session']): void {
    const { room, identity, displayName } = connection.grant;
    connection.link.welcome({
      ...this.#options.welcome(),
      protocolVersion,
      session,
      room,
      identity,
      displayName,
      ...(this.#options.resumeGrace > 0 && { resumeKey: connection.resumeKey }),
    });
  }

  /** Tells what was missed; where not all of it is kept, how everything is now. */
  #resume(connection: Connection, point: ResumePoint): void {
    const { link } = connection;
    const { room, participant } = connection.joined;
    const personal = link.since(point.seq);
    const shared = room.outlook.missed(participant, point);
    if (personal && shared) {
      this.#welcome(connection, 'resumed');
      // The room's deltas come after: what they say of somebody is never older than what came with a subscription.
      for (const notice of personal) link.repeat(notice);
      for (const delta of shared.deltas) link.tell('roomChanged', delta);
      for (const message of shared.chat) link.tell('chat', message);
    } else {
      this.#welcome(connection, 'snapshot');
      link.notify('snapshot', room.outlook.snapshot(participant));
      room.tellDraining(participant);
    }
    room.outlook.tellPresent(participant);
    link.enterChannels();
    participant.log.info({ session: personal && shared ? 'resumed' : 'snapshot' }, 'participant came back');
  }

  /** The visit is gone. Who was sent away must hear it, else it would come in again. */
  #refuse(connection: Connection, { key }: ResumePoint): void {
    const farewell = this.#visits.farewellTo(key, connection.grant);
    if (farewell) connection.link.repeat(farewell);
    this.#welcome(connection, 'refused');
  }
}

/** A client of another kind must not read that its token is at fault. */
function handshakeRefusal({ issues }: z.ZodError): PlenumError {
  const [issue] = issues;
  if (issue?.path[0] === 'protocolVersion') return new PlenumError('bad-request', `protocolVersion: ${issue.message}`);
  return new PlenumError('unauthorized', 'the handshake carries no access token');
}

/** Whether one of the two ended the connection on purpose. A socket that just breaks says nothing of its client. */
function isDeliberate(reason: string): boolean {
  return reason === 'client namespace disconnect' || reason === 'server namespace disconnect';
}
