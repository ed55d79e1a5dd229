import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import type { Notice, NoticeName, ParamsInput, RequestName, Result, ResumePoint } from '../protocol/index.ts';
import {
  type ErrorCode,
  errorCodes,
  notices,
  PlenumError,
  protocolVersion,
  refusal,
  requests,
} from '../protocol/index.ts';
import { toPlenumError } from './errors.ts';
import { watchHeartbeat } from './heartbeat.ts';

/** One function per notice; the compiler names the one that is missing. */
export type NoticeHandlers = { [N in NoticeName]: (payload: Notice<N>) => void };

/** Who hears what comes over a connection. */
export interface ConnectionListener {
  readonly handlers: NoticeHandlers;
  readonly onLost: (error: PlenumError) => void;
  readonly onInvalid: (error: PlenumError) => void;
}

export interface ConnectionOptions {
  /** Where the server is, for example `https://meet.example.org`; a path is kept as a prefix. */
  url: string;
  token: string;
  /** To go on with a visit whose socket is gone. */
  resume?: ResumePoint;
  /** For the whole of it: TCP, TLS, WebSocket, token check, `welcome`. */
  timeoutMs: number;
  signal: AbortSignal;
  listener: ConnectionListener;
}

/** The protocol's tables, typed so that a name known only to the type parameter still gives its own shape. */
const noticeTable: { [N in NoticeName]: { payload: z.ZodType<Notice<N>> } } = notices;
const requestTable: { [N in RequestName]: { result: z.ZodType<Result<N>> } } = requests;

const codes = Object.keys(errorCodes);
const errorCode = z.custom<ErrorCode>((value) => typeof value === 'string' && codes.includes(value));
const wireError = z.object({
  code: errorCode.catch('internal'),
  message: z.string(),
  retryAfterMs: z.number().optional(),
});
const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: wireError }),
]);
const refused = z.object({ data: wireError.extend(refusal.shape) });

function errorOf({ code, message, retryAfterMs }: z.output<typeof wireError>): PlenumError {
  return new PlenumError(code, message, { retryAfterMs });
}

/** How long a request may take, in milliseconds. */
const requestTimeoutMs = 10_000;

function isNoticeName(name: string): name is NoticeName {
  return name in notices;
}

/** One socket of a visit: requests with answers, notices parsed at the edge, closed once. */
export class Connection {
  readonly #socket: Socket;
  #listener: ConnectionListener;
  /** Rejected when it is closed: a socket that is dead does not say so for a while. */
  readonly #gone = Promise.withResolvers<never>();
  #stopWatch: (() => void) | undefined;
  #maxMessageBytes = Number.POSITIVE_INFINITY;
  #closed = false;

  private constructor(socket: Socket, listener: ConnectionListener) {
    this.#socket = socket;
    this.#listener = listener;
    // Where no request waits, nothing is lost.
    this.#gone.promise.catch(() => undefined);
  }

  /**
   * Connects and waits for the server's `welcome`.
   * @throws PlenumError with the server's code where it refused, else `disconnected`, `timeout` or `aborted`.
   */
  static async open(options: ConnectionOptions): Promise<{ connection: Connection; welcome: Notice<'welcome'> }> {
    options.signal.throwIfAborted();
    const { origin, pathname } = new URL(options.url);
    const socket = io(origin, {
      path: `${pathname.replace(/\/+$/, '')}/socket.io`,
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      auth: { token: options.token, protocolVersion, ...(options.resume && { resume: options.resume }) },
      reconnection: false,
      multiplex: false,
      autoConnect: false,
      timeout: options.timeoutMs,
    });
    const connection = new Connection(socket, options.listener);
    const welcome = Promise.withResolvers<Notice<'welcome'>>();
    connection.#listen(welcome.resolve);

    const fail = (code: ErrorCode, message: string) => welcome.reject(new PlenumError(code, message));
    const timer = setTimeout(() => fail('timeout', 'The server did not answer in time.'), options.timeoutMs);
    const onAbort = () => fail('aborted', 'The room was left while connecting.');
    options.signal.addEventListener('abort', onAbort);
    const onDisconnect = () => fail('disconnected', 'The server closed the connection.');
    socket.on('disconnect', onDisconnect);
    socket.on('connect_error', (error: unknown) => {
      const { data: reason } = refused.safeParse(error);
      if (reason?.data.removed) options.listener.handlers.removed(reason.data.removed);
      if (reason) welcome.reject(errorOf(reason.data));
      else welcome.reject(new PlenumError('disconnected', 'The server cannot be reached.', { cause: error }));
    });
    try {
      socket.connect();
      connection.#stopWatch = watchHeartbeat(socket, () => connection.#lost('The server has gone silent.'));
      const first = await welcome.promise;
      if (first.protocolVersion !== protocolVersion) {
        throw new PlenumError(
          'other-version',
          `The server speaks protocol version ${first.protocolVersion}, this client version ${protocolVersion}.`,
        );
      }
      socket.off('disconnect', onDisconnect);
      socket.on('disconnect', (reason) => connection.#lost(`The connection was lost (${reason}).`));
      if (!connection.connected) throw new PlenumError('disconnected', 'The connection was lost.');
      connection.#maxMessageBytes = first.limits.maxMessageBytes;
      return { connection, welcome: first };
    } catch (error) {
      // Given up, it may have reached the server all the same, where its farewell would be that of the visit.
      if (options.resume) connection.drop();
      else connection.close();
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
    }
  }

  #listen(onWelcome: (welcome: Notice<'welcome'>) => void): void {
    const listen = <N extends NoticeName>(name: N) => {
      this.#socket.on<string>(name, (raw: unknown) => {
        const parsed = noticeTable[name].payload.safeParse(raw);
        if (!parsed.success) {
          const message = `The server sent a "${name}" that does not have the declared shape.`;
          this.#listener.onInvalid(new PlenumError('internal', message, { cause: parsed.error }));
          return;
        }
        if (!this.#closed) this.#listener.handlers[name](parsed.data);
      });
    };
    for (const name of Object.keys(notices).filter(isNoticeName)) listen(name);
    this.#socket.on('welcome', (raw: unknown) => {
      const parsed = notices.welcome.payload.safeParse(raw);
      if (parsed.success) onWelcome(parsed.data);
    });
  }

  /** Another visit goes on over it: from now on this one hears what comes. */
  pass(listener: ConnectionListener): void {
    this.#listener = listener;
  }

  #lost(message: string): void {
    if (this.#closed) return;
    this.drop();
    this.#listener.onLost(new PlenumError('disconnected', message));
  }

  get connected(): boolean {
    return !this.#closed && this.#socket.connected;
  }

  /**
   * Sends a request and waits for its answer.
   * @throws PlenumError with the server's code; `timeout` without an answer, `disconnected` where the socket is gone,
   *   `message-too-large` where the server would rather close the connection than read it
   */
  async request<N extends RequestName>(
    name: N,
    params: ParamsInput<N>,
    timeoutMs = requestTimeoutMs,
  ): Promise<Result<N>> {
    // A socket that is not connected would keep the request and send it at some later time.
    if (!this.connected) throw new PlenumError('disconnected', 'There is no connection to the server.');
    this.#checkSize(name, params);
    let raw: unknown;
    try {
      raw = await Promise.race([this.#socket.timeout(timeoutMs).emitWithAck(name, params), this.#gone.promise]);
    } catch (error) {
      if (!this.connected) throw new PlenumError('disconnected', 'The connection was lost.', { cause: error });
      throw new PlenumError('timeout', `The server did not answer "${name}" in time.`, { cause: error });
    }
    const parsed = answer.safeParse(raw);
    if (!parsed.success) throw toPlenumError(parsed.error);
    if (!parsed.data.ok) throw errorOf(parsed.data.error);
    const result = requestTable[name].result.safeParse(parsed.data.data);
    if (!result.success) throw toPlenumError(result.error);
    return result.data;
  }

  #checkSize(name: RequestName, params: object): void {
    const bytes = new TextEncoder().encode(JSON.stringify(params)).byteLength;
    if (bytes <= this.#maxMessageBytes) return;
    const message = `"${name}" has ${bytes} bytes here; the server takes ${this.#maxMessageBytes}.`;
    throw new PlenumError('message-too-large', message);
  }

  /** Sends `leave` without waiting for an answer, then closes: for a page that is about to go. */
  leaveNow(): void {
    if (this.connected) this.#socket.emit('leave', {}, () => undefined);
    this.close();
  }

  close(): void {
    if (this.#end()) this.#socket.disconnect();
  }

  /** Closes the socket without a word: the server must not take it for a farewell, the visit goes on over another. */
  drop(): void {
    if (this.#end()) this.#socket.io.engine?.close();
  }

  #end(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#stopWatch?.();
    this.#gone.reject(new PlenumError('disconnected', 'The connection was lost.'));
    return true;
  }
}
