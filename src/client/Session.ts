import type { Notice, ParamsInput, RequestName, Result } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { type Browser, prepareBrowser } from './browser.ts';
import { Connection, type ConnectionOptions, type NoticeHandlers } from './Connection.ts';
import { toPlenumError } from './errors.ts';
import { Inbox } from './Inbox.ts';
import { makeId } from './ids.ts';
import { Line } from './Line.ts';
import type { MediaLink } from './MediaLink.ts';
import { VisitMedia } from './VisitMedia.ts';
import { fromRtpCapabilities, toRtpCapabilities } from './wire.ts';

export interface SessionOptions extends Omit<ConnectionOptions, 'listener' | 'resume'> {
  handlers: NoticeHandlers;
  /** The path of the media broke, or carries them again: see `media.pathBroken`. */
  onPath: () => void;
  /** The socket is gone, and `resume()` may bring another one; media goes on. Not called after `close()`. */
  onBroken: (session: Session, error: PlenumError) => void;
  /** The connection or the media is gone for good; called at most once, and not after `close()`. */
  onLost: (session: Session, error: PlenumError) => void;
  /** We are moved to another room: `next` is the visit there, over the same socket. This one is over, and has no socket. */
  onMoved: (session: Session, next: Session) => void;
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
  readonly #inbox: Inbox;
  readonly #browser: Browser;
  readonly #options: SessionOptions;
  #media: VisitMedia | undefined;
  #joined = false;
  #onRestored: (() => void) | undefined;
  #onReceived: ((report: RTCStatsReport) => boolean) | undefined;
  /** Settled when somebody lets us in from the lobby, or nobody can any more. */
  #admitted = waiting();
  /** We are being moved to another room. */
  #moving = false;
  /** Of that room. */
  #nextWelcome: Notice<'welcome'> | undefined;
  #ended = false;

  private constructor(options: SessionOptions, { connection, welcome }: Opened, inbox: Inbox, browser: Browser) {
    this.#options = options;
    this.#line = new Line(connection);
    this.#inbox = inbox;
    this.welcome = welcome;
    this.#browser = browser;
    inbox.own({
      broke: (error) => this.#broke(error),
      admitted: () => this.#admitted.resolve(),
      moving: () => {
        this.#moving = true;
      },
      welcomed: (next) => {
        if (!this.#moving || next.session !== 'new') return;
        this.#nextWelcome = next;
        this.#goOn();
      },
    });
  }

  /** Connects, and meanwhile makes the certificate; then asks the browser what it can receive. */
  static async open(options: SessionOptions): Promise<Session> {
    const inbox = new Inbox(options.handlers, options.onError);
    const { url, token, timeoutMs, signal } = options;
    const opening = Connection.open({ url, token, timeoutMs, signal, listener: inbox });
    // The network is under way: time to let the browser work. Awaited below, and until then no failure is unhandled.
    const preparing = prepareBrowser();
    preparing.catch(() => undefined);
    const opened = await opening;
    const { connection, welcome } = opened;
    try {
      const browser = await preparing;
      await browser.device.load({ routerRtpCapabilities: toRtpCapabilities(welcome.routerRtpCapabilities) });
      options.signal.throwIfAborted();
      if (!connection.connected) throw new PlenumError('disconnected', 'The connection was lost.');
      return new Session(options, opened, inbox, browser);
    } catch (error) {
      connection.close();
      throw toPlenumError(error, 'unsupported-browser');
    }
  }

  /**
   * Enters the room. Notices stay back until `release()`, because they build on the answer.
   */
  async join(params: JoinParams): Promise<JoinAnswer> {
    const { device, identity } = this.#browser;
    this.#admitted = waiting();
    const answer = await this.#line.request('join', {
      requestId: makeId(),
      recvRtpCapabilities: fromRtpCapabilities(device.recvRtpCapabilities),
      dtlsParameters: { role: 'client', fingerprints: identity.fingerprints },
      ...params,
    });
    if (this.#ended) throw new PlenumError('disconnected', 'The connection was lost.');
    this.#joined = true;
    this.#inbox.arrived.startFrom(answer.room);
    this.#media = new VisitMedia(
      {
        device,
        certificate: identity.certificate,
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

  /**
   * After a join that was refused with `in-lobby`: resolves when somebody has let us in, so that the next one succeeds.
   * @throws PlenumError why that cannot be any more
   */
  async admitted(): Promise<void> {
    await this.#admitted.promise;
  }

  /** The answer to `join` has been applied: pass on the notices that came meanwhile, and later ones at once. */
  release(): void {
    this.#inbox.release();
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
      resume: this.#inbox.arrived.point(resumeKey),
      listener: {
        handlers: this.#inbox.handlers,
        onInvalid: this.#inbox.onInvalid,
        onLost: (error) => {
          if (holder.connection && this.#line.isOver(holder.connection)) this.#broke(error);
        },
      },
    });
    const resumed = welcome.session === 'resumed' || welcome.session === 'snapshot';
    if (resumed && !this.#ended && !this.#line.connected) {
      holder.connection = connection;
      this.#line.mend(connection);
      this.#media?.socketBack();
      this.#goOn();
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

  /** Where both are there, the socket and the `welcome` of the room to which we are moved: the visit there takes the socket. */
  #goOn(): void {
    const welcome = this.#nextWelcome;
    if (!welcome || this.#ended || !this.#line.connected) return;
    const connection = this.#line.release(new PlenumError('disconnected', 'You have been moved to another room.'));
    if (!connection) return;
    const inbox = new Inbox(this.#options.handlers, this.#options.onError);
    connection.pass(inbox);
    this.#options.onMoved(this, new Session(this.#options, { connection, welcome }, inbox, this.#browser));
  }

  #broke(error: PlenumError): void {
    if (this.#ended) return;
    if (!this.resumable) {
      this.#lost(error);
      return;
    }
    this.#line.cut();
    this.#media?.doubt();
    this.#options.onBroken(this, error);
  }

  #lost(error: PlenumError): void {
    if (this.#ended) return;
    this.end(error);
    this.#options.onLost(this, error);
  }

  /**
   * The visit is over, and another one takes its place: requests fail with this error. The transports stay until
   * `close()`: while the new visit is being made, whatever still flows may be seen and heard.
   */
  end(error: PlenumError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#media?.abandon();
    this.#admitted.reject(error);
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
    this.#admitted.reject(new PlenumError('disconnected', 'The connection was lost.'));
    this.#line.close();
  }
}

interface Opened {
  connection: Connection;
  welcome: Notice<'welcome'>;
}

/** Where nobody waits in a lobby, nothing is lost that somebody would have to hear of. */
function waiting(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => undefined);
  return resolvers;
}
