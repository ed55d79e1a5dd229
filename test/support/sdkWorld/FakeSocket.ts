import { EventEmitter } from 'node:events';
import type { FakeServer } from './FakeServer.ts';

/** As engine.io tells it in its handshake. */
const pingInterval = 1250;

interface SocketOptions {
  auth: { token: string; resume?: { key: string } };
}

type Ack = (answer: unknown) => void;

/** What the SDK uses of socket.io-client's socket, and of the engine under it. */
export class FakeSocket extends EventEmitter {
  readonly io: { engine: EventEmitter & { close: () => void } };
  readonly auth: SocketOptions['auth'];
  readonly openedAt = performance.now();
  connected = false;
  /** Packets of either side get nowhere, and nobody says so. */
  silent = false;
  readonly #server: FakeServer;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(server: FakeServer, { auth }: SocketOptions) {
    super();
    this.#server = server;
    this.auth = auth;
    this.io = { engine: Object.assign(new EventEmitter(), { close: () => this.#goneFromHere(false) }) };
  }

  connect(): void {
    this.#server.opening(this);
  }

  /** The server has taken it. */
  accept(): void {
    if (this.#closed) return;
    this.connected = true;
    const { engine } = this.io;
    engine.emit('packet');
    engine.emit('handshake', { pingInterval });
    this.#heartbeat = setInterval(() => {
      if (!this.silent) engine.emit('packet');
    }, pingInterval);
    super.emit('connect');
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** From the server to the client. */
  hear(event: string, ...args: unknown[]): void {
    if (this.#closed || this.silent) return;
    this.io.engine.emit('packet');
    super.emit(event, ...args);
  }

  /** From the client to the server. */
  override emit(name: string, params?: unknown, ack?: Ack): boolean {
    if (this.connected && !this.silent) this.#server.request(this, name, params, ack ?? (() => undefined));
    return true;
  }

  timeout(ms: number) {
    return {
      emitWithAck: (name: string, params: unknown) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('operation has timed out')), ms);
          this.emit(name, params, (answer) => {
            clearTimeout(timer);
            resolve(answer);
          });
        }),
    };
  }

  /** The client says goodbye. */
  disconnect(): void {
    this.#goneFromHere(true);
  }

  #goneFromHere(goodbye: boolean): void {
    if (this.#closed) return;
    const wasHeard = this.connected && !this.silent;
    this.#end();
    if (wasHeard) this.#server.gone(this, goodbye);
  }

  /** It breaks, and both sides notice. */
  break(): void {
    if (this.#closed) return;
    const wasConnected = this.connected;
    this.#end();
    this.#server.gone(this, false);
    if (wasConnected) super.emit('disconnect', 'transport close');
    else super.emit('connect_error', new Error('websocket error'));
  }

  #end(): void {
    this.#closed = true;
    this.connected = false;
    clearInterval(this.#heartbeat);
  }
}
