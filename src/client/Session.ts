import type { types } from 'mediasoup-client';
import type { Notice, ParamsInput, RequestName, Result } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { Arrived } from './Arrived.ts';
import { type Browser, prepareBrowser } from './browser.ts';
import { Connection, type ConnectionOptions, type NoticeHandlers } from './Connection.ts';
import type { Identity } from './certificate.ts';
import { toPlenumError } from './errors.ts';
import { heldBack } from './heldBack.ts';
import { makeId } from './ids.ts';
import { Line } from './Line.ts';
import type { MediaLink } from './MediaLink.ts';
import { VisitMedia } from './VisitMedia.ts';
import { fromRtpCapabilities, toRtpCapabilities } from './wire.ts';

export interface SessionOptions extends Omit<ConnectionOptions, 'onInvalid' | 'resume'> {
  /** The path of the media broke, or carries them again: see `media.pathBroken`. */
  onPath: () => void;
  /** The socket is gone, and `resume()` may bring another one; media goes on. Not called after `close()`. */
  onBroken: (error: PlenumError) => void;
  /** The connection or the media is gone for good; called at most once, and not after `close()`. */
  onLost: (error: PlenumError) => void;
  onError: (error: PlenumError) => void;
}

export type JoinAnswer = Result<'join'>;
/** What the application has to say to a join. */
export type JoinParams = Pick<ParamsInput<'join'>, 'view' | 'pinned' | 'metadata'>;

/**
 * `resumed`: the visit goes on over a new socket. `overtaken`: it does already, or has ended. `refused`: the server no
 * longer has it.
 */
export type ResumeOutcome = 'resumed' | 'overtaken' | 'refused';

/** One visit to a room, from the first socket's opening to its end. It outlives its sockets. */
export class Session {
  readonly welcome: Notice<'welcome'>;
  readonly #line: Line;
  readonly #arrived: Arrived;
  readonly #handlers: NoticeHandlers;
  readonly #device: types.Device;
  readonly #identity: Identity;
  readonly #options: SessionOptions;
  /** Notices that overtook the answer to `join`; undefined when they are passed on at once. */
  #early: (() => void)[] | undefined;
  #media: VisitMedia | undefined;
  #joined = false;
  #onRestored: (() => void) | undefined;
  #onReceived: ((report: RTCStatsReport) => boolean) | undefined;
  #ended = false;

  private constructor(
    options: SessionOptions,
    { connection, welcome, ...kept }: Opened,
    { device, identity }: Browser,
  ) {
    this.#options = options;
    this.#line = new Line(connection);
    this.#handlers = kept.handlers;
    this.#arrived = kept.arrived;
    this.#early = kept.early;
    this.welcome = welcome;
    this.#device = device;
    this.#identity = identity;
  }

  /** Connects, and meanwhile makes the certificate; then asks the browser what it can receive. */
  static async open(options: SessionOptions): Promise<Session> {
    const early: (() => void)[] = [];
    const arrived = new Arrived();
    const holder: { session?: Session } = {};
    const handlers = heldBack(options.handlers, arrived, () => (holder.session ? holder.session.#early : early));
    const opening = Connection.open({
      url: options.url,
      token: options.token,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      handlers,
      onLost: (error) => {
        if (holder.session) holder.session.#broke(error);
      },
      onInvalid: options.onError,
    });
    // The network is under way: time to let the browser work. Awaited below, and until then no failure is unhandled.
    const preparing = prepareBrowser();
    preparing.catch(() => undefined);
    const { connection, welcome } = await opening;
    try {
      const { device, identity } = await preparing;
      await device.load({ routerRtpCapabilities: toRtpCapabilities(welcome.routerRtpCapabilities) });
      const session = new Session(options, { connection, welcome, handlers, arrived, early }, { device, identity });
      options.signal.throwIfAborted();
      if (!connection.connected) throw new PlenumError('disconnected', 'The connection was lost.');
      holder.session = session;
      return session;
    } catch (error) {
      connection.close();
      throw toPlenumError(error, 'unsupported-browser');
    }
  }

  /**
   * Enters the room. Notices stay back until `release()`, because they build on the answer.
   */
  async join(params: JoinParams): Promise<JoinAnswer> {
    const answer = await this.#line.request('join', {
      requestId: makeId(),
      recvRtpCapabilities: fromRtpCapabilities(this.#device.recvRtpCapabilities),
      dtlsParameters: { role: 'client', fingerprints: this.#identity.fingerprints },
      ...params,
    });
    if (this.#ended) throw new PlenumError('disconnected', 'The connection was lost.');
    this.#joined = true;
    this.#arrived.startFrom(answer.room);
    this.#media = new VisitMedia(
      {
        device: this.#device,
        certificate: this.#identity.certificate,
        iceServers: this.welcome.iceServers,
        restart: async (transport) => {
          const { iceParameters } = await this.request('restartIce', { requestId: makeId(), transport });
          return iceParameters;
        },
        reachable: () => this.#line.connected,
        onBroken: () => this.#options.onPath(),
        onRestored: () => {
          this.#onRestored?.();
          this.#options.onPath();
        },
        received: (report) => this.#onReceived?.(report) ?? false,
        onFailed: () => this.#lost(new PlenumError('disconnected', 'The media connection was lost.')),
      },
      answer,
    );
    return answer;
  }

  /** The answer to `join` has been applied: pass on the notices that came meanwhile, and later ones at once. */
  release(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const notice of early) notice();
  }

  /** Called when media flow again after their path was broken. */
  whenRestored(listener: () => void): void {
    this.#onRestored = listener;
  }

  /** Called several times a second with what the browser counts of all that is received; tells whether any should be. */
  whenReceived(listener: (report: RTCStatsReport) => boolean): void {
    this.#onReceived = listener;
  }

  /** The transports and what they need; undefined before `join`. */
  get media(): VisitMedia | undefined {
    return this.#media;
  }

  /** The transports that are in use now; undefined before `join`. */
  get link(): MediaLink | undefined {
    return this.#media?.link;
  }

  request<N extends RequestName>(name: N, params: ParamsInput<N>, timeoutMs?: number): Promise<Result<N>> {
    return this.#line.request(name, params, timeoutMs);
  }

  /** Whether there is a socket right now. */
  get connected(): boolean {
    return this.#line.connected;
  }

  /** Whether the server keeps the visit for a while when its socket breaks. */
  get resumable(): boolean {
    return this.#joined && !this.#ended && this.welcome.resumeKey !== undefined;
  }

  /**
   * Goes on over a new socket; several attempts may be under way at once.
   * @throws PlenumError as `open()`
   */
  async resume(how: Pick<SessionOptions, 'token' | 'timeoutMs' | 'signal'>): Promise<ResumeOutcome> {
    const { resumeKey } = this.welcome;
    if (this.#ended || resumeKey === undefined) return 'overtaken';
    const holder: { connection?: Connection } = {};
    const { connection, welcome } = await Connection.open({
      ...how,
      url: this.#options.url,
      resume: this.#arrived.point(resumeKey),
      handlers: this.#handlers,
      onLost: (error) => {
        if (holder.connection && this.#line.isOver(holder.connection)) this.#broke(error);
      },
      onInvalid: this.#options.onError,
    });
    const resumed = welcome.session === 'resumed' || welcome.session === 'snapshot';
    if (resumed && !this.#ended && !this.#line.connected) {
      holder.connection = connection;
      this.#line.mend(connection);
      this.#media?.socketBack();
      return 'resumed';
    }
    // Another attempt was faster. The server must not take the end of this one for the end of the visit.
    if (resumed && !this.#ended) connection.drop();
    else connection.close();
    return resumed ? 'overtaken' : 'refused';
  }

  get alive(): boolean {
    return !this.#ended;
  }

  #broke(error: PlenumError): void {
    if (this.#ended) return;
    if (!this.resumable) {
      this.#lost(error);
      return;
    }
    this.#line.cut();
    this.#media?.doubt();
    this.#options.onBroken(error);
  }

  #lost(error: PlenumError): void {
    if (this.#ended) return;
    this.end(error);
    this.#options.onLost(error);
  }

  /**
   * The visit is over, and another one takes its place: requests fail with this error. The transports stay until
   * `close()`: while the new visit is being made, whatever still flows may be seen and heard.
   */
  end(error: PlenumError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#media?.abandon();
    this.#line.close(error);
  }

  /** Nothing more can be received in this visit: it counts as lost, and another one is needed. */
  abandon(error: PlenumError): void {
    this.#lost(error);
  }

  /** For a page that goes away: says `leave` without waiting for an answer. */
  leaveNow(): void {
    this.#ended = true;
    this.#line.leaveNow();
    this.close();
  }

  close(): void {
    this.#ended = true;
    this.#media?.close();
    this.#line.close();
  }
}

interface Opened {
  connection: Connection;
  welcome: Notice<'welcome'>;
  handlers: NoticeHandlers;
  arrived: Arrived;
  early: (() => void)[];
}
