import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { type DefaultEventsMap, Server } from 'socket.io';
import { Encoder } from 'socket.io-parser';
import type { CheckedGrant } from '../auth/TokenService.ts';
import { type LeaveReason, type Notice, protocolVersion, type ResumePoint } from '../protocol/index.ts';
import type { RoomRegistry } from '../room/RoomRegistry.ts';
import { Admission, queueForJoins } from './Admission.ts';
import { Connection } from './Connection.ts';
import { Decoders } from './Decoders.ts';
import { Entrance, type GatewaySocket, type SocketData } from './Entrance.ts';
import { engineOptions, signalingPath } from './engineOptions.ts';
import { engineRequests } from './engineRequests.ts';
import { cut, type EngineSocket } from './engineSocket.ts';
import type { GatewayOptions } from './GatewayOptions.ts';
import { guardConnection } from './guardConnection.ts';
import { JoinPatience } from './JoinPatience.ts';
import { Limits } from './Limits.ts';
import { SilenceWatch } from './SilenceWatch.ts';
import { SlowReaders } from './SlowReaders.ts';
import { SocketAnnouncer } from './SocketAnnouncer.ts';
import { Visits } from './Visits.ts';
import { wireSocket } from './wireSocket.ts';

/** Sockets: lets in who has a valid token, and hands their requests to the dispatcher. */
export class Gateway {
  readonly announcer: SocketAnnouncer;
  readonly #io: Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
  readonly #options: GatewayOptions;
  readonly #silence: SilenceWatch;
  readonly #admission: Admission;
  readonly #slow: SlowReaders;
  readonly #patience: JoinPatience;
  readonly #visits = new Visits();
  readonly #limits: Limits;
  readonly #entrance: Entrance;
  readonly #decoders: Decoders;
  #registry: RoomRegistry | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#limits = new Limits(options.clock, options);
    this.#decoders = new Decoders(options);
    this.#entrance = new Entrance({
      limits: this.#limits,
      allowedOrigins: options.allowedOrigins,
      trust: options.trust,
      servedHosts: options.servedHosts,
      isOpen: (resumeKey) => this.#visits.has(resumeKey),
      isOwn: (resumeKey, grant) => this.#visits.own(resumeKey, { grant, room: this.#roomOf(grant) }) !== undefined,
      farewellTo: (resumeKey, grant) => this.#visits.farewellTo(resumeKey, { grant, room: grant.room }),
      wasShown: (resumeKey, token) => this.#visits.wasShown(resumeKey, token),
      isFull: () => this.full,
      strangers: () => this.sockets - this.#io.sockets.sockets.size,
      verifyToken: options.verifyToken,
      log: options.log,
    });
    this.#io = new Server({
      allowRequest: this.#entrance.allowRequest,
      parser: { Encoder, Decoder: this.#decoders.Decoder },
      ...engineOptions(options),
    });
    this.announcer = new SocketAnnouncer(this.#io);
    this.#admission = new Admission({ clock: options.clock, atOnce: options.joinsAtOnce, ...queueForJoins });
    this.#silence = new SilenceWatch(options.pingInterval * 1000, options.clock);
    this.#patience = new JoinPatience(options.clock, options.prepareTimeout * 1000);
    this.#slow = new SlowReaders(options.clock, (_conn, bytes) => {
      options.log.debug({ bytes }, 'a socket is cut, since its client reads too slowly');
    });
    this.#io.use((socket, next) => {
      this.#entrance.authenticate(socket).then(
        () => {
          next();
          // Right behind the tick in which socket.io counts it: nobody is counted twice or not at all.
          process.nextTick(() => this.#entrance.entered(socket.conn));
        },
        (error) => next(this.#entrance.refusal(error)),
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
    for (const server of others) this.#io.engine.attach(server, { path: signalingPath });
    this.#io.engine.use(engineRequests({ ...this.#options, limits: this.#limits }));
    // Before socket.io makes its decoder.
    this.#io.engine.prependListener('connection', (socket: EngineSocket & { request: IncomingMessage }) => {
      this.#entrance.arrived(socket, socket.request);
      this.#decoders.coming(socket, this.#entrance.addressOf(socket));
      guardConnection(socket, this.#options.clock);
      // Each socket would keep the HTTP request that opened it, which nobody asks for again: 3 kB.
      Object.assign(socket, { request: null });
    });
  }

  get sockets(): number {
    return this.#io.engine?.clientsCount ?? 0;
  }

  /** Those that are still being refused do not count: where all come at once, as many get in as fit. */
  get full(): boolean {
    return this.#io.sockets.sockets.size + this.#entrance.entering >= this.#options.maxClients;
  }

  async close(): Promise<void> {
    this.#silence.close();
    this.#slow.close();
    this.#limits.close();
    this.#io.disconnectSockets(true);
    // Without the HTTP servers, which are closed by who made them.
    this.#io.engine?.close();
    await Promise.resolve();
  }

  #connected(socket: GatewaySocket): void {
    const { grant, resume } = socket.data;
    const registry = this.#registry;
    if (!grant || !registry) {
      socket.disconnect(true);
      return;
    }
    const room = this.#roomOf(grant);
    const former = resume && this.#visits.find(resume, { grant, room });
    if (former?.unreachable) {
      cut(socket.conn);
      return;
    }
    const connection = former ?? this.#begin(grant, room, registry);
    // The visit goes on here, also where nobody has noticed yet that its former socket is dead.
    const overtaken = connection.link.socket;
    this.#seat(socket, connection);
    if (overtaken) cut(overtaken.conn);
    const address = this.#entrance.addressOf(socket.conn);
    const meter = this.#limits.meter({
      identity: grant.identity,
      address,
      // Where the visit goes on that it is for: who is moved counts in the other room from then on.
      get room() {
        return socket.data.connection?.room ?? room;
      },
    });
    const parts = {
      admission: this.#admission.of(address),
      silence: this.#silence,
      slow: this.#slow,
      patience: this.#patience,
    };
    wireSocket(socket, { ...this.#options, ...parts, registry, meter });
    connection.arrived(grant);
    if (former) this.#entrance.joined(socket.conn);
    if (former) this.#resume(former, resume);
    else if (resume) this.#refuse(connection, resume);
    else this.#welcome(connection, 'new');
    this.#slow.allow(socket.conn);
  }

  /** Where that token leads now. */
  #roomOf({ room, identity }: CheckedGrant): string {
    return this.#registry?.roomFor({ tokenRoom: room, identity }) ?? room;
  }

  #begin(grant: CheckedGrant, room: string, registry: RoomRegistry): Connection {
    const { log, clock, resumeGrace, maxPending, revokeToken } = this.#options;
    const connection = new Connection({
      grant,
      room,
      log: log.child({ roomId: room, identity: grant.identity }),
      clock,
      graceMs: resumeGrace * 1000,
      maxPending,
      joined: ({ link }) => this.#entrance.joined(link.socket?.conn),
      removed: (tokens) => {
        // Who was moved there may have a token of that room as well.
        for (const token of tokens) {
          revokeToken(token, room);
          if (token.room !== room) revokeToken({ ...token, room }, room);
        }
      },
      ended: (ended) => this.#visits.ended(ended),
      moved: (former) => this.#goOn(former, registry),
    });
    this.#visits.add(connection);
    return connection;
  }

  /** What comes over the socket is for this visit from now on. */
  #seat(socket: GatewaySocket, connection: Connection): void {
    const address = this.#entrance.addressOf(socket.conn);
    socket.data.connection = connection;
    connection.link.attach(socket, address, this.#limits.data({ ...connection.grant, room: connection.room, address }));
  }

  /** Its participant was moved to another room: over the same socket, where there is one, another visit begins. */
  #goOn(former: Connection, registry: RoomRegistry): void {
    const socket: GatewaySocket | undefined = former.link.release();
    // Who comes back without a socket of before is told by the farewell, and led there by its token.
    if (!socket) return;
    const { grant, visitor } = former;
    const next = this.#begin(grant, registry.roomFor(visitor), registry);
    for (const token of former.shown) next.arrived(token);
    // Only who asks to leave does not come: where a join fails, the client goes on over another socket.
    const leave = (reason: LeaveReason) => {
      if (reason === 'left') registry.stayedAway(visitor);
    };
    next.waitAt({ waits: false, leave, lose: () => undefined });
    this.#seat(socket, next);
    this.#patience.watch(socket);
    this.#welcome(next, 'new', registry.find(next.room)?.moderation.standing.grantsOf(visitor));
  }

  #welcome(connection: Connection, session: Notice<'welcome'>['session'], grants = connection.grants): void {
    const { room, grant } = connection;
    connection.link.welcome({
      ...this.#options.welcome(),
      protocolVersion,
      session,
      room,
      identity: grant.identity,
      displayName: grant.displayName,
      grants,
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
      room.door.tell(participant);
    }
    room.outlook.tellPresent(participant);
    link.enterChannels();
    participant.log.info({ session: personal && shared ? 'resumed' : 'snapshot' }, 'participant came back');
  }

  /** The visit is gone. Who was sent away must hear it, else it would come in again. */
  #refuse(connection: Connection, { key }: ResumePoint): void {
    const farewell = this.#visits.farewellTo(key, connection);
    if (farewell) connection.link.repeat(farewell);
    this.#welcome(connection, 'refused');
  }
}
