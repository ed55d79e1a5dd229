import type { ClientMessageHeader, DataKind } from '../protocol/index.ts';
import { PlenumError } from '../protocol/index.ts';
import { DataLink, type DataLinkListener, type DataPipe } from './DataLink.ts';
import type { Session } from './Session.ts';

/** How long a message may wait for the data channels to open, in milliseconds. */
const openTimeoutMs = 15_000;

/** How long the visit may go on without data channels before another one is begun, in milliseconds. */
const patienceMs = 3000;

/** The data bus during one visit: its channels are being opened, open, or gone. */
export class DataVisit {
  /** What the server takes. */
  readonly limits: Session['welcome']['limits'];
  readonly #session: Session;
  readonly #listener: DataLinkListener;
  readonly #opened = Promise.withResolvers<DataLink>();
  #link: DataLink | undefined;
  #abandonTimer: ReturnType<typeof setTimeout> | undefined;
  /** Grows when the channels are to be opened anew. */
  #opening = 0;
  #closed = false;

  constructor(session: Session, listener: DataLinkListener) {
    this.#session = session;
    this.#listener = listener;
    this.limits = session.welcome.limits;
    // Whoever sends meanwhile is told of a failure; where nobody does, nothing is lost.
    this.#opened.promise.catch(() => undefined);
  }

  /** Opens the channels; also what connects both transports where no media does. */
  async open(): Promise<void> {
    if (this.#closed) return;
    const opening = this.#opening;
    const isCurrent = () => !this.#closed && opening === this.#opening;
    await this.#session.link?.openDataChannels({
      opened: (pipe) => {
        if (isCurrent()) this.#use(pipe);
      },
      received: (kind, bytes) => {
        if (isCurrent()) this.#link?.receive(kind, bytes);
      },
      closed: (error) => {
        if (isCurrent()) this.#broken(error);
      },
    });
  }

  /** The media of the visit were moved: other channels are needed, which `open()` opens. */
  interrupt(error: PlenumError): void {
    clearTimeout(this.#abandonTimer);
    this.#opening += 1;
    this.#link?.interrupt(error);
  }

  #use(pipe: DataPipe): void {
    if (this.#link) this.#link.reopen(pipe);
    else {
      this.#link = new DataLink(pipe, this.#listener);
      this.#opened.resolve(this.#link);
    }
  }

  async send(kind: DataKind, header: ClientMessageHeader, payload: Uint8Array): Promise<void> {
    const link = this.#link ?? (await this.#waitForLink());
    await link.send(kind, header, payload);
  }

  /** Resolves when what has much to send may send more. */
  async ready(): Promise<void> {
    await this.#link?.ready();
  }

  close(error: PlenumError): void {
    clearTimeout(this.#abandonTimer);
    this.#closed = true;
    this.#opened.reject(error);
    this.#link?.close(error);
  }

  /**
   * The server closes them when it ends the visit or moves its media, of which the socket tells in a moment. Where it
   * tells nothing, the channels cannot be opened again in this visit.
   */
  #broken(error: PlenumError): void {
    this.interrupt(error);
    this.#abandonTimer = setTimeout(() => this.#session.abandon(error), patienceMs);
  }

  async #waitForLink(): Promise<DataLink> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new PlenumError('timeout', 'The data channels did not open in time.'));
    }, openTimeoutMs);
    try {
      return await Promise.race([this.#opened.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
