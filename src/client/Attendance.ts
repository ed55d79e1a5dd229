import { PlenumError } from '../protocol/index.ts';
import { Attempts, asksForAttempt } from './Attempts.ts';
import type { AttendanceHost, AttendanceOptions } from './AttendanceHost.ts';
import { askToken, type TokenSource } from './askToken.ts';
import { pause } from './backoff.ts';
import {
  type ConnectionEvent,
  type ConnectionState,
  hasVisit,
  isComingBack,
  isVisit,
  nextState,
  troubleOf,
} from './connectionState.ts';
import { enter } from './enter.ts';
import { toPlenumError } from './errors.ts';
import { patiently } from './patience.ts';
import { discard, enterPrepared, openedWith, type Prepared } from './prepared.ts';
import type { CloseReason, RoomState, StateDetail, Trouble } from './RoomEvents.ts';
import { Session } from './Session.ts';

/** How long the server may take to answer `leave`, in milliseconds. */
const leaveTimeoutMs = 1000;

/** Being in the room: connecting, joining, coming back after a break, leaving. Owns the sessions. */
export class Attendance {
  readonly #options: AttendanceOptions;
  readonly #host: AttendanceHost;
  #state: ConnectionState = { name: 'idle' };
  readonly #abort = new AbortController();
  readonly #attempts: Attempts;
  #token: TokenSource = '';
  #prepared: Prepared | undefined;
  /** The visit whose media are seen; while another one is being made the one that broke off. */
  #current: Session | undefined;
  /** A visit whose join has not been answered yet. */
  #entering: Session | undefined;
  #toldTrouble: Trouble | undefined;

  constructor(options: AttendanceOptions, host: AttendanceHost) {
    this.#options = options;
    this.#host = host;
    this.#attempts = new Attempts({
      state: () => this.#state,
      session: () => this.#current,
      token: () => this.#token,
      open: (timeoutMs, signal) =>
        this.#open(this.#token, { timeoutMs: Math.min(timeoutMs, options.connectTimeoutMs), signal }),
      enter: (session) => this.#enter(session),
      dispatch: (event) => this.#dispatch(event),
    });
  }

  get state(): RoomState {
    return this.#state.name;
  }

  get trouble(): Trouble | undefined {
    return troubleOf(this.#state, this.#current?.media?.pathBroken ?? false);
  }

  /** The visit that goes on, also while its socket is being replaced; undefined before, after and between visits. */
  get session(): Session | undefined {
    return hasVisit(this.#state) ? this.#current : undefined;
  }

  /** @throws PlenumError `closed` when the room has been left. */
  assertOpen(): void {
    if (this.#state.name === 'closed') throw new PlenumError('closed', this.#state.message);
  }

  /** @throws PlenumError before the join; coming back counts as joined. */
  assertJoined(): void {
    if (!isComingBack(this.#state)) this.require();
  }

  /** @throws PlenumError where no request can be made now. */
  require(): Session {
    this.assertOpen();
    const { session } = this;
    if (session) return session;
    if (this.#state.name === 'rebuilding') throw new PlenumError('disconnected', 'The connection is being restored.');
    const first = this.#state.name === 'waiting' ? 'A moderator has to let you in first.' : 'Join the room first.';
    throw new PlenumError('wrong-phase', first);
  }

  async prepare(token: TokenSource): Promise<void> {
    this.assertOpen();
    if (this.#state.name === 'prepared') return;
    if (this.#state.name === 'connecting') {
      await this.#prepared?.opened;
      return;
    }
    if (this.#state.name !== 'idle') throw new PlenumError('wrong-phase', 'The room is joined already.');
    const opened = patiently(this.#abort.signal, () => this.#open(token));
    const prepared: Prepared = { token, opened, session: undefined };
    this.#prepared = prepared;
    this.#dispatch({ type: 'prepare' });
    try {
      prepared.session = await prepared.opened;
      if (this.#prepared === prepared) this.#dispatch({ type: 'prepared' });
    } catch (error) {
      const known = this.#known(error);
      if (this.#prepared === prepared) {
        this.#prepared = undefined;
        this.#dispatch({ type: 'failed' }, { error: known });
      }
      throw known;
    }
  }

  async join(token: TokenSource): Promise<void> {
    this.assertOpen();
    if (!['idle', 'connecting', 'prepared'].includes(this.#state.name)) {
      throw new PlenumError('wrong-phase', 'The room is joined already.');
    }
    const opened = openedWith(this.#prepared, token);
    this.#prepared = undefined;
    this.#token = token;
    this.#dispatch({ type: 'join' });
    try {
      const { signal } = this.#abort;
      await patiently(signal, async (tries) => {
        const how = { signal, renews: typeof token === 'function' };
        if (tries === 0 && opened && (await enterPrepared(opened, (session) => this.#enter(session), how))) return;
        await this.#enter(await this.#open(token));
      });
    } catch (error) {
      const known = this.#known(error);
      this.#dispatch({ type: 'failed' }, { error: known });
      throw known;
    }
  }

  async #open(source: TokenSource, limits?: { timeoutMs: number; signal: AbortSignal }): Promise<Session> {
    const { timeoutMs, signal } = limits ?? { timeoutMs: this.#options.connectTimeoutMs, signal: this.#abort.signal };
    const token = await askToken(source, timeoutMs, signal);
    return Session.open({
      url: this.#options.url ?? location.origin,
      token,
      timeoutMs,
      signal,
      handlers: this.#host.handlers,
      onPath: () => this.#tellTrouble(),
      onBroken: (session, error) => this.#broken(session, error),
      onLost: (session, error) => this.#lost(session, error),
      onMoved: (session, next) => (session === this.#current ? this.#moved(next) : next.close()),
      onError: (error) => this.#host.error(error),
    });
  }

  async #enter(first: Session): Promise<void> {
    try {
      const { session, answer } = await enter(first, {
        signal: this.#abort.signal,
        params: () => this.#host.joinParams(),
        open: () => this.#open(this.#token),
        asks: (asking) => {
          this.#entering = asking;
        },
        waits: () => this.#dispatch({ type: 'lobby' }),
      });
      this.#abort.signal.throwIfAborted();
      if (!session.alive) throw new PlenumError('disconnected', 'The connection was lost.');
      const before = this.#current;
      this.#current = session;
      this.#state = nextState(this.#state, { type: 'entered' });
      this.#host.entered(session, answer);
      before?.close();
      this.#host.stateChanged('joined', {});
      // Whoever listens may have left the room.
      if (this.#current === session) session.release();
      // A notice that was held back may have ended the visit already.
      if (this.#state.name !== 'joined' || this.#current !== session) return;
      this.#tellTrouble();
      if (!session.connected) this.#broken(session, new PlenumError('disconnected', 'The connection was lost.'));
    } catch (error) {
      this.#entering?.close();
      throw error;
    } finally {
      this.#entering = undefined;
    }
  }

  #broken(session: Session, error: PlenumError): void {
    if (session !== this.#current) return;
    this.#dispatch({ type: 'socketLost', at: performance.now(), resumable: session.resumable }, { error });
  }

  #lost(session: Session, error: PlenumError): void {
    if (session === this.#prepared?.session) {
      this.#prepared = undefined;
      this.#dispatch({ type: 'failed' }, { error });
    } else if (session === this.#current) {
      this.rejoin(error);
    }
  }

  /** The visit goes on in another room: `next` is there already, and joins. */
  #moved(next: Session): void {
    this.#attempts.goOnWith(next);
    this.rejoin(new PlenumError('disconnected', 'You have been moved to another room.'));
  }

  /** A moderator does not let us in from the lobby. */
  refused(error: PlenumError): void {
    this.#entering?.end(error);
  }

  /** Leaves the broken visit behind and tries to begin another one. */
  rejoin(error: PlenumError): void {
    this.#dispatch({ type: 'visitLost', at: performance.now() }, { error });
  }

  /** The visit goes on, and its media are being made anew, until `mediaRestored()` or `rejoin()`. */
  mediaLost(error: PlenumError): void {
    this.#dispatch({ type: 'mediaLost' }, { error });
  }

  mediaRestored(): void {
    this.#dispatch({ type: 'mediaRestored' });
  }

  /** Ends it from our side or the server's: everything is closed, and no new attempt is made. */
  end(reason: CloseReason, message: string): void {
    this.#dispatch({ type: 'end', reason, message });
  }

  async leave(): Promise<void> {
    const { session } = this;
    if (session?.connected) {
      const left = session.request('leave', {}, leaveTimeoutMs);
      this.#host.leaving(new PlenumError('aborted', 'The room was left.'));
      // Whatever the server says: we are going. A socket that breaks now is not waited for either.
      await Promise.race([left, pause(leaveTimeoutMs, this.#abort.signal)]).catch(() => undefined);
    }
    this.end('left', 'The room was left.');
  }

  /** The page goes away: there is no time to wait. */
  leaveNow(): void {
    this.session?.leaveNow();
    this.end('left', 'The page was closed.');
  }

  /** Everything that follows from a change of the state happens here. */
  #dispatch(event: ConnectionEvent, detail: StateDetail = {}): void {
    const before = this.#state;
    const state = nextState(before, event);
    if (state === before) return;
    this.#state = state;
    this.#attempts.follow(state);
    if (state.name === 'closed') {
      this.#close(state);
      return;
    }
    const { error } = detail;
    if (state.name !== before.name) {
      this.#host.stateChanged(state.name, { ...detail, ...(error && { message: error.message }) });
    }
    this.#tellTrouble();
    // Whoever listens may have left the room.
    if (this.#state !== state) return;
    if (isVisit(state) && !isVisit(before)) this.#leaveBehind();
    if (asksForAttempt(state, before)) {
      this.#attempts.begin(state).catch((cause: unknown) => this.#host.error(toPlenumError(cause)));
    }
  }

  /** What was asked in the former visit fails: nobody knows whether it would be right in the next one. */
  #leaveBehind(): void {
    this.#host.interrupted();
    this.#current?.end(new PlenumError('disconnected', 'The visit is over; the room is being joined again.'));
  }

  #close({ reason, message }: Extract<ConnectionState, { name: 'closed' }>): void {
    this.#abort.abort(new PlenumError('aborted', 'The room was left.'));
    if (this.#prepared) discard(this.#prepared);
    this.#entering?.close();
    this.#current?.close();
    this.#prepared = this.#current = undefined;
    this.#host.ended(reason, message);
    this.#host.stateChanged('closed', { reason, message });
    this.#tellTrouble();
  }

  #tellTrouble(): void {
    const { trouble } = this;
    if (trouble === this.#toldTrouble) return;
    this.#toldTrouble = trouble;
    this.#host.troubleChanged(trouble);
  }

  #known(error: unknown): PlenumError {
    return this.#abort.signal.aborted
      ? new PlenumError('aborted', 'The room was left meanwhile.', { cause: error })
      : toPlenumError(error);
  }
}
