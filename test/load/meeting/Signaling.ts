import { io, type Socket } from 'socket.io-client';
import {
  type Answer,
  type ErrorCode,
  type Notice,
  type NoticeName,
  notices,
  type ParamsInput,
  PlenumError,
  protocolVersion,
  type RequestName,
  type Result,
  requests,
} from '../../../src/protocol/index.ts';

const connectTimeoutMs = 20_000;
const requestTimeoutMs = 30_000;

/** One participant's signaling: requests with typed answers, notices by their names. */
export class Signaling {
  /** The server or the network has ended the connection; not called by `close()`. */
  onLost: (reason: string) => void = () => undefined;
  readonly welcome: Notice<'welcome'>;
  readonly #socket: Socket;
  /** Notices that came before somebody was there to hear them. */
  #held: (() => void)[] | undefined = [];
  #lastRequest = 0;
  #closed = false;

  /** @throws PlenumError with the server's code, or `disconnected` where it cannot be reached */
  static async connect(url: string, token: string): Promise<Signaling> {
    const socket = io(url, {
      auth: { token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: connectTimeoutMs,
    });
    try {
      return new Signaling(socket, await welcomeFrom(socket));
    } catch (error) {
      socket.disconnect();
      throw error;
    }
  }

  private constructor(socket: Socket, welcome: Notice<'welcome'>) {
    this.#socket = socket;
    this.welcome = welcome;
    socket.on('disconnect', (reason: string) => {
      if (this.#closed) return;
      this.#closed = true;
      this.onLost(reason);
    });
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  newRequestId(): string {
    this.#lastRequest += 1;
    return `load-${this.#lastRequest}`;
  }

  /** @throws PlenumError with the code that the server gave, or `timeout` */
  async request<N extends RequestName>(name: N, params: ParamsInput<N>): Promise<Result<N>> {
    const answer: Answer<N> = await this.#socket
      .timeout(requestTimeoutMs)
      .emitWithAck(name, params)
      .catch((error: unknown) => {
        throw new PlenumError('timeout', `the server did not answer ${name} in ${requestTimeoutMs / 1000} s`, {
          cause: error,
        });
      });
    if (!answer.ok) throw new PlenumError(answer.error.code, answer.error.message);
    // The schema's type depends on N, which TypeScript does not follow through the table.
    return requests[name].result.parse(answer.data) as Result<N>;
  }

  /** Hears a notice from `release()` on; what came before that is told then. */
  on<N extends NoticeName>(name: N, listener: (notice: Notice<N>) => void): void {
    this.#socket.on<string>(name, (payload: unknown) => {
      const tell = () => listener(notices[name].payload.parse(payload) as Notice<N>);
      if (this.#held) this.#held.push(tell);
      else tell();
    });
  }

  /** The answer to `join` has been taken in: notices may build on it. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const tell of held) tell();
  }

  /** Says goodbye, so that the others need not wait for a timeout, and closes. Idempotent. */
  async leave(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#socket.connected) {
      // A server that does not answer sees the socket close.
      await this.#socket
        .timeout(2000)
        .emitWithAck('leave', {})
        .catch(() => undefined);
    }
    this.#socket.disconnect();
  }

  close(): void {
    this.#closed = true;
    this.#socket.disconnect();
  }
}

async function welcomeFrom(socket: Socket): Promise<Notice<'welcome'>> {
  const welcome = await new Promise<unknown>((resolve, reject) => {
    const timer = setTimeout(() => reject(new PlenumError('timeout', 'the server sent no welcome')), connectTimeoutMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    socket.once('welcome', (payload: unknown) => settle(() => resolve(payload)));
    socket.once('connect_error', (error) => settle(() => reject(refusal(error))));
    socket.once('disconnect', (reason) => settle(() => reject(new PlenumError('disconnected', reason))));
  });
  const parsed = notices.welcome.payload.parse(welcome);
  if (parsed.protocolVersion !== protocolVersion) {
    throw new PlenumError(
      'other-version',
      `the server speaks version ${parsed.protocolVersion} of the protocol, this client ${protocolVersion}`,
    );
  }
  return parsed;
}

/** What the handshake was refused with, or that there is nobody. */
function refusal(error: Error & { data?: unknown; description?: unknown }): PlenumError {
  const { data } = error;
  if (typeof data === 'object' && data !== null && 'code' in data && 'message' in data) {
    return new PlenumError(data.code as ErrorCode, String(data.message), { cause: error });
  }
  return new PlenumError('disconnected', `the server cannot be reached (${error.message})`, { cause: error });
}
