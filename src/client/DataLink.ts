import type { ClientMessageHeader, DataKind, ServerMessageHeader } from '../protocol/index.ts';
import {
  clientFrameCodec,
  DeliveryError,
  PlenumError,
  senderWindowBytes,
  serverFrameCodec,
  takenBytes,
  takenMs,
} from '../protocol/index.ts';
import { toPlenumError } from './errors.ts';

/** Bytes of reliable messages that may wait for the window; more is refused, since the application sends too fast. */
const waitingLimit = 8 * 1024 * 1024;

/** A lossy message is dropped while more than this is still in the browser's own buffer. */
const lossyBacklog = 64 * 1024;

/** The browser's data channels to the server. */
export interface DataPipe {
  send(kind: DataKind, frame: Uint8Array<ArrayBuffer>): void;
  /** Bytes that the browser has not sent yet. */
  buffered(kind: DataKind): number;
}

export interface DataMessage {
  header: ServerMessageHeader;
  payload: Uint8Array;
  reliable: boolean;
}

export interface DataLinkListener {
  message(message: DataMessage): void;
  /** So many messages were thrown away, since this page took none for too long. */
  missed(messages: number): void;
  /** A lossy message was refused, or the server said something that cannot be read. */
  error(error: PlenumError): void;
}

interface Waiting {
  frame: Uint8Array<ArrayBuffer>;
  messageId: number;
  resolve: () => void;
  reject: (error: PlenumError) => void;
}

/** One visit's end of the data bus: keeps to the windows that src/protocol/data.ts describes. */
export class DataLink {
  /** Undefined while the server's media are being moved. */
  #pipe: DataPipe | undefined;
  readonly #listener: DataLinkListener;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  readonly #outstanding = new Map<number, Waiting>();
  #outstandingBytes = 0;
  #lastId = 0;
  #taken = 0;
  #told = 0;
  #takenTimer: ReturnType<typeof setTimeout> | undefined;
  #idle: (() => void)[] = [];
  #closed: PlenumError | undefined;

  /** Both directions are open already; the server sends nothing before it has heard so. */
  constructor(pipe: DataPipe, listener: DataLinkListener) {
    this.#pipe = pipe;
    this.#listener = listener;
    this.#sendTaken();
  }

  /**
   * Resolves when the server has passed a reliable message on, or when a lossy one has been given to the browser.
   * @throws PlenumError the server's refusal, or why the visit ended
   */
  send(kind: DataKind, header: ClientMessageHeader, payload: Uint8Array): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1;
    const messageId = this.#lastId;
    const frame = clientFrameCodec.encode('message', messageId, header, payload);
    if (kind === 'lossy') {
      if (this.#pipe && this.#pipe.buffered('lossy') <= lossyBacklog) this.#pipe.send('lossy', frame);
      return Promise.resolve();
    }
    if (this.#waiting.length > 0 && this.#waitingBytes + frame.byteLength > waitingLimit) {
      const message = 'More data waits to be sent than fits; wait for earlier messages before you send more.';
      return Promise.reject(new PlenumError('rate-limited', message));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame, messageId, resolve, reject });
      this.#waitingBytes += frame.byteLength;
      this.#flush();
    });
  }

  /** Resolves when no message waits for the window any more: for those who have much to send, and no place to keep it. */
  ready(): Promise<void> {
    if (this.#waiting.length === 0 || this.#closed) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** What has come from the server. */
  receive(kind: DataKind, bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      const frame = serverFrameCodec.parse(bytes);
      switch (frame.name) {
        case 'message':
          this.#listener.message({ header: frame.header, payload: frame.payload, reliable: kind === 'reliable' });
          // Only now, so that a page which is busy with what it got is not sent more.
          if (kind === 'reliable') this.#took(bytes.byteLength);
          return;
        case 'settled':
          for (const messageId of frame.header.messageIds) this.#settle(messageId)?.resolve();
          break;
        case 'refused':
          this.#refused(frame.header);
          break;
        case 'missed':
          this.#listener.missed(frame.header.messages);
          return;
      }
      this.#flush();
    } catch (error) {
      this.#listener.error(toPlenumError(error));
    }
  }

  /**
   * The channels have gone. What was sent and not settled may or may not have arrived, and whoever waits for it is told;
   * what was not sent waits for other channels.
   */
  interrupt(error: PlenumError): void {
    if (this.#closed) return;
    this.#pipe = undefined;
    clearTimeout(this.#takenTimer);
    this.#takenTimer = undefined;
    const underWay = [...this.#outstanding.values()];
    this.#outstanding.clear();
    this.#outstandingBytes = 0;
    for (const { reject } of underWay) reject(error);
  }

  /** There are other channels: the server hears how much was taken, and sends the rest again. */
  reopen(pipe: DataPipe): void {
    if (this.#closed) return;
    this.#pipe = pipe;
    this.#sendTaken();
    this.#flush();
  }

  /** What is under way may or may not have arrived; whoever waits for it is told. */
  close(error: PlenumError): void {
    if (this.#closed) return;
    this.#closed = error;
    clearTimeout(this.#takenTimer);
    const open = [...this.#outstanding.values(), ...this.#waiting];
    this.#outstanding.clear();
    this.#waiting = [];
    for (const { reject } of open) reject(error);
    this.#wake();
  }

  #flush(): void {
    const pipe = this.#pipe;
    if (!pipe) return;
    let sent = 0;
    for (const waiting of this.#waiting) {
      const size = waiting.frame.byteLength;
      if (this.#outstandingBytes > 0 && this.#outstandingBytes + size > senderWindowBytes) break;
      this.#outstanding.set(waiting.messageId, waiting);
      this.#outstandingBytes += size;
      this.#waitingBytes -= size;
      pipe.send('reliable', waiting.frame);
      sent += 1;
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length === 0) this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #settle(messageId: number): Waiting | undefined {
    const waiting = this.#outstanding.get(messageId);
    this.#outstanding.delete(messageId);
    this.#outstandingBytes -= waiting?.frame.byteLength ?? 0;
    return waiting;
  }

  #refused({
    messageIds,
    code,
    message,
    recipients,
    left,
  }: {
    messageIds: number[];
    code: PlenumError['code'];
    message: string;
    recipients?: string[] | undefined;
    left?: string[] | undefined;
  }): void {
    const without = [...(recipients ?? []), ...(left ?? [])];
    const error = without.length > 0 ? new DeliveryError(code, message, without, left) : new PlenumError(code, message);
    const waiting = messageIds.map((messageId) => this.#settle(messageId));
    for (const each of waiting) each?.reject(error);
    if (waiting.includes(undefined)) this.#listener.error(error);
  }

  #took(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken - this.#told >= takenBytes) this.#sendTaken();
    else this.#takenTimer ??= setTimeout(() => this.#sendTaken(), takenMs);
  }

  #sendTaken(): void {
    clearTimeout(this.#takenTimer);
    this.#takenTimer = undefined;
    if (this.#closed || !this.#pipe) return;
    this.#told = this.#taken;
    this.#pipe.send('reliable', clientFrameCodec.encode('taken', 0, { bytes: this.#taken }));
  }
}
