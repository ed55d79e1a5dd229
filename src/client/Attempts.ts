import { PlenumError } from '../protocol/index.ts';
import { askToken, type TokenSource } from './askToken.ts';
import { backoffMs, pause } from './backoff.ts';
import type { ConnectionEvent, ConnectionState } from './connectionState.ts';
import { toPlenumError } from './errors.ts';
import type { Session } from './Session.ts';

/** The states in which attempts are made to come back. */
export type Coming = Extract<ConnectionState, { attempt: number }>;

export interface AttemptsHost {
  state(): ConnectionState;
  /** The visit that broke. */
  session(): Session | undefined;
  token(): TokenSource;
  open(timeoutMs: number): Promise<Session>;
  /** Joins, and says so with the event `entered`. */
  enter(session: Session): Promise<void>;
  dispatch(event: ConnectionEvent): void;
  /** Aborted when the room is left. */
  readonly signal: AbortSignal;
}

/** How long one attempt may take, in milliseconds. */
const timeoutMs = 5000;
/**
 * An attempt to resume that takes longer than this is not given up, but the next one begins beside it: what was sent into
 * a dead network is sent again late and later still, long after the network is back.
 */
const slowMs = 1500;

/** Whether a state asks for an attempt for which the one before did not ask. */
export function asksForAttempt(state: ConnectionState, before: ConnectionState): state is Coming {
  return 'attempt' in state && !isSame(state, before);
}

function isSame(one: Coming, other: ConnectionState): boolean {
  return 'attempt' in other && other.name === one.name && other.since === one.since && other.attempt === one.attempt;
}

/** The attempts to come back that the state of the connection asks for, one after another. */
export class Attempts {
  readonly #host: AttemptsHost;
  /** Of the attempts to resume that are under way. */
  #resuming = new AbortController();
  #resumeStartedAt = 0;
  /** How long the server has asked to wait, in milliseconds. */
  #notBeforeMs = 0;
  /** Whether the server has answered a moment ago that there is nothing to resume. */
  #welcomed = false;

  constructor(host: AttemptsHost) {
    this.#host = host;
  }

  stopResuming(): void {
    this.#resuming.abort(new PlenumError('aborted', 'The connection is no longer being resumed.'));
    this.#resuming = new AbortController();
  }

  /** Makes the attempt for which a state asks; its failure counts only while the state still does. */
  async begin(state: Coming): Promise<void> {
    try {
      if (state.name === 'resuming') await this.#resumeOnce(state);
      else await this.#enterOnce(state);
    } catch (cause) {
      if (!this.#isAsked(state)) return;
      const error = toPlenumError(cause);
      this.#notBeforeMs = error.retryAfterMs ?? 0;
      this.#host.dispatch({ type: 'attemptFailed', at: performance.now(), error });
    }
  }

  #isAsked(state: Coming): boolean {
    return isSame(state, this.#host.state());
  }

  async #resumeOnce(state: Coming): Promise<void> {
    const { signal } = this.#resuming;
    // From the beginning of one attempt to that of the next.
    const wait = this.#wait(state);
    const passed = state.attempt === 0 ? 0 : performance.now() - this.#resumeStartedAt;
    await pause(Math.max(0, wait - passed), signal);
    const session = this.#host.session();
    if (!session || !this.#isAsked(state)) return;
    this.#resumeStartedAt = performance.now();
    const resumed = this.#resume(session, signal);
    // Where the next attempt has begun beside it, nobody waits for its failure.
    resumed.catch(() => undefined);
    const slow = Promise.withResolvers<never>();
    const late = () => slow.reject(new PlenumError('timeout', 'The server did not answer in time.'));
    const timer = setTimeout(late, slowMs);
    await Promise.race([resumed, slow.promise]).finally(() => clearTimeout(timer));
  }

  #wait({ attempt, since }: Coming): number {
    const backoff = backoffMs(attempt, performance.now() - since);
    const welcomed = this.#welcomed;
    this.#welcomed = false;
    if (attempt === 0 && welcomed) return 0;
    return attempt === 0 ? backoff : Math.max(backoff, this.#notBeforeMs);
  }

  async #resume(session: Session, signal: AbortSignal): Promise<void> {
    const { token, dispatch } = this.#host;
    const outcome = await session.resume({
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

  async #enterOnce(state: Coming): Promise<void> {
    const { open, enter, signal } = this.#host;
    await pause(this.#wait(state), signal);
    if (!this.#isAsked(state)) return;
    const session = await open(timeoutMs);
    if (this.#isAsked(state)) await enter(session);
    else session.close();
  }
}
