import type { Findings } from './Findings.ts';

export type SocketAnswer = { ok: true; data: unknown } | { ok: false; error: { code: string; message: string } };

/** What a handshake was refused with, by the server's own words. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Of `welcome`, as far as it is needed here. */
export interface Welcome {
  session?: string;
  resumeKey?: string;
}

/** An answer that does not come is a finding after this long. */
const answerMs = 5000;

/**
 * socket.io (protocol 5) over engine.io (protocol 4) over a WebSocket, by hand: what is sent is what the caller wrote,
 * letter by letter.
 */
export class SocketClient {
  /** Notices and answers, as they come. */
  onHeard: (heard: unknown) => void = () => undefined;
  readonly #socket: WebSocket;
  readonly #findings: Findings;
  /** What the server said of the visit that goes on over it. */
  #welcome: Welcome | undefined;
  readonly #waiting = new Map<number, { settle: (answer: SocketAnswer | undefined) => void }>();
  #lastAck = 0;

  /** Resolves when the server has said `welcome`. @throws Refused, or Error where the socket cannot be opened */
  static async connect(url: string, auth: string, findings: Findings): Promise<SocketClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const client = new SocketClient(socket, findings);
    const replied = findings.reply(() => 'the handshake');
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the handshake was not answered')), answerMs);
      const settle = (act: () => void) => {
        clearTimeout(timer);
        replied();
        act();
      };
      socket.onclose = () => settle(() => reject(new Error('the socket was closed during the handshake')));
      socket.onmessage = ({ data }) => {
        const text = String(data);
        if (text.startsWith('0')) socket.send(`40${auth}`);
        else if (text.startsWith('44')) settle(() => reject(refusalIn(text.slice(2))));
        else if (text.startsWith('42["welcome"')) {
          client.#welcome = welcomeIn(text.slice(2));
          settle(resolve);
        }
      };
    }).catch((error: unknown) => {
      socket.onclose = null;
      socket.close();
      throw error;
    });
    client.#listen();
    return client;
  }

  private constructor(socket: WebSocket, findings: Findings) {
    this.#socket = socket;
    this.#findings = findings;
  }

  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** @param event the event's name and arguments as a JSON array; resolves to undefined where the socket goes first */
  ask(event: string): Promise<SocketAnswer | undefined> {
    if (!this.open) return Promise.resolve(undefined);
    this.#lastAck += 1;
    const id = this.#lastAck;
    const replied = this.#findings.reply(() => event.slice(0, 200));
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#findings.add(`no answer came to ${event.slice(0, 200)}`);
        settle(undefined);
      }, answerMs);
      const settle = (answer: SocketAnswer | undefined) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (answer) replied();
        resolve(answer);
      };
      this.#waiting.set(id, { settle });
      this.send(`42${id}${event}`);
    });
  }

  /** A packet as it is, text or binary. */
  send(packet: string | Uint8Array<ArrayBuffer>): void {
    if (this.open) this.#socket.send(packet);
  }

  close(): void {
    this.#socket.close();
  }

  #listen(): void {
    const socket = this.#socket;
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onclose = () => {
      for (const { settle } of [...this.#waiting.values()]) settle(undefined);
    };
  }

  #receive(packet: string): void {
    if (packet === '2') {
      this.send('3');
      return;
    }
    const [, kind, id, body] = /^4([23])(\d*)(\[[\s\S]*)$/.exec(packet) ?? [];
    if (body === undefined) return;
    const parsed: unknown = JSON.parse(body);
    this.onHeard(parsed);
    if (kind !== '3' || !Array.isArray(parsed)) return;
    this.#waiting.get(Number(id))?.settle(parsed[0] as SocketAnswer);
  }
}

function welcomeIn(event: string): Welcome {
  const [, payload] = JSON.parse(event) as [string, Welcome];
  return payload;
}

function refusalIn(body: string): Refused {
  const { message, data } = JSON.parse(body) as { message: string; data?: { code?: string } };
  return new Refused(data?.code ?? 'none', message);
}
