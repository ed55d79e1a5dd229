import { type ParamsInput, PlenumError, type RequestName, type Result } from '../protocol/index.ts';
import type { Connection } from './Connection.ts';

/**
 * The way to the server during one visit, over one connection after another. What is asked while there is none waits
 * for the next; what has not been answered is asked again there, which does no harm: the server knows a request by its
 * id, and those without one may be repeated.
 */
export class Line {
  #connection: Connection | undefined;
  #next = Promise.withResolvers<Connection>();
  #ended: PlenumError | undefined;

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
    connection?.close();
  }
}
