import { PlenumError } from '../protocol/index.ts';
import { askToken, type TokenSource } from './askToken.ts';
import { backoffMs, pause, slowAfterMs } from './backoff.ts';
import type { ConnectionEvent, ConnectionState } from './connectionState.ts';
import { mayPass, toPlenumError } from './errors.ts';
import type { Session } from './Session.ts';

/** The states in which attempts are made to come back. */
export type Coming = Extract<ConnectionState, { attempt: number }>;

export interface AttemptsHost {
  state(): ConnectionState;
  /** The visit that broke. */
  session(): Session | undefined;
  token(): TokenSource;
  open(timeoutMs: number, signal: AbortSignal): Promise<Session>;
  /** Joins, and says so with the event `entered`. */
  enter(session: Session): Promise<void>;
  dispatch(event: ConnectionEvent): void;
}

/** How long one attempt may take, in milliseconds. */
const timeoutMs = 5000;

/** Whether a state asks for an attempt for which the one before did not ask. */
export function asksForAttempt(state: ConnectionState, before: ConnectionState): state is Coming {
  return 'attempt' in state && !isSame(state, before);
}

function isSame(one: Coming, other: ConnectionState): boolean {
  return isSameWay(one, other) && 'attempt' in other && other.attempt === one.attempt;
}

/** Whether both seek the same way back, if in different attempts. */
function isSameWay(one: Coming, other: ConnectionState): boolean {
  return 'attempt' in other && other.name === one.name && other.since === one.since;
}

/**
 * The attempts to come back that the state of the connection asks for, one after another. One that is slow is not given
 * up, but the next begins beside it: what was sent into a dead network, or to a server that was not there, is sent again
 * late and later still, long after it could be answered. Whichever is first ends the others.
 */
export class Attempts {
  readonly #host: AttemptsHost;
  /** The way back that is sought, and what ends its attempts. */
  #way: { state: Coming; abort: AbortController } | undefined;
  #startedAt = 0;
  /** The server has asked to wait until then. */
  #notBefore = 0;
  /** Whether the next attempt need not wait: the server has just been there. */
  #welcomed = false;
  /** What the next attempt joins with. */
  #next: Session | undefined;
  /** A connection has been opened, and its join is under way: the only one, so that nobody is there twice. */
  #entering = false;

  constructor(host: AttemptsHost) {
    this.#host = host;
  }

  /** The next attempt needs neither wait nor open anything: it joins with this. */
  goOnWith(next: Session): void {
    this.#next = next;
    this.#welcomed = true;
  }

  /** The state has changed: attempts for which it does not ask any more end. */
  follow(state: ConnectionState): void {
    if (this.#way && !isSameWay(this.#way.state, state)) this.#stop();
    if (state.name === 'closed') this.#takeNext()?.close();
  }

  #stop(): void {
    this.#way?.abort.abort(new PlenumError('aborted', 'This attempt is no longer needed.'));
    this.#way = undefined;
  }

  /** Makes the attempt for which a state asks; its failure counts only while the state still does. */
  async begin(state: Coming): Promise<void> {
    this.#way ??= { state, abort: new AbortController() };
    const { signal } = this.#way.abort;
    try {
      await pause(this.#wait(state), signal);
      if (!this.#isAsked(state)) return;
      this.#startedAt = performance.now();
      await unlessSlow(state.name === 'resuming' ? this.#resume(signal) : this.#reach(signal), (late) => {
        // The next attempt is under way already; it would be told the same.
        if (!signal.aborted && !mayPass(toPlenumError(late))) this.#failed(late);
      });
    } catch (cause) {
      if (this.#isAsked(state)) this.#failed(cause);
    }
  }

  #isAsked(state: Coming): boolean {
    return !this.#entering && isSame(state, this.#host.state());
  }

  #failed(cause: unknown): void {
    const error = toPlenumError(cause);
    const at = performance.now();
    this.#notBefore = at + (error.retryAfterMs ?? 0);
    this.#host.dispatch({ type: 'attemptFailed', at, error });
  }

  /** Milliseconds until the next attempt. The backoff is from the beginning of one to that of the next. */
  #wait({ attempt, since }: Coming): number {
    const now = performance.now();
    const backoff = backoffMs(attempt, now - since);
    const welcomed = this.#welcomed;
    this.#welcomed = false;
    if (attempt === 0) return welcomed ? 0 : backoff;
    return Math.max(0, this.#startedAt + backoff - now, this.#notBefore - now);
  }

  async #resume(signal: AbortSignal): Promise<void> {
    const { session, token, dispatch } = this.#host;
    const broken = session();
    if (!broken) return;
    const outcome = await broken.resume({
      token: await askToken(token(), timeoutMs, signal),
      timeoutMs,
      signal,
    });
    if (signal.aborted) return;
    if (outcome === 'resumed') dispatch({ type: 'resumed' });
    if (outcome !== 'refused') return;
    // The server is there: the next visit need not wait. Who was thrown out together has come at different times already.
    this.#welcomed = true;
    dispatch({ type: 'refused', at: performance.now() });
  }

  /** Opens a connection. The join that follows is waited for as long as a request may take: it may have to queue. */
  async #reach(signal: AbortSignal): Promise<void> {
    const session = this.#takeNext() ?? (await this.#host.open(timeoutMs, signal));
    if (signal.aborted) session.close();
    else void this.#enter(session);
  }

  #takeNext(): Session | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next?.alive ? next : undefined;
  }

  async #enter(session: Session): Promise<void> {
    this.#entering = true;
    this.#stop();
    try {
      await this.#host.enter(session);
      this.#entering = false;
    } catch (cause) {
      this.#entering = false;
      const state = this.#host.state();
      // Otherwise the room was left meanwhile.
      if ('attempt' in state || state.name === 'waiting') this.#failed(cause);
    }
  }
}

/**
 * Waits for an attempt, but not for long.
 * @param late called where it fails after that
 * @throws PlenumError `timeout` where it is slow
 */
async function unlessSlow(attempt: Promise<void>, late: (error: unknown) => void): Promise<void> {
  const slow = Promise.withResolvers<never>();
  let isSlow = false;
  const timer = setTimeout(() => {
    isSlow = true;
    slow.reject(new PlenumError('timeout', 'The server did not answer in time.'));
  }, slowAfterMs());
  attempt.catch((error: unknown) => {
    if (isSlow) late(error);
  });
  await Promise.race([attempt, slow.promise]).finally(() => clearTimeout(timer));
}
