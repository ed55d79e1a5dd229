import type { FilePart } from '../protocol/index.ts';
import { DeliveryError, PlenumError } from '../protocol/index.ts';
import { Emitter } from './Emitter.ts';
import { toPlenumError } from './errors.ts';
import { FilePass, reportBytes } from './FilePass.ts';
import type { FilePeer } from './FileTransfers.ts';
import { safeFileName } from './fileName.ts';
import {
  cancelError,
  type FileOutcome,
  type FileRecipient,
  type FileTransferEvents,
  type FileTransferState,
  hasLeft,
} from './fileStates.ts';

/** Those who accept within this time of the first one are sent the file together, in milliseconds. */
const gatherMs = 1000;

/**
 * A recipient that takes nothing for so long has failed, in milliseconds. Less than the patience of the others, who wait
 * for the next piece meanwhile.
 */
const patienceMs = 20_000;

export interface FileTransferHost {
  readonly chunkBytes: number;
  send(to: readonly string[], part: FilePart, payload?: Uint8Array): Promise<void>;
  ready(): Promise<void>;
  /** Nothing more happens with it. */
  ended(): void;
}

interface Recipient extends Writable<FileRecipient> {
  timer: ReturnType<typeof setTimeout> | undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A file on its way to others. It is read piece by piece, only as fast as its slowest recipient takes it; recipients who
 * accept at about the same time get it together.
 */
export class FileTransfer {
  readonly fileId: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Resolves when everybody is through and at least one has the file; rejects where nobody got it, or with `cancelled`. */
  readonly done: Promise<FileOutcome>;
  readonly #file: Blob;
  readonly #host: FileTransferHost;
  readonly #recipients: Recipient[];
  readonly #passes = new Set<FilePass<Recipient>>();
  readonly #events = new Emitter<FileTransferEvents>();
  readonly #outcome = Promise.withResolvers<FileOutcome>();
  #gathering: Recipient[] = [];
  #gatherTimer: ReturnType<typeof setTimeout> | undefined;
  #state: FileTransferState = 'offered';
  #sent = 0;

  /** @internal */
  constructor(file: Blob, fileId: string, names: readonly string[], host: FileTransferHost) {
    this.#file = file;
    this.#host = host;
    this.fileId = fileId;
    this.name = safeFileName(file instanceof File ? file.name : '');
    this.size = file.size;
    this.#recipients = names.map((name) => ({ name, state: 'asked', received: 0, error: undefined, timer: undefined }));
    this.done = this.#outcome.promise;
    // Whoever does not ask need not handle it.
    this.done.catch(() => undefined);
  }

  get state(): FileTransferState {
    return this.#state;
  }

  get recipients(): readonly FileRecipient[] {
    return this.#recipients;
  }

  /** Bytes that the server has passed on to those who are furthest. */
  get sent(): number {
    return this.#sent;
  }

  /** Bytes that are where they belong at all who have accepted and not failed. */
  get received(): number {
    const taking = this.#recipients.filter(({ state }) => state === 'accepted' || state === 'done');
    return taking.length === 0 ? 0 : Math.min(...taking.map(({ received }) => received));
  }

  on<K extends keyof FileTransferEvents>(event: K, listener: (...args: FileTransferEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /** Ends it for all recipients who do not have it yet. */
  cancel(): void {
    const open = this.#open;
    if (open.length === 0) return;
    this.#tell(open, { type: 'cancel', fileId: this.fileId, reason: 'cancelled' });
    this.#failAll(open, new PlenumError('cancelled', 'The transfer was cancelled.'), 'cancelled');
  }

  /** @internal */
  start(): void {
    const { type: mimeType, size } = this.#file;
    const offer = {
      type: 'offer',
      fileId: this.fileId,
      name: this.name,
      mimeType: mimeType.slice(0, 128),
      size,
    } as const;
    const names = this.#recipients.map(({ name }) => name);
    // In the next turn, so that the caller can listen first.
    Promise.resolve()
      .then(() => this.#host.send(names, offer))
      .catch((error: unknown) => this.#undelivered(toPlenumError(error), this.#recipients));
  }

  /** @internal What a recipient answers. */
  receive(from: FilePeer, part: FilePart): void {
    const recipient =
      this.#recipients.find(({ name }) => name === from.participantId) ??
      this.#recipients.find(({ name }) => name === from.identity);
    if (!recipient || recipient.state === 'done' || recipient.state === 'failed') return;
    switch (part.type) {
      case 'accept':
        if (recipient.state === 'asked') this.#accepted(recipient);
        return;
      case 'decline':
        this.#failAll([recipient], new PlenumError('declined', 'The recipient does not want the file.'), 'failed');
        return;
      case 'progress':
        if (recipient.state === 'accepted') this.#progress(recipient, part.bytes);
        return;
      case 'complete':
        if (recipient.state === 'accepted') this.#complete(recipient);
        return;
      case 'cancel':
        this.#failAll([recipient], cancelError(part.reason), 'failed');
        return;
      case 'offer':
      case 'chunk':
      case 'end':
    }
  }

  /** @internal */
  left({ participantId, identity }: FilePeer, error: PlenumError): void {
    const gone = this.#open.filter(({ name }) => name === participantId || name === identity);
    this.#failAll(gone, error, 'failed');
  }

  /** @internal */
  fail(error: PlenumError): void {
    this.#failAll(this.#open, error, 'failed');
  }

  get #open(): Recipient[] {
    return this.#recipients.filter(({ state }) => state === 'asked' || state === 'accepted');
  }

  #accepted(recipient: Recipient): void {
    recipient.state = 'accepted';
    this.#set('sending');
    this.#watch(recipient);
    this.#gathering.push(recipient);
    if (this.#recipients.some(({ state }) => state === 'asked')) {
      this.#gatherTimer ??= setTimeout(() => this.#beginPass(), gatherMs);
    } else this.#beginPass();
  }

  /** Sends the file, from its start, to those who have accepted since the last time. */
  #beginPass(): void {
    clearTimeout(this.#gatherTimer);
    this.#gatherTimer = undefined;
    const recipients = this.#gathering.splice(0).filter(({ state }) => state === 'accepted');
    if (recipients.length === 0) return;
    const { chunkBytes } = this.#host;
    const pass = new FilePass(this.#file, this.fileId, chunkBytes, recipients, {
      send: (to, part, payload) =>
        this.#host.send(
          to.map(({ name }) => name),
          part,
          payload,
        ),
      ready: () => this.#host.ready(),
      sent: (bytes) => {
        this.#sent = Math.max(this.#sent, bytes);
        this.#events.emit('progress');
      },
      undelivered: (error, to) => this.#undelivered(error, to),
    });
    this.#passes.add(pass);
    pass
      .run()
      .catch((error: unknown) => {
        // The file cannot be read any more, for example since it was changed.
        const open = recipients.filter(({ state }) => state === 'accepted');
        this.#tell(open, { type: 'cancel', fileId: this.fileId, reason: 'failed' });
        this.#failAll(open, toPlenumError(error), 'failed');
      })
      .finally(() => this.#passes.delete(pass));
  }

  #progress(recipient: Recipient, bytes: number): void {
    if (bytes <= recipient.received || bytes > this.size) return;
    recipient.received = bytes;
    this.#watch(recipient);
    for (const pass of this.#passes) pass.moved();
    this.#events.emit('progress');
  }

  #complete(recipient: Recipient): void {
    clearTimeout(recipient.timer);
    recipient.received = this.size;
    recipient.state = 'done';
    for (const pass of this.#passes) pass.moved();
    this.#events.emit('progress');
    this.#settle('failed');
  }

  /** Waits for the next sign of life, so far and no longer. */
  #watch(recipient: Recipient): void {
    clearTimeout(recipient.timer);
    recipient.timer = setTimeout(() => {
      if (this.#waitsForOthers(recipient)) return this.#watch(recipient);
      this.#tell([recipient], { type: 'cancel', fileId: this.fileId, reason: 'failed' });
      this.#failAll([recipient], new PlenumError('timeout', 'The recipient took nothing for too long.'), 'failed');
    }, patienceMs);
  }

  /** It has taken all that came; another one holds up the rest. */
  #waitsForOthers({ received }: Recipient): boolean {
    return this.#sent < this.size && received > this.#sent - reportBytes;
  }

  #undelivered(error: PlenumError, to: readonly Recipient[]): void {
    const delivery = error instanceof DeliveryError ? error : undefined;
    for (const recipient of to) {
      if (delivery && !delivery.recipients.includes(recipient.name)) continue;
      // Who has answered before has left, of which the room tells in a moment; others may never have been there.
      const left = recipient.state === 'accepted' && delivery?.left.includes(recipient.name);
      this.#failAll([recipient], left ? hasLeft(error) : error, 'failed');
    }
  }

  #failAll(recipients: readonly Recipient[], error: PlenumError, end: 'failed' | 'cancelled'): void {
    for (const recipient of recipients) {
      if (recipient.state === 'done' || recipient.state === 'failed') continue;
      clearTimeout(recipient.timer);
      recipient.state = 'failed';
      recipient.error = error;
    }
    for (const pass of this.#passes) pass.moved();
    for (const other of this.#open) if (other.state === 'accepted' && this.#waitsForOthers(other)) this.#watch(other);
    this.#settle(end);
  }

  #tell(recipients: readonly Recipient[], part: FilePart): void {
    if (recipients.length === 0) return;
    // Whether they hear of it or not: they give up by themselves when nothing comes.
    this.#host
      .send(
        recipients.map(({ name }) => name),
        part,
      )
      .catch(() => undefined);
  }

  #settle(end: 'failed' | 'cancelled'): void {
    if (this.#gathering.length > 0 && !this.#recipients.some(({ state }) => state === 'asked')) this.#beginPass();
    if (this.#open.length > 0 || this.#state === 'done' || this.#state === 'failed' || this.#state === 'cancelled')
      return;
    clearTimeout(this.#gatherTimer);
    this.#host.ended();
    const received = this.#recipients.filter(({ state }) => state === 'done');
    const failed = this.#recipients.filter(({ state }) => state === 'failed');
    const error = failed[0]?.error;
    if (error && (received.length === 0 || end === 'cancelled')) {
      this.#set(end);
      this.#outcome.reject(error);
    } else {
      this.#set('done');
      this.#outcome.resolve({ received, failed });
    }
  }

  #set(state: FileTransferState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.emit('stateChanged', state);
  }
}
