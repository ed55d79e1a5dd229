import { PlenumError } from '../protocol/index.ts';
import { backoffMs, giveUpAfterMs, pause } from './backoff.ts';
import type { NoticeHandlers } from './Connection.ts';
import { mayPass, toPlenumError } from './errors.ts';
import type { CloseReason, RoomState, StateDetail } from './RoomEvents.ts';
import { type JoinAnswer, type JoinParams, Session } from './Session.ts';

/** A token, or a function that gets one; it is asked at every new connection. */
export type TokenSource = string | (() => string | Promise<string>);

export interface AttendanceOptions {
  /** Undefined: the page's own origin. */
  url: string | undefined;
  connectTimeoutMs: number;
}

export interface AttendanceHost {
  readonly handlers: NoticeHandlers;
  /** What the next `join` says. */
  joinParams(): JoinParams;
  /** The server has let us in. Called before any later notice. */
  entered(session: Session, answer: JoinAnswer): void;
  /** The visit broke off, and another one is being tried. */
  interrupted(): void;
  stateChanged(state: RoomState, detail: StateDetail): void;
  /** We are about to go: devices are released, and what is under way ends, while the server is being told. */
  leaving(aborted: PlenumError): void;
  /** It is over, for the given reason; called once. */
  ended(reason: CloseReason, message: string): void;
  error(error: PlenumError): void;
}

type Phase =
  | { name: 'idle' }
  | { name: 'connecting'; token: TokenSource; opened: Promise<Session> }
  | { name: 'prepared'; token: TokenSource; session: Session }
  | { name: 'joining' }
  | { name: 'joined'; session: Session }
  | { name: 'reconnecting' }
  | { name: 'closed'; reason: CloseReason; message: string };

/** How long the server may take to answer `leave`, in milliseconds. */
const leaveTimeoutMs = 1000;

/** Being in the room: connecting, joining, coming back after a break, leaving. Owns the sessions. */
export class Attendance {
  readonly #options: AttendanceOptions;
  readonly #host: AttendanceHost;
  #phase: Phase = { name: 'idle' };
  #abort = new AbortController();
  #token: TokenSource = '';
  /** The visit whose media are seen; during a reconnect the one that broke off. */
  #current: Session | undefined;
  /** A visit whose join has not been answered yet. */
  #entering: Session | undefined;

  constructor(options: AttendanceOptions, host: AttendanceHost) {
    this.#options = options;
    this.#host = host;
  }

  get state(): RoomState {
    return this.#phase.name;
  }

  /** The visit that is joined; undefined before and after, and while a reconnect is under way. */
  get session(): Session | undefined {
    return this.#phase.name === 'joined' ? this.#phase.session : undefined;
  }

  /** @throws PlenumError `closed` when the room has been left. */
  assertOpen(): void {
    if (this.#phase.name === 'closed') throw new PlenumError('closed', this.#phase.message);
  }

  /** @throws PlenumError before the join; a reconnect that is under way counts as joined. */
  assertJoined(): void {
    if (this.#phase.name !== 'reconnecting') this.require();
  }

  /** @throws PlenumError where no request can be made now. */
  require(): Session {
    this.assertOpen();
    if (this.#phase.name === 'joined') return this.#phase.session;
    if (this.#phase.name === 'reconnecting') throw new PlenumError('disconnected', 'The connection is being restored.');
    throw new PlenumError('wrong-phase', 'Join the room first.');
  }

  #set(phase: Phase, detail: StateDetail = {}): void {
    this.#phase = phase;
    this.#host.stateChanged(phase.name, detail);
  }

  async prepare(token: TokenSource): Promise<void> {
    this.assertOpen();
    if (this.#phase.name === 'prepared') return;
    if (this.#phase.name === 'connecting') {
      await this.#phase.opened;
      return;
    }
    if (this.#phase.name !== 'idle') throw new PlenumError('wrong-phase', 'The room is joined already.');
    const opened = this.#open(token);
    this.#set({ name: 'connecting', token, opened });
    try {
      const session = await opened;
      if (this.state === 'connecting') this.#set({ name: 'prepared', token, session });
    } catch (error) {
      const known = this.#known(error);
      if (this.state === 'connecting') this.#set({ name: 'idle' }, { error: known });
      throw known;
    }
  }

  async join(token: TokenSource): Promise<void> {
    this.assertOpen();
    const prepared = this.#prepared(token);
    this.#token = token;
    this.#set({ name: 'joining' });
    try {
      if (prepared && (await this.#enterPrepared(prepared))) return;
      await this.#enter(await this.#open(token));
    } catch (error) {
      const known = this.#known(error);
      if (this.#phase.name === 'joining') this.#set({ name: 'idle' }, { error: known });
      throw known;
    }
  }

  /** What `prepare()` has opened, or is opening, with this token. */
  #prepared(token: TokenSource): Promise<Session> | undefined {
    const phase = this.#phase;
    switch (phase.name) {
      case 'idle':
        return undefined;
      case 'connecting':
      case 'prepared': {
        const opened = phase.name === 'prepared' ? Promise.resolve(phase.session) : phase.opened;
        // A function gives a token of the same person; another string may be for another room.
        if (typeof token === 'function' || token === phase.token) return opened;
        // Where it fails there is nothing to close, and prepare() has told its caller.
        opened.then((session) => session.close()).catch(() => undefined);
        return undefined;
      }
      case 'joining':
      case 'joined':
      case 'reconnecting':
      case 'closed':
        throw new PlenumError('wrong-phase', 'The room is joined already.');
    }
  }

  /** Returns false where the prepared connection turns out to be dead, so that a new one is needed. */
  async #enterPrepared(opened: Promise<Session>): Promise<boolean> {
    try {
      const session = await opened;
      if (!session.alive) return false;
      await this.#enter(session);
      return true;
    } catch (error) {
      const { code } = toPlenumError(error);
      if (this.#abort.signal.aborted || (code !== 'disconnected' && code !== 'timeout')) throw error;
      return false;
    }
  }

  async #open(source: TokenSource, timeoutMs = this.#options.connectTimeoutMs): Promise<Session> {
    const { signal } = this.#abort;
    const holder: { session?: Session } = {};
    const token = typeof source === 'string' ? source : await this.#ask(source, timeoutMs);
    const url = this.#options.url ?? location.origin;
    const session = await Session.open({
      url,
      token,
      timeoutMs,
      signal,
      handlers: this.#host.handlers,
      onLost: (error) => holder.session && this.#lost(holder.session, error),
      onError: (error) => this.#host.error(error),
    });
    holder.session = session;
    return session;
  }

  /** Asks the application for a token; one that never comes, or fails, counts as a server out of reach. */
  async #ask(source: () => string | Promise<string>, timeoutMs: number): Promise<string> {
    const { signal } = this.#abort;
    const { promise, reject } = Promise.withResolvers<never>();
    const late = () => reject(new PlenumError('timeout', 'The application did not give a token in time.'));
    const timer = setTimeout(late, timeoutMs);
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted);
    try {
      return await Promise.race([source(), promise]);
    } catch (error) {
      throw toPlenumError(error, 'disconnected');
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    }
  }

  async #enter(session: Session): Promise<void> {
    const params = this.#host.joinParams();
    this.#entering = session;
    try {
      const answer = await session.join(params);
      this.#abort.signal.throwIfAborted();
      if (!session.alive) throw new PlenumError('disconnected', 'The connection was lost.');
      const before = this.#current;
      this.#current = session;
      this.#phase = { name: 'joined', session };
      this.#host.entered(session, answer);
      session.release();
      before?.close();
      // A notice that was held back may have ended the visit already.
      if (this.#phase.name === 'joined' && this.#phase.session === session) this.#host.stateChanged('joined', {});
    } catch (error) {
      session.close();
      throw error;
    } finally {
      this.#entering = undefined;
    }
  }

  #lost(session: Session, error: PlenumError): void {
    if (this.#phase.name === 'prepared' && this.#phase.session === session) {
      this.#set({ name: 'idle' }, { error });
      return;
    }
    if (this.#phase.name === 'joined' && this.#phase.session === session) this.rejoin(error);
  }

  /** Leaves the broken visit behind and tries to begin another one. */
  rejoin(error: PlenumError): void {
    if (this.#phase.name !== 'joined') return;
    this.#set({ name: 'reconnecting' }, { error, message: error.message });
    this.#host.interrupted();
    this.#reconnect(error).catch((cause: unknown) => this.#host.error(toPlenumError(cause)));
  }

  async #reconnect(first: PlenumError): Promise<void> {
    const started = performance.now();
    const { signal } = this.#abort;
    let error = first;
    for (let attempt = 0; ; attempt += 1) {
      const elapsed = performance.now() - started;
      if (elapsed > giveUpAfterMs) break;
      try {
        await pause(Math.max(backoffMs(attempt, elapsed), error.retryAfterMs ?? 0), signal);
        await this.#enter(await this.#open(this.#token, Math.min(5000, this.#options.connectTimeoutMs)));
        return;
      } catch (cause) {
        if (signal.aborted) return;
        error = toPlenumError(cause);
        if (!mayPass(error)) break;
      }
    }
    this.end(error.code, error.message);
  }

  /** Ends it from our side or the server's: everything is closed, and no new attempt is made. */
  end(reason: CloseReason, message: string): void {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#abort.abort(new PlenumError('aborted', 'The room was left.'));
    // Where it fails there is nothing to close, and prepare() tells its caller.
    if (phase.name === 'connecting') phase.opened.then((session) => session.close()).catch(() => undefined);
    if (phase.name === 'prepared') phase.session.close();
    this.#entering?.close();
    this.#current?.close();
    this.#current = undefined;
    this.#phase = { name: 'closed', reason, message };
    this.#host.ended(reason, message);
    this.#host.stateChanged('closed', { reason, message });
  }

  async leave(): Promise<void> {
    const session = this.session;
    if (session) {
      const left = session.request('leave', {}, leaveTimeoutMs);
      this.#host.leaving(new PlenumError('aborted', 'The room was left.'));
      // Whatever the server says: we are going.
      await left.catch(() => undefined);
    }
    this.end('left', 'The room was left.');
  }

  /** The page goes away: there is no time to wait. */
  leaveNow(): void {
    this.session?.leaveNow();
    this.end('left', 'The page was closed.');
  }

  #known(error: unknown): PlenumError {
    return this.#abort.signal.aborted
      ? new PlenumError('aborted', 'The room was left meanwhile.', { cause: error })
      : toPlenumError(error);
  }
}
