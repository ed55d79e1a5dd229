import { z } from 'zod';

/** An answer or event of the Janus API (its documentation: "Plain WebSockets", "VideoRoom plugin"). */
const message = z.object({
  janus: z.string(),
  transaction: z.string().optional(),
  sender: z.number().optional(),
  data: z.object({ id: z.number() }).optional(),
  error: z.object({ code: z.number(), reason: z.string() }).optional(),
  plugindata: z.object({ data: z.record(z.string(), z.unknown()) }).optional(),
  jsep: z.object({ type: z.enum(['offer', 'answer']), sdp: z.string() }).optional(),
});

export type JanusMessage = z.output<typeof message>;

export interface Jsep {
  type: 'offer' | 'answer';
  sdp: string;
}

const keepAliveMs = 20_000;

/** One session over a WebSocket; each publisher and subscriber is a handle of it. */
export class JanusSession {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, { resolve: (answer: JanusMessage) => void; reject: (error: Error) => void }>();
  #transactions = 0;
  #id = 0;
  #keepAlive: NodeJS.Timeout | undefined;

  static async open(url: string): Promise<JanusSession> {
    const socket = new WebSocket(url, 'janus-protocol');
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', () => reject(new Error(`Janus cannot be reached at ${url}`)));
    });
    const session = new JanusSession(socket);
    const { data } = await session.#request({ janus: 'create' });
    session.#id = data?.id ?? 0;
    session.#keepAlive = setInterval(() => void session.#request({ janus: 'keepalive' }), keepAliveMs);
    return session;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#received(message.parse(JSON.parse(String(data)))));
  }

  /** @returns the id of a new handle of the VideoRoom */
  async attach(): Promise<number> {
    const { data } = await this.#request({
      janus: 'attach',
      session_id: this.#id,
      plugin: 'janus.plugin.videoroom',
    });
    if (!data) throw new Error('Janus has given no handle');
    return data.id;
  }

  /** Resolves with what the plugin answers, which comes after a mere acknowledgement. */
  async tell(handle: number, body: object, jsep?: Jsep): Promise<JanusMessage> {
    const answer = await this.#request({
      janus: 'message',
      session_id: this.#id,
      handle_id: handle,
      body,
      ...(jsep && { jsep }),
    });
    const failure = answer.plugindata?.data.error;
    if (failure !== undefined) throw new Error(`Janus refused ${JSON.stringify(body)}: ${failure}`);
    return answer;
  }

  close(): void {
    clearInterval(this.#keepAlive);
    this.#socket.close();
  }

  #request(request: object): Promise<JanusMessage> {
    this.#transactions += 1;
    const transaction = String(this.#transactions);
    return new Promise((resolve, reject) => {
      this.#waiting.set(transaction, { resolve, reject });
      this.#socket.send(JSON.stringify({ session_id: this.#id || undefined, ...request, transaction }));
      if ('janus' in request && request.janus === 'keepalive') this.#waiting.delete(transaction);
    });
  }

  #received(answer: JanusMessage): void {
    // A message to the plugin is acknowledged first; its answer follows under the same transaction.
    if (answer.janus === 'ack' || answer.transaction === undefined) return;
    const waiting = this.#waiting.get(answer.transaction);
    this.#waiting.delete(answer.transaction);
    if (answer.error) waiting?.reject(new Error(`Janus: ${answer.error.reason}`));
    else waiting?.resolve(answer);
  }
}
