import { type ParamsInput, PlenumError, type RequestName, type Result } from '../protocol/index.ts';
import type { Connection } from './Connection.ts';
import { toPlenumError } from './errors.ts';
import { patiently } from './patience.ts';

/** They are tried again by those who make them, or not at all. */
const impatient: ReadonlySet<RequestName> = new Set(['join', 'leave']);

/**
 * The way to the server during one visit, over one connection after another. What is asked while there is none waits
 * for the next; what has not been answered is asked again there, which does no harm: the server knows a request by its
 * id, and those without one may be repeated. What the server wants later is asked later, and so is what comes after it of
 * the same name: it must not overtake.
 */
export class Line {
  #connection: Connection | undefined;
  #next = Promise.withResolvers<Connection>();
  #ended: PlenumError | undefined;
  readonly #over = new AbortController();
  /** Requests that wait since the server has refused them for the moment, or one of their name before. */
  readonly #postponed = new Map<RequestName, Promise<unknown>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    // Where nobody waits for it, nothing is lost.
    this.#next.promise.catch(() => undefined);
  }

  get connected(): boolean {
    return this.#connection?.connected ?? false;
  }

  /** Whether it goes over this connection. */
  isOver(connection: Connection): boolean {
    return this.#connection === connection;
  }

  /**
   * Sends a request and waits for its answer.
   * @param timeoutMs from the moment in which it is sent
   * @throws PlenumError with the server's code; `timeout` without an answer, `disconnected` where the visit is over.
   */
  async request<N extends RequestName>(name: N, params: ParamsInput<N>, timeoutMs?: number): Promise<Result<N>> {
    const send = () => this.#send(name, params, timeoutMs);
    if (impatient.has(name)) return send();
    if (this.#postponed.has(name)) return this.#postpone(name, send);
    try {
      return await send();
    } catch (error) {
      if (toPlenumError(error).retryAfterMs === undefined) throw error;
      return this.#postpone(name, (tries) => (tries === 0 ? Promise.reject(error) : send()));
    }
  }

  /** Behind what has been postponed of that name already. */
  #postpone<T>(name: RequestName, send: (tries: number) => Promise<T>): Promise<T> {
    const patient = () => patiently(this.#over.signal, send);
    const answer = (this.#postponed.get(name) ?? Promise.resolve()).then(patient, patient);
    this.#postponed.set(name, answer);
    const done = () => {
      if (this.#postponed.get(name) === answer) this.#postponed.delete(name);
    };
    answer.then(done, done);
    return answer;
  }

  async #send<N extends RequestName>(name: N, params: ParamsInput<N>, timeoutMs?: number): Promise<Result<N>> {
    for (;;) {
      if (this.#ended) throw this.#ended;
      const connection = this.#connection ?? (await this.#next.promise);
      try {
        return await connection.request(name, params, timeoutMs);
      } catch (error) {
        const broke = error instanceof PlenumError && error.code === 'disconnected';
        if (!broke || this.#connection === connection) throw error;
      }
    }
  }

  /** The connection is dead: it is closed, and requests wait for the next one. */
  cut(): void {
    const connection = this.#connection;
    if (!connection) return;
    this.#connection = undefined;
    connection.drop();
  }

  /** The visit goes on over this connection. */
  mend(connection: Connection): void {
    this.#connection = connection;
    const waiting = this.#next;
    this.#next = Promise.withResolvers<Connection>();
    // As in the constructor.
    this.#next.promise.catch(() => undefined);
    waiting.resolve(connection);
  }

  /** The visit is over, and its connection goes on without it. @returns the connection, where there is one */
  release(error: PlenumError): Connection | undefined {
    const connection = this.#connection;
    this.#connection = undefined;
    this.close(error);
    return connection;
  }

  /** For a page that goes away. */
  leaveNow(): void {
    this.#connection?.leaveNow();
  }

  /** The visit is over: what waits for an answer, or to be sent, fails at once. */
  close(error = new PlenumError('disconnected', 'The connection was lost.')): void {
    if (this.#ended) return;
    this.#ended = error;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#next.reject(this.#ended);
    this.#over.abort(error);
    connection?.close();
  }
}
