import { io, type Socket } from 'socket.io-client';
import type {
  Answer,
  Notice,
  NoticeName,
  ParamsInput,
  RequestName,
  Result,
  ResumePoint,
} from '../../src/protocol/index.ts';
import { fakeCapabilities, fakeDtlsParameters } from './fakeMedia.ts';
import { waitFor } from './waitFor.ts';

let lastId = 0;

export function newRequestId(): string {
  lastId += 1;
  return `r${lastId}`;
}

/** Speaks the protocol without a browser: for what has to be asserted on the wire, and for messages no SDK sends. */
export class RawClient {
  readonly socket: Socket;
  /** The room's revision in the answer to the join. */
  enteredAt = 0;
  readonly notices: { name: string; payload: unknown }[] = [];

  /** @param auth what the handshake carries besides the token */
  static async connect(url: string, token: string, auth: Record<string, unknown> = {}): Promise<RawClient> {
    const client = new RawClient(
      io(url, { auth: { token, ...auth }, transports: ['websocket'], forceNew: true, reconnection: false }),
    );
    await new Promise<void>((resolve, reject) => {
      client.socket.once('connect', resolve);
      client.socket.once('connect_error', reject);
    });
    await client.next('welcome');
    return client;
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((name: string, payload: unknown) => this.notices.push({ name, payload }));
  }

  /** The raw answer, also to names and params that no declared request has. */
  ask(
    name: string,
    ...args: unknown[]
  ): Promise<{ ok: boolean; data?: unknown; error?: { code: string; message: string } }> {
    return this.socket.timeout(5000).emitWithAck(name, ...args);
  }

  /** The result of a declared request; fails with its error code and message. */
  async request<N extends RequestName>(name: N, params: ParamsInput<N>): Promise<Result<N>> {
    const answer: Answer<N> = await this.socket.timeout(10_000).emitWithAck(name, params);
    if (!answer.ok) throw Object.assign(new Error(`${name}: ${answer.error.message}`), { code: answer.error.code });
    return answer.data;
  }

  async join(params: Partial<ParamsInput<'join'>> = {}): Promise<Result<'join'>> {
    const answer = await this.request('join', {
      requestId: newRequestId(),
      recvRtpCapabilities: fakeCapabilities(),
      dtlsParameters: fakeDtlsParameters(),
      ...params,
    });
    this.enteredAt = answer.room.revision;
    return answer;
  }

  received<N extends NoticeName>(name: N): Notice<N>[] {
    return this.notices.filter((notice) => notice.name === name).map(({ payload }) => payload as Notice<N>);
  }

  /** The first notice of that name that fits, also one that came already. */
  next<N extends NoticeName>(name: N, fits: (payload: Notice<N>) => boolean = () => true): Promise<Notice<N>> {
    return waitFor(`the notice ${name}`, () => this.received(name).find(fits));
  }

  /** What the client would tell in order to go on with this visit over another socket. */
  get point(): ResumePoint {
    const personal = this.notices.flatMap(({ payload }) => numberIn(payload, 'seq') ?? []);
    const revisions = this.notices.flatMap(({ payload }) => numberIn(payload, 'revision') ?? []);
    const { resumeKey } = this.received('welcome')[0] ?? {};
    if (resumeKey === undefined) throw new Error('the server keeps nobody');
    const chatId = this.received('chat').at(-1)?.chatId;
    return {
      key: resumeKey,
      seq: Math.max(0, ...personal),
      revision: Math.max(this.enteredAt, ...revisions),
      ...(chatId !== undefined && { chatId }),
    };
  }

  close(): void {
    this.socket.disconnect();
  }

  /** As when its network breaks: the socket is gone, and nothing was said. */
  drop(): void {
    this.socket.io.engine.close();
  }
}

function numberIn(payload: unknown, key: string): number | undefined {
  const value: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, key) : undefined;
  return typeof value === 'number' ? value : undefined;
}
