import {
  type Answer,
  type ParamsInput,
  PlenumError,
  type RequestName,
  type Result,
} from '../../../src/protocol/index.ts';
import { fakeCapabilities, fakeDtlsParameters } from '../../support/fakeMedia.ts';

/**
 * A client that costs next to nothing, so that a thousand of them in one process do not look like a slow server: a
 * WebSocket and just as much of socket.io's protocol as requests need (Engine.IO 4, Socket.IO 5). Notices are counted
 * and thrown away unread; of its media nothing is connected.
 */
export class LeanClient {
  /** Messages of all kinds but heartbeats, answers included. */
  messages = 0;
  /** The connection ended without `close()`. */
  onLost: (reason: string) => void = () => undefined;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve: (answer: string) => void; reject: (error: Error) => void }>();
  readonly #welcomed = Promise.withResolvers<void>();
  #lastId = 0;
  #closed = false;

  /**
   * Resolves when the server's welcome has come.
   * @param url of the server's page: http://host:port
   * @param signal gives the connection up while it is being opened
   */
  static async connect(url: string, token: string, signal?: AbortSignal): Promise<LeanClient> {
    const address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const client = new LeanClient(new WebSocket(address), token);
    const giveUp = () => client.#lost('given up');
    signal?.addEventListener('abort', giveUp, { once: true });
    await client.#welcomed.promise.finally(() => signal?.removeEventListener('abort', giveUp));
    return client;
  }

  private constructor(socket: WebSocket, token: string) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#receive(String(data), token));
    socket.addEventListener('close', ({ code, reason }) =>
      this.#lost(`the server closed the socket: ${code} ${reason}`),
    );
    socket.addEventListener('error', () => this.#lost('the connection failed'));
  }

  /** @throws Error with the server's code and message */
  async request<N extends RequestName>(name: N, params: ParamsInput<N>): Promise<Result<N>> {
    const [answer]: [Answer<N>] = JSON.parse(await this.#ask(JSON.stringify([name, params])));
    if (!answer.ok) throw new Error(`${name}: ${answer.error.code}: ${answer.error.message}`);
    return answer.data;
  }

  /**
   * Like a browser that decodes all codecs and looks at nothing. The answer is not read: a snapshot may be long.
   * @throws PlenumError with the server's code
   */
  async join(): Promise<void> {
    const answer = await this.#ask(joinRequest);
    if (answer.startsWith('[{"ok":true')) return;
    const [{ error }]: [Extract<Answer<'join'>, { ok: false }>] = JSON.parse(answer);
    throw new PlenumError(error.code, `join: ${error.code}: ${error.message}`, error);
  }

  /** The same with transports that can be connected to. @param fingerprint of the certificate, SHA-256 */
  joinWith(fingerprint: string): Promise<Result<'join'>> {
    const dtlsParameters = {
      role: 'client' as const,
      fingerprints: [{ algorithm: 'sha-256' as const, value: fingerprint }],
    };
    return this.request('join', { ...joinParams, dtlsParameters });
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  #ask(message: string): Promise<string> {
    this.#lastId += 1;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#waiting.set(this.#lastId, { resolve, reject });
    this.#socket.send(`42${this.#lastId}${message}`);
    return promise;
  }

  /** The first digit is Engine.IO's type (0 open, 2 ping, 4 message), the second Socket.IO's (2 event, 3 ack, 4 refusal). */
  #receive(packet: string, token: string): void {
    if (packet === '2') {
      this.#socket.send('3');
      return;
    }
    if (packet.startsWith('0')) {
      this.#socket.send(`40${JSON.stringify({ token })}`);
      return;
    }
    this.messages += 1;
    if (packet.startsWith('43')) this.#answered(packet);
    else if (packet.startsWith('42["welcome"')) this.#welcomed.resolve();
    else if (packet.startsWith('44')) this.#lost(`refused: ${packet.slice(2)}`);
  }

  #answered(packet: string): void {
    const from = packet.indexOf('[');
    const id = Number(packet.slice(2, from));
    this.#waiting.get(id)?.resolve(packet.slice(from));
    this.#waiting.delete(id);
  }

  #lost(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    const error = new Error(reason);
    this.#welcomed.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#socket.close();
    this.onLost(reason);
  }
}

/** The same for all, and made once: a thousand clients a minute would make it for longer than the server reads it. */
const joinParams: ParamsInput<'join'> = {
  requestId: 'join',
  recvRtpCapabilities: fakeCapabilities(),
  dtlsParameters: fakeDtlsParameters(),
  view: { videos: [] },
};
const joinRequest = JSON.stringify(['join', joinParams]);
