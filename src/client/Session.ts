import type { types } from 'mediasoup-client';
import type { Notice, NoticeName, ParamsInput, RequestName, Result } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { Connection, type ConnectionOptions, type NoticeHandlers } from './Connection.ts';
import { createIdentity, type Identity } from './certificate.ts';
import { createDevice } from './device.ts';
import { toPlenumError } from './errors.ts';
import { IceKeeper } from './IceKeeper.ts';
import { makeId } from './ids.ts';
import { MediaLink } from './MediaLink.ts';
import { fromRtpCapabilities, toRtpCapabilities } from './wire.ts';

export interface SessionOptions extends Omit<ConnectionOptions, 'onInvalid'> {
  /** The connection or the media is gone for good; called at most once, and not after `close()`. */
  onLost: (error: PlenumError) => void;
  onError: (error: PlenumError) => void;
}

export type JoinAnswer = Result<'join'>;
/** What the application has to say to a join. */
export type JoinParams = Pick<ParamsInput<'join'>, 'view' | 'pinned' | 'metadata'>;

/** One visit to a room, from the socket's opening to its end. A reconnect makes a new one. */
export class Session {
  readonly welcome: Notice<'welcome'>;
  readonly #connection: Connection;
  readonly #device: types.Device;
  readonly #identity: Identity;
  readonly #options: SessionOptions;
  /** Notices that overtook the answer to `join`; undefined when they are passed on at once. */
  #early: (() => void)[] | undefined;
  #link: MediaLink | undefined;
  #ice: IceKeeper | undefined;
  #ended = false;

  private constructor(
    options: SessionOptions,
    connection: Connection,
    welcome: Notice<'welcome'>,
    device: types.Device,
    identity: Identity,
    early: (() => void)[],
  ) {
    this.#options = options;
    this.#connection = connection;
    this.welcome = welcome;
    this.#device = device;
    this.#identity = identity;
    this.#early = early;
  }

  /** Connects, and meanwhile makes the certificate; then asks the browser what it can receive. */
  static async open(options: SessionOptions): Promise<Session> {
    const early: (() => void)[] = [];
    const holder: { session?: Session } = {};
    const defer = <N extends NoticeName>(name: N) => {
      return (payload: Notice<N>) => {
        const queue = holder.session ? holder.session.#early : early;
        if (queue) queue.push(() => options.handlers[name](payload));
        else options.handlers[name](payload);
      };
    };
    const handlers: NoticeHandlers = {
      // Taken by Connection.open.
      welcome: () => undefined,
      roomChanged: defer('roomChanged'),
      knownChanged: defer('knownChanged'),
      subscriptionsAdded: defer('subscriptionsAdded'),
      subscriptionsRemoved: defer('subscriptionsRemoved'),
      subscriptionState: defer('subscriptionState'),
      wantedLayers: defer('wantedLayers'),
      keyFrameWanted: defer('keyFrameWanted'),
      speakers: defer('speakers'),
      quality: defer('quality'),
      chat: defer('chat'),
      draining: defer('draining'),
      // What ends the visit is never held back.
      removed: options.handlers.removed,
      roomClosed: options.handlers.roomClosed,
    };
    const opening = Connection.open({
      url: options.url,
      token: options.token,
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      handlers,
      onLost: (error) => {
        if (holder.session) holder.session.#lost(error);
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
      const session = new Session(options, connection, welcome, device, identity, early);
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
    const answer = await this.#connection.request('join', {
      requestId: makeId(),
      recvRtpCapabilities: fromRtpCapabilities(this.#device.recvRtpCapabilities),
      dtlsParameters: { role: 'client', fingerprints: this.#identity.fingerprints },
      ...params,
    });
    if (this.#ended) throw new PlenumError('disconnected', 'The connection was lost.');
    const link = new MediaLink({
      device: this.#device,
      certificate: this.#identity.certificate,
      iceServers: this.welcome.iceServers,
      media: answer,
      onConnectionState: (direction, state) => this.#ice?.changed(direction, state),
    });
    this.#link = link;
    this.#ice = new IceKeeper(link, {
      restart: async (transport) => {
        const { iceParameters } = await this.request('restartIce', { requestId: makeId(), transport });
        return iceParameters;
      },
      reachable: () => this.#connection.connected,
      onFailed: () => this.#lost(new PlenumError('disconnected', 'The media connection was lost.')),
    });
    return answer;
  }

  /** The answer to `join` has been applied: pass on the notices that came meanwhile, and later ones at once. */
  release(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const notice of early) notice();
  }

  /** The transports; undefined before `join`. */
  get link(): MediaLink | undefined {
    return this.#link;
  }

  request<N extends RequestName>(name: N, params: ParamsInput<N>, timeoutMs?: number): Promise<Result<N>> {
    return this.#connection.request(name, params, timeoutMs);
  }

  get alive(): boolean {
    return !this.#ended;
  }

  #lost(error: PlenumError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#ice?.close();
    // The transports stay: while a new visit is being made, whatever still flows may be seen and heard.
    this.#connection.close();
    this.#options.onLost(error);
  }

  /** Nothing more can be received in this visit: it counts as lost, and another one is needed. */
  abandon(error: PlenumError): void {
    this.#lost(error);
  }

  /** For a page that goes away: says `leave` without waiting for an answer. */
  leaveNow(): void {
    this.#ended = true;
    this.#connection.leaveNow();
    this.close();
  }

  close(): void {
    this.#ended = true;
    this.#ice?.close();
    this.#link?.close();
    this.#connection.close();
  }
}

async function prepareBrowser(): Promise<{ device: types.Device; identity: Identity }> {
  const device = createDevice();
  return { device, identity: await createIdentity() };
}
